// Classes: a teacher's groups of learners, and how one gets in and out.
//
// Used by the gateway's class routes and by whoever lets people in (sign-up by a join code, an
// invitation into a class). What somebody may do with a class is asked of policy.h here, where it
// is known whose the class is: a class that is not theirs to know of does not exist for them.
// Everything that changes is audited in the same transaction.
//
// Threading: loop thread only. Ownership: what it refers to outlives it and its pending calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/audit_log.h"
#include "identity/policy.h"
#include "identity/principal.h"
#include "identity/quotas.h"
#include "store/classes.h"
#include "store/database.h"

namespace paddock::identity {

inline constexpr std::int64_t kClassesPerTeacherMax = 200;
inline constexpr std::int64_t kMembersPerClassMax = 1000;
inline constexpr std::int64_t kClassesListedMax = 1000;

[[nodiscard]] Relation RelationTo(const store::ClassRecord& record, const UserId& user) noexcept;

class Classes {
 public:
  Classes(store::Database& database, std::string name_space, AuditLog& audit, Quotas& quotas)
      : database_(database), table_(std::move(name_space)), audit_(audit), quotas_(quotas) {}

  // All fail like store::Database::Read or Write, besides what each says.

  /// Those that `user` teaches or is in.
  [[nodiscard]] aio::Task<Result<std::vector<store::ClassRecord>>> ListMine(UserId user,
                                                                            Deadline deadline);
  [[nodiscard]] aio::Task<Result<std::vector<store::ClassRecord>>> ListAll(UserId reader,
                                                                           Deadline deadline);

  /// kNotFound; kDenied for who knows the class and may not do `action` with it.
  [[nodiscard]] aio::Task<Result<store::ClassRecord>> Find(Principal principal,
                                                           ClassId id,
                                                           Action action,
                                                           Deadline deadline);

  /// The open class that `typed` leads into. kNotFound.
  [[nodiscard]] aio::Task<Result<store::ClassRecord>> FindByCode(std::string typed,
                                                                 UserId reader,
                                                                 Deadline deadline);

  /// kExhausted: the teacher has kClassesPerTeacherMax.
  [[nodiscard]] aio::Task<Result<store::ClassRecord>> Create(AuditContext context,
                                                             std::string name,
                                                             Deadline deadline);

  /// kInvalid: a quota above the teacher's own; a new teacher who may not teach.
  [[nodiscard]] aio::Task<Result<store::ClassRecord>> Change(AuditContext context,
                                                             store::ClassRecord before,
                                                             store::ClassChange change,
                                                             Deadline deadline);
  [[nodiscard]] aio::Task<Result<store::ClassRecord>> RenewCode(AuditContext context,
                                                                store::ClassRecord before,
                                                                Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> Delete(AuditContext context,
                                               store::ClassRecord record,
                                               Deadline deadline);

  [[nodiscard]] aio::Task<Result<std::vector<store::MemberRecord>>> Members(ClassId id,
                                                                            store::PageQuery page,
                                                                            Deadline deadline);

  /// kNotFound: they are not in it.
  [[nodiscard]] aio::Task<Result<store::MemberRecord>> FindMember(ClassId id,
                                                                  UserId member,
                                                                  Deadline deadline);

  /// kNotFound: a wrong or closed code. kConflict: of one's own class. kExhausted: it is full.
  /// Whoever is in it already stays in it.
  [[nodiscard]] aio::Task<Result<store::ClassRecord>> Join(AuditContext context,
                                                           std::string typed,
                                                           Deadline deadline);

  /// What puts `member` into a class, and audits it, for a transaction that does more: that makes
  /// the account first, or uses an invitation up. Call Entered when it has succeeded.
  [[nodiscard]] store::Transaction Entry(const AuditContext& context,
                                         const store::ClassRecord& record,
                                         const UserId& member) const;
  void Entered(const UserId& member) { quotas_.Drop(member); }

  /// Leaving, when `member` is who asks. kNotFound: they are not in it.
  [[nodiscard]] aio::Task<Result<void>> RemoveMember(AuditContext context,
                                                     store::ClassRecord record,
                                                     UserId member,
                                                     Deadline deadline);

 private:
  [[nodiscard]] aio::Task<Result<std::vector<store::ClassRecord>>> Read(store::Statement statement,
                                                                        Deadline deadline);
  [[nodiscard]] aio::Task<Result<store::ClassRecord>> ReadOne(store::Statement statement,
                                                              Error otherwise,
                                                              Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> Write(store::Transaction transaction, Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> CheckChange(Principal principal,
                                                    store::ClassChange change,
                                                    Deadline deadline);

  store::Database& database_;
  store::ClassTable table_;
  AuditLog& audit_;
  Quotas& quotas_;
};

}  // namespace paddock::identity
