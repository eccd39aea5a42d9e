// Accounts: signing in with a name and a password, and what people do with their own account.
//
// Nothing here tells who is here: a name that nobody has, a password that is wrong, an account
// without a password and a disabled one get the same words after the same work.
//
// Used by the routes of sign-in and account. Threading: loop thread only. Ownership: what it refers
// to outlives it and its pending calls.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/admission.h"
#include "identity/audit_log.h"
#include "identity/credential_cache.h"
#include "identity/passwords.h"
#include "identity/sign_in_limits.h"
#include "store/attempts.h"
#include "store/database.h"
#include "store/sql_history.h"
#include "store/users.h"

namespace paddock::identity {

struct PasswordLogin {
  std::string name;
  std::string password;
  std::string limit_key;  // what the limits of an address count the client by
};

class Accounts {
 public:
  Accounts(store::Database& database,
           std::string name_space,
           AuditLog& audit,
           CredentialCache& cache,
           Admission& admission,
           PasswordHasher& passwords,
           aio::TaskScope& background);

  // All fail as store::Database::Read or Write, besides what each says.

  /// kDenied: the name or the password is wrong. kExhausted: too many guesses, or too many people
  /// at once; `retry_after` says for how long in the first case and outlives the task.
  [[nodiscard]] aio::Task<Result<SignedIn>> SignIn(
      PasswordLogin login,
      Arrival arrival,
      std::optional<std::chrono::milliseconds>& retry_after,
      Deadline deadline);

  /// Whether somebody runs this server; else the first admin is yet to come, by a link.
  [[nodiscard]] aio::Task<Result<bool>> HasAdmin(Deadline deadline);

  /// kNotFound.
  [[nodiscard]] aio::Task<Result<store::UserRecord>> Find(UserId user, Deadline deadline);

  /// kInvalid: a field is not as names.h wants it.
  [[nodiscard]] aio::Task<Result<store::UserRecord>> SetProfile(AuditContext context,
                                                                store::Profile profile,
                                                                Deadline deadline);

  struct PasswordChange {
    std::optional<std::string> current;  // needed where there is a password
    std::string wanted;
    std::string limit_key;
  };
  /// Ends all other sessions. kDenied: `current` is wrong. kInvalid: `wanted` is too weak, or there
  /// is no name to sign in with. kExhausted as SignIn.
  [[nodiscard]] aio::Task<Result<void>> SetPassword(
      AuditContext context,
      PasswordChange change,
      std::optional<std::chrono::milliseconds>& retry_after,
      Deadline deadline);

  /// Deletes one's own account. kDenied: the password is wrong. kConflict: the last admin, or
  /// somebody with classes. What else they have is the caller's to delete.
  [[nodiscard]] aio::Task<Result<void>> Delete(
      AuditContext context,
      PasswordLogin login,  // the name does not matter
      std::optional<std::chrono::milliseconds>& retry_after,
      Deadline deadline);

 private:
  void NoteRefusal(const store::UserRecord& user, const ClientInfo& client);
  /// Whether `password` is the user's; `user` is null when there is none of that name.
  [[nodiscard]] aio::Task<Result<bool>> Check(std::string password, const store::UserRecord* user);
  [[nodiscard]] aio::Task<Result<void>> CheckCurrent(
      store::UserRecord user,
      std::string password,
      std::string limit_key,
      std::optional<std::chrono::milliseconds>& retry_after);

  store::Database& database_;
  store::Users users_;
  store::Sessions sessions_;
  store::AttemptTable attempts_;
  store::SqlHistory sql_history_;
  AuditLog& audit_;
  CredentialCache& cache_;
  Admission& admission_;
  PasswordHasher& passwords_;
  aio::TaskScope& background_;
  SignInLimits limits_;
};

}  // namespace paddock::identity
