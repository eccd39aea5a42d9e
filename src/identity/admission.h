// Admission: what all ways of signing in have in common.
//
// One transaction does what the way itself needs (an account made, a link used up), opens a new
// session, ends the one that the browser had, claims what the guest in it has made, and audits it.
//
// Used by Accounts and SignUp. Threading: loop thread only. Ownership: what it refers to outlives
// it and its pending calls.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/audit_log.h"
#include "identity/credential_cache.h"
#include "identity/guest_claims.h"
#include "identity/sessions.h"
#include "store/database.h"
#include "store/users.h"

namespace paddock::identity {

/// Who comes in, as far as their browser tells.
struct Arrival {
  ClientInfo client;
  std::optional<UserId> guest = std::nullopt;        // that they were until now
  std::optional<SessionId> replaced = std::nullopt;  // the session that they had until now
};

struct SignedIn {
  NewSession session;
  store::UserRecord user;
};

/// `user`, for what they do themselves while they are let in.
[[nodiscard]] AuditContext ContextOf(const store::UserRecord& user, const ClientInfo& client);
/// As they are called in the audit log: by the name that they sign in with.
[[nodiscard]] std::string NameOf(const store::UserRecord& user);
[[nodiscard]] AuditSubject SubjectOf(const store::UserRecord& user);

class Admission {
 public:
  /// Of a sign-in that guests wait for; what is not handed over by then follows.
  static constexpr std::chrono::seconds kClaimTimeMax{10};

  Admission(store::Database& database,
            std::string name_space,
            AuditLog& audit,
            CredentialCache& cache,
            Sessions& sessions,
            GuestClaims& claims);

  /// Does `first` and lets `user` in, or neither. `how` is for the audit log: "password", "link".
  /// Fails as store::Database::Write, with the errors of `first`.
  [[nodiscard]] aio::Task<Result<SignedIn>> LetIn(store::Transaction first,
                                                  store::UserRecord user,
                                                  Arrival arrival,
                                                  std::string how,
                                                  Deadline deadline);

 private:
  [[nodiscard]] aio::Task<void> Settle(store::ClaimRecord claim);

  store::Database& database_;
  store::Users users_;
  AuditLog& audit_;
  CredentialCache& cache_;
  Sessions& sessions_;
  GuestClaims& claims_;
};

}  // namespace paddock::identity
