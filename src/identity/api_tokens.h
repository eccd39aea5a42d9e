// ApiTokens: personal tokens, by which programs act as their owner, as far as the scopes go.
//
// Used by the authenticator and the account's routes. Threading: loop thread only. Ownership: what
// it refers to outlives it and its pending calls.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/audit_log.h"
#include "identity/credential_cache.h"
#include "identity/principal.h"
#include "identity/scope.h"
#include "store/api_tokens.h"
#include "store/database.h"

namespace paddock::identity {

struct NewApiToken {
  std::string secret;  // shown once
  store::ApiTokenRecord record;
};

class ApiTokens {
 public:
  static constexpr std::chrono::seconds kUsedInterval{60};

  ApiTokens(store::Database& database,
            std::string name_space,
            AuditLog& audit,
            CredentialCache& cache,
            aio::TaskScope& background)
      : database_(database),
        table_(database, std::move(name_space)),
        audit_(audit),
        cache_(cache),
        background_(background) {}

  /// Whose token this is, and remembers it. Fails with kDenied and as store::Database::Read.
  [[nodiscard]] aio::Task<Result<SharedPrincipal>> LookUp(std::string secret, Deadline deadline);

  /// The newest first. Fails as store::Database::Read.
  [[nodiscard]] aio::Task<Result<std::vector<store::ApiTokenRecord>>> List(UserId user,
                                                                           Deadline deadline);

  struct Wish {
    std::string name;
    ScopeSet scopes = {};                                      // NOLINT: may be left out
    std::optional<std::chrono::days> lifetime = std::nullopt;  // absent: until it is revoked
  };
  /// A token of who asks. kConflict: they have too many. Fails as store::Database::Write.
  [[nodiscard]] aio::Task<Result<NewApiToken>> Make(AuditContext context,
                                                    Wish wish,
                                                    Deadline deadline);

  /// kNotFound: it is none of who asks. Fails as store::Database::Write.
  [[nodiscard]] aio::Task<Result<void>> Revoke(AuditContext context,
                                               ApiTokenId token,
                                               Deadline deadline);

 private:
  void NoteUsed(const store::ApiTokenRecord& token, store::SystemTime now);
  [[nodiscard]] aio::Task<void> WriteUsed(store::Transaction transaction);

  store::Database& database_;
  store::ApiTokens table_;
  AuditLog& audit_;
  CredentialCache& cache_;
  aio::TaskScope& background_;
};

}  // namespace paddock::identity
