// SignUp: making an account, by a link or by the join code of an open class, and what else a link
// may do: a new password, a higher role, a class for somebody who is here already.
//
// Used by the routes of links and sign-up. Threading: loop thread only. Ownership: what it refers
// to outlives it and its pending calls.
#pragma once

#include <string>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/admission.h"
#include "identity/audit_log.h"
#include "identity/classes.h"
#include "identity/credential_cache.h"
#include "identity/passwords.h"
#include "store/database.h"
#include "store/links.h"
#include "store/sessions.h"
#include "store/users.h"

namespace paddock::identity {

/// What whoever signs up chooses.
struct NewAccount {
  std::string name;
  std::string password;
  std::string display_name;  // empty: the name
};

class SignUp {
 public:
  struct Parts {
    store::Database& database;
    AuditLog& audit;
    CredentialCache& cache;
    Admission& admission;
    PasswordHasher& passwords;
    Classes& classes;
  };
  SignUp(const Parts& parts, const std::string& name_space);

  // All fail as store::Database::Read or Write, besides what each says.

  /// kNotFound: the link is not valid any more.
  [[nodiscard]] aio::Task<Result<store::LinkView>> Look(std::string secret, Deadline deadline);

  /// Makes the account that the link is for, or gives it its new password: of `account` only the
  /// password counts then, and all that was signed in before is ended. kNotFound as Look. kInvalid:
  /// a name or password that one may not choose. kConflict: the name is taken. kExhausted: the
  /// class is full, or too many people at once.
  [[nodiscard]] aio::Task<Result<SignedIn>> UseLink(std::string secret,
                                                    NewAccount account,
                                                    Arrival arrival,
                                                    Deadline deadline);

  /// Gives an invitation's role, if it is higher, and its class to who asks. kNotFound as Look;
  /// kInvalid: it is no invitation; kConflict: there is nothing in it for them.
  [[nodiscard]] aio::Task<Result<void>> Join(AuditContext context,
                                             std::string secret,
                                             Deadline deadline);

  /// Makes a learner of the class that `code` opens. kNotFound: it opens none. Else as UseLink.
  [[nodiscard]] aio::Task<Result<SignedIn>> UseCode(std::string code,
                                                    NewAccount account,
                                                    Arrival arrival,
                                                    Deadline deadline);

 private:
  /// Checked, with its password hashed. kInvalid, kExhausted.
  [[nodiscard]] aio::Task<Result<store::UserRecord>> Draft(NewAccount account, Role role);
  [[nodiscard]] aio::Task<Result<SignedIn>> UseReset(store::LinkView view,
                                                     std::string password,
                                                     Arrival arrival,
                                                     Deadline deadline);
  void AddLinkUse(store::Transaction& transaction,
                  const store::LinkRecord& link,
                  const AuditContext& context) const;
  void AddClass(store::Transaction& transaction,
                const AuditContext& context,
                const store::LinkView& view,
                const UserId& member) const;

  Parts parts_;
  store::Users users_;
  store::Sessions sessions_;
  store::Links links_;
};

}  // namespace paddock::identity
