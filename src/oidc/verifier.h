// TokenVerifier: says whose a bearer token is, or refuses it.
//
// Used by the authenticator of the API. It checks the signature by one of the provider's keys,
// then issuer, audience and times. A token whose key is not known has the keys fetched again, at
// most once in RefreshPolicy::early_interval, so that rotation needs no restart and made-up key
// ids cost the provider nothing.
//
// Threading: loop thread only. Ownership: the provider outlives it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "oidc/claims.h"
#include "oidc/jwt.h"
#include "oidc/moment.h"
#include "oidc/provider.h"
#include "oidc/verified_tokens.h"

namespace paddock::oidc {

class TokenVerifier {
 public:
  TokenVerifier(TokenRules rules, Provider& provider)
      : rules_(std::move(rules)), provider_(provider) {}

  /// The claims of a token that was verified before and still holds, without a task; nothing for
  /// any other, good or bad: ask Verify then.
  [[nodiscard]] SharedClaims Known(std::string_view token, Moment now) {
    return verified_.Find(token, now);
  }

  /// Fails with kDenied (the message says what is wrong with the token, for its sender),
  /// kUnavailable (the provider's keys cannot be had), kDeadlineExceeded, kCancelled.
  [[nodiscard]] aio::Task<Result<SharedClaims>> Verify(std::string token,
                                                       Moment now,
                                                       Deadline deadline);

 private:
  TokenRules rules_;
  Provider& provider_;
  VerifiedTokens verified_;
};

/// Verifies one token without remembering it. Fails as TokenVerifier::Verify. `provider` outlives
/// the task.
[[nodiscard]] aio::Task<Result<Claims>> VerifyToken(
    std::string token, TokenRules rules, Provider& provider, Moment now, Deadline deadline);

}  // namespace paddock::oidc
