// UserDirectory: what admins do with users.
//
// Used by gateway/routes/user_routes.h. An admin can do nothing of this to themselves, and nobody
// can take the last admin away or leave a class without its teacher. Everything that changes is
// audited in the same transaction; what was remembered of the user's credentials is forgotten.
//
// Threading: loop thread only. Ownership: what it refers to outlives it and its pending calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/audit_log.h"
#include "identity/credential_cache.h"
#include "store/attempts.h"
#include "store/database.h"
#include "store/sql_history.h"
#include "store/user_directory.h"

namespace paddock::identity {

/// The absent stay as they are.
struct UserChange {
  std::optional<Role> role = std::nullopt;  // no guest
  std::optional<bool> disabled = std::nullopt;
  std::optional<std::string> display_name = std::nullopt;
};

class UserDirectory {
 public:
  UserDirectory(store::Database& database,
                std::string name_space,
                const AuditLog& audit,
                CredentialCache& cache)
      : database_(database),
        table_(name_space),
        attempts_(name_space),
        sql_history_(database, std::move(name_space)),
        audit_(audit),
        cache_(cache) {}

  // All fail like store::Database::Read or Write, besides what each says; kNotFound: no such user.

  [[nodiscard]] aio::Task<Result<std::vector<store::DirectoryEntry>>> List(
      store::DirectoryQuery query, Deadline deadline);
  [[nodiscard]] aio::Task<Result<store::DirectoryEntry>> Find(UserId id, Deadline deadline);
  [[nodiscard]] aio::Task<Result<std::int64_t>> CountAccounts(Deadline deadline);

  /// kConflict: it is oneself, the last admin, or a teacher whose classes would have none.
  /// Disabling ends every session.
  [[nodiscard]] aio::Task<Result<store::DirectoryEntry>> Change(AuditContext context,
                                                                UserId id,
                                                                UserChange change,
                                                                Deadline deadline);

  [[nodiscard]] aio::Task<Result<void>> EndSessions(AuditContext context,
                                                    UserId id,
                                                    Deadline deadline);

  /// Keeps whom it deletes from coming back while their sandboxes are destroyed: to be called
  /// before Delete. kConflict as Change.
  [[nodiscard]] aio::Task<Result<store::DirectoryEntry>> PrepareDelete(AuditContext context,
                                                                       UserId id,
                                                                       Deadline deadline);
  /// kConflict as Change.
  [[nodiscard]] aio::Task<Result<void>> Delete(AuditContext context,
                                               store::DirectoryEntry user,
                                               Deadline deadline);

 private:
  [[nodiscard]] aio::Task<Result<void>> Write(UserId subject,
                                              store::Transaction transaction,
                                              Deadline deadline);
  [[nodiscard]] store::Transaction ChangeOf(const AuditContext& context,
                                            const store::DirectoryEntry& before,
                                            const UserChange& change) const;

  store::Database& database_;
  store::UserDirectoryTable table_;
  store::AttemptTable attempts_;
  store::SqlHistory sql_history_;
  const AuditLog& audit_;
  CredentialCache& cache_;
};

}  // namespace paddock::identity
