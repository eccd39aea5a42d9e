// ExchangeCode, FetchUserInfo: what the login asks the provider itself, without the browser.
//
// Used by Login. A refusal becomes a message for whoever signs in, or for whoever configured it.
//
// Threading: loop thread only. Ownership: the client outlives the tasks.
#pragma once

#include <string>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "oidc/claims.h"
#include "oidc/config.h"
#include "oidc/http_client.h"
#include "oidc/provider.h"

namespace paddock::oidc {

struct CodeGrant {
  std::string code;           // secret
  std::string code_verifier;  // secret
  std::string redirect_uri;
};

/// What the token endpoint gives for a code. Both are secret.
struct IssuedTokens {
  std::string id_token;
  std::string access_token;  // may be empty
};

/// Fails with kDenied (the code is used up or too old), kInternal (the provider refuses us, or its
/// answer makes no sense), kUnavailable, kDeadlineExceeded, kCancelled.
[[nodiscard]] aio::Task<Result<IssuedTokens>> ExchangeCode(OidcConfig config,
                                                           SharedMetadata metadata,
                                                           HttpClient& client,
                                                           CodeGrant grant,
                                                           Deadline deadline);

/// `claims`, completed by the provider's userinfo; as they are, if that fails: it only describes.
[[nodiscard]] aio::Task<Claims> FetchUserInfo(Claims claims,
                                              std::string role_claim,
                                              HttpRequest request,
                                              HttpClient& client,
                                              Deadline deadline);

}  // namespace paddock::oidc
