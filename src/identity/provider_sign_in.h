// ProviderSignIn: signing in through an OpenID Connect provider, with a browser or with its bearer
// tokens.
//
// Used by the authenticator and the sign-in routes, when a provider is configured. Threading: loop
// thread only. Ownership: what it refers to outlives it and its pending calls; await Close.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/admission.h"
#include "identity/credential_cache.h"
#include "identity/principal.h"
#include "identity/provider_accounts.h"
#include "oidc/config.h"
#include "oidc/http_client.h"
#include "oidc/login.h"
#include "oidc/provider.h"
#include "oidc/sealed.h"
#include "oidc/verifier.h"

namespace paddock::identity {

struct ProviderConfig {
  oidc::OidcConfig config;  // on, and valid
  oidc::HttpClient* client = nullptr;
  oidc::Sealer::Secret secret = {};
};

class ProviderSignIn {
 public:
  ProviderSignIn(const ProviderConfig& config,
                 boost::asio::any_io_executor executor,
                 ProviderAccounts accounts,
                 CredentialCache& cache,
                 Admission& admission);

  /// For the button.
  [[nodiscard]] std::string display_name() const { return oidc::DisplayNameOf(config_); }
  [[nodiscard]] bool accepts_tokens() const noexcept { return oidc::AcceptsBearerTokens(config_); }

  struct Departure {
    std::string redirect_uri;
    std::string return_to;
    std::optional<UserId> guest = std::nullopt;        // as Arrival has them: a cookie that is for
    std::optional<SessionId> replaced = std::nullopt;  // our own pages does not come back with them
  };
  /// Where to send the browser, and what it must keep. Fails as oidc::Login::Start.
  [[nodiscard]] aio::Task<Result<oidc::StartedLogin>> Start(Departure departure, Deadline deadline);

  struct Finished {
    SignedIn signed_in;
    std::string return_to;
  };
  /// Fails as oidc::Login::Finish, ProviderAccounts::Find and Admission::LetIn.
  [[nodiscard]] aio::Task<Result<Finished>> Finish(oidc::LoginCallback callback,
                                                   std::string cookie,
                                                   ClientInfo client,
                                                   Deadline deadline);

  /// Whose bearer token this is, and remembers it. Fails as oidc::TokenVerifier::Verify and
  /// ProviderAccounts::Find.
  [[nodiscard]] aio::Task<Result<SharedPrincipal>> LookUp(std::string token,
                                                          ClientInfo client,
                                                          Deadline deadline);

  [[nodiscard]] aio::Task<void> Close() { return provider_.Close(); }

 private:
  oidc::OidcConfig config_;
  oidc::Provider provider_;
  oidc::Login login_;
  oidc::TokenVerifier verifier_;
  ProviderAccounts accounts_;
  CredentialCache& cache_;
  Admission& admission_;
};

}  // namespace paddock::identity
