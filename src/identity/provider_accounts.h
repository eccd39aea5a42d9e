// ProviderAccounts: the account of somebody whom a provider of identities vouches for.
//
// It is made when they come for the first time, and found by issuer and subject from then on, never
// by name or e-mail: those may change hands. Where claims are mapped to roles, the role follows
// them; the last admin stays one.
//
// Used by ProviderSignIn. Threading: loop thread only. Ownership: what it refers to outlives it and
// its pending calls.
#pragma once

#include <string>
#include <utility>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/audit_log.h"
#include "identity/credential_cache.h"
#include "identity/sessions.h"
#include "oidc/claims.h"
#include "oidc/config.h"
#include "store/database.h"
#include "store/users.h"

namespace paddock::identity {

class ProviderAccounts {
 public:
  ProviderAccounts(store::Database& database,
                   std::string name_space,
                   AuditLog& audit,
                   CredentialCache& cache,
                   oidc::OidcConfig config)
      : database_(database),
        users_(database, std::move(name_space)),
        audit_(audit),
        cache_(cache),
        config_(std::move(config)) {}

  /// The account of whom `claims` are about, brought up to date. Fails with kDenied (it is
  /// disabled) and as store::Database.
  [[nodiscard]] aio::Task<Result<store::UserRecord>> Find(oidc::Claims claims,
                                                          ClientInfo client,
                                                          Deadline deadline);

 private:
  [[nodiscard]] Role RoleOf(const oidc::Claims& claims) const;
  [[nodiscard]] aio::Task<Result<store::UserRecord>> Make(oidc::Claims claims,
                                                          ClientInfo client,
                                                          Deadline deadline);
  [[nodiscard]] aio::Task<Result<store::UserRecord>> FollowRole(store::UserRecord user,
                                                                Role role,
                                                                ClientInfo client,
                                                                Deadline deadline);

  store::Database& database_;
  store::Users users_;
  AuditLog& audit_;
  CredentialCache& cache_;
  oidc::OidcConfig config_;
};

}  // namespace paddock::identity
