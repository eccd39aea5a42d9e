// Links: what lets somebody in who has no password yet, or has lost it.
//
// A link's secret is shown once, as <origin>/welcome#<secret>; the part after # never reaches a
// server by itself, so it is in no log. Using one is SignUp's.
//
// Used by the routes of invitations and users, and by app/ for the first admin. Threading: loop
// thread only. Ownership: what it refers to outlives it and its pending calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/audit_log.h"
#include "store/database.h"
#include "store/links.h"
#include "store/users.h"

namespace paddock::identity {

struct NewLink {
  std::string secret;  // shown once
  store::LinkRecord record;
};

class Links {
 public:
  static constexpr std::chrono::days kFirstAdminLifetime{7};
  static constexpr std::chrono::days kResetLifetime{2};

  Links(store::Database& database, std::string name_space, AuditLog& audit)
      : database_(database), table_(database, std::move(name_space)), audit_(audit) {}

  // All fail as store::Database::Read or Write, besides what each says.

  /// A link that makes an admin, once; those made before are not valid any more.
  [[nodiscard]] aio::Task<Result<NewLink>> MakeFirstAdmin(Deadline deadline);

  struct Invitation {
    Role role = Role::kLearner;
    std::optional<ClassId> class_id = std::nullopt;
    std::string note = {};  // NOLINT: may be left out
    std::int64_t uses = 1;
    std::chrono::days lifetime{7};
  };
  [[nodiscard]] aio::Task<Result<NewLink>> MakeInvitation(AuditContext context,
                                                          Invitation invitation,
                                                          Deadline deadline);

  /// A link by which `user` chooses a new password; those made before are not valid any more.
  [[nodiscard]] aio::Task<Result<NewLink>> MakeReset(AuditContext context,
                                                     store::UserRecord user,
                                                     Deadline deadline);

  /// Those that may still be used: into a class, or all.
  [[nodiscard]] aio::Task<Result<std::vector<store::LinkRecord>>> ListInvitations(
      std::optional<ClassId> class_id, Deadline deadline);

  /// kNotFound: there is no such invitation (into that class).
  [[nodiscard]] aio::Task<Result<void>> RevokeInvitation(AuditContext context,
                                                         LinkId link,
                                                         std::optional<ClassId> class_id,
                                                         Deadline deadline);

 private:
  [[nodiscard]] aio::Task<Result<NewLink>> Write(store::Transaction first,
                                                 AuditContext context,
                                                 NewLink link,
                                                 Deadline deadline);

  store::Database& database_;
  store::Links table_;
  AuditLog& audit_;
};

[[nodiscard]] AuditSubject SubjectOf(const store::LinkRecord& link);

}  // namespace paddock::identity
