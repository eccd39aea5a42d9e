// Login: signing in with a browser, by authorization code with PKCE, state and nonce.
//
// Used by the sign-in routes: Start() gives the address to send the browser to and a sealed text
// for a cookie (HttpOnly, SameSite=Lax, for the callback's path, kLifetime long); the provider
// sends the browser back, and Finish() turns its query and that cookie into claims. The server
// keeps nothing in between, so a restart or another server does not lose a login.
//
// Threading: loop thread only. Ownership: the provider and the client outlive it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "oidc/claims.h"
#include "oidc/config.h"
#include "oidc/http_client.h"
#include "oidc/moment.h"
#include "oidc/provider.h"
#include "oidc/sealed.h"
#include "oidc/token_exchange.h"

namespace paddock::oidc {

struct LoginRequest {
  std::string redirect_uri;  // <public-origin>/api/v1/sign-in/provider/callback
  std::string return_to;     // opaque here: where the browser goes in the end
  std::string context;  // opaque here: whatever the caller must know again, e.g. the guest's id
};

struct StartedLogin {
  std::string url;     // of the provider, for a 303
  std::string cookie;  // sealed; at most Sealer::kSealedBytesMax
};

/// The query of the callback, decoded. Empty means absent.
struct LoginCallback {
  std::string code;
  std::string state;
  std::string issuer;             // `iss`
  std::string error;              // "access_denied"
  std::string error_description;  // of the provider: never shown as our own words
};

struct FinishedLogin {
  Claims claims;  // of the id token; expires_at is the token's, not the session's
  std::string return_to;
  std::string context;
};

class Login {
 public:
  /// From the click to the return: time to type a password and look for a phone.
  static constexpr std::chrono::seconds kLifetime{600};

  /// `config` is on and has passed Validate.
  Login(OidcConfig config, Provider& provider, HttpClient& client, const Sealer::Secret& secret);

  /// Fails with kInvalid (return_to and context are too long), kUnavailable (the provider does not
  /// answer), kDeadlineExceeded, kCancelled.
  [[nodiscard]] aio::Task<Result<StartedLogin>> Start(LoginRequest request,
                                                      Moment now,
                                                      Deadline deadline);

  /// Fails with kDenied (the cookie is missing, old or not of this browser's login; the person or
  /// the provider said no; the provider's answer does not prove who it is), kUnavailable,
  /// kInternal (the provider refuses us: the configuration is wrong), kDeadlineExceeded,
  /// kCancelled. The messages say what to do, in words for whoever is signing in.
  [[nodiscard]] aio::Task<Result<FinishedLogin>> Finish(LoginCallback callback,
                                                        std::string cookie,
                                                        Moment now,
                                                        Deadline deadline);

 private:
  [[nodiscard]] aio::Task<Result<Claims>> ClaimsFor(
      CodeGrant grant, std::string nonce, SharedMetadata metadata, Moment now, Deadline deadline);
  [[nodiscard]] Result<void> CheckIdentity(const Claims& claims,
                                           const IssuedTokens& tokens,
                                           std::string_view nonce) const;

  OidcConfig config_;
  Provider& provider_;
  HttpClient& client_;
  Sealer sealer_;
};

}  // namespace paddock::oidc
