#include "identity/provider_sign_in.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>

namespace paddock::identity {
namespace {

using std::chrono::steady_clock;

// What the sealed cookie carries from the start of a login to its end.
constexpr std::string_view kGuest = "guest ";
constexpr std::string_view kSession = "session ";

std::string ContextOf(const ProviderSignIn::Departure& departure) {
  if (departure.guest) {
    return std::string(kGuest) + departure.guest->value();
  }
  return departure.replaced ? std::string(kSession) + departure.replaced->value() : std::string();
}

Arrival ArrivalOf(std::string_view context, ClientInfo client) {
  Arrival arrival{.client = std::move(client)};
  if (context.starts_with(kGuest)) {
    arrival.guest = UserId(std::string(context.substr(kGuest.size())));
  } else if (context.starts_with(kSession)) {
    arrival.replaced = SessionId(std::string(context.substr(kSession.size())));
  }
  return arrival;
}

ScopeSet ScopesOf(const oidc::Claims& claims) {
  ScopeSet scopes;
  for (const std::string& name : claims.scopes) {
    if (const auto scope = ParseScope(name)) {
      scopes.Add(*scope);
    }
  }
  return scopes;
}

}  // namespace

ProviderSignIn::ProviderSignIn(const ProviderConfig& config,
                               boost::asio::any_io_executor executor,
                               ProviderAccounts accounts,
                               CredentialCache& cache,
                               Admission& admission)
    : config_(config.config),
      provider_(config_.issuer, *config.client, std::move(executor)),
      login_(config_, provider_, *config.client, config.secret),
      verifier_({.issuer = config_.issuer,
                 .audience = config_.audience,
                 .role_claim = config_.role_claim,
                 .use = oidc::TokenUse::kAccess},
                provider_),
      accounts_(std::move(accounts)),
      cache_(cache),
      admission_(admission) {}

aio::Task<Result<oidc::StartedLogin>> ProviderSignIn::Start(Departure departure,
                                                            Deadline deadline) {
  std::string context = ContextOf(departure);
  oidc::LoginRequest request{.redirect_uri = std::move(departure.redirect_uri),
                             .return_to = std::move(departure.return_to),
                             .context = std::move(context)};
  return login_.Start(std::move(request), oidc::Moment::Now(), deadline);
}

aio::Task<Result<ProviderSignIn::Finished>> ProviderSignIn::Finish(oidc::LoginCallback callback,
                                                                   std::string cookie,
                                                                   ClientInfo client,
                                                                   Deadline deadline) {
  auto login =
      co_await login_.Finish(std::move(callback), std::move(cookie), oidc::Moment::Now(), deadline);
  if (!login) {
    co_return Fail(std::move(login).error());
  }
  auto user = co_await accounts_.Find(std::move(login->claims), client, deadline);
  if (!user) {
    co_return Fail(std::move(user).error());
  }
  Arrival arrival = ArrivalOf(login->context, std::move(client));
  store::Transaction nothing_first;
  auto signed_in = co_await admission_.LetIn(std::move(nothing_first), *std::move(user),
                                             std::move(arrival), "provider", deadline);
  if (!signed_in) {
    co_return Fail(std::move(signed_in).error());
  }
  co_return Finished{.signed_in = *std::move(signed_in), .return_to = std::move(login->return_to)};
}

aio::Task<Result<SharedPrincipal>> ProviderSignIn::LookUp(std::string token,
                                                          ClientInfo client,
                                                          Deadline deadline) {
  const auto generation = cache_.generation();
  auto claims = co_await verifier_.Verify(token, oidc::Moment::Now(), deadline);
  if (!claims) {
    co_return Fail(std::move(claims).error());
  }
  auto user = co_await accounts_.Find(**claims, std::move(client), deadline);
  if (!user) {
    co_return Fail(std::move(user).error());
  }
  Principal principal{.user = user->id,
                      .role = user->role,
                      .scopes = ScopesOf(**claims),
                      .credential = CredentialKind::kProviderToken,
                      .name = NameOf(*user)};
  auto shared = std::make_shared<const Principal>(std::move(principal));
  const auto left = std::chrono::duration_cast<steady_clock::duration>(
      (*claims)->expires_at + oidc::kLeeway - std::chrono::system_clock::now());
  const auto trusted = std::min<steady_clock::duration>(left, CredentialCache::kTrustedMax);
  cache_.Remember(token, shared, steady_clock::now() + trusted, generation);
  co_return shared;
}

}  // namespace paddock::identity
