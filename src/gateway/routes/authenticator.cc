#include "gateway/routes/authenticator.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "gateway/routes/people_forms.h"
#include "gateway/routes/session_cookie.h"
#include "identity/secret_text.h"
#include "oidc/jwt.h"

namespace paddock::gateway {
namespace {

constexpr std::string_view kBearerPrefix = "Bearer ";
constexpr std::chrono::seconds kLookUpTimeMax{10};

std::optional<std::string_view> BearerToken(const Request& request) {
  const auto header = request.Header("Authorization");
  if (!header || header->size() < kBearerPrefix.size() ||
      !EqualsIgnoreCase(header->substr(0, kBearerPrefix.size()), kBearerPrefix)) {
    return std::nullopt;
  }
  return header->substr(kBearerPrefix.size());
}

Result<AuthStep> Done(Result<void> outcome) {
  if (!outcome) {
    return Fail(std::move(outcome).error());
  }
  return AuthStep::kDone;
}

}  // namespace

std::optional<std::string_view> SessionToken(const Request& request) {
  const auto bearer = BearerToken(request);
  return bearer ? bearer : request.Cookie(SessionCookieName(request.secure));
}

Result<AuthStep> Authenticator::Check(Request& request, const Route* route) {
  if (route == nullptr || route->access == Access::kPublic) {
    return Done(SpendAddress(request));
  }
  auto found = Identify(request, *route);
  if (found && found->look_up) {
    auto within = SpendAddress(request);
    return within ? AuthStep::kLookUp : Done(std::move(within));
  }
  if (!found || !found->caller) {
    auto within = SpendAddress(request);
    if (!within || found || route->access == Access::kOptional) {
      return Done(std::move(within));
    }
    return Fail(std::move(found).error());
  }
  request.caller = std::move(found->caller);
  // The user's own limit first, and the address pays only for what that lets through: one client
  // in a loop must not shut out the class that shares its address.
  auto within = SpendUser(request);
  if (within) {
    within = SpendAddress(request);
  }
  return Done(std::move(within));
}

aio::Task<Result<void>> Authenticator::LookUp(Request& request, const Route& route) {
  const auto sent = Credential(request);
  PADDOCK_CHECK(sent.has_value());
  const auto deadline =
      Deadline::At(std::min(request.deadline.when(), Deadline::After(kLookUpTimeMax).when()));
  auto principal = co_await Ask(request, *sent, deadline);
  if (!principal && principal.error().code == Code::kDenied && route.access == Access::kOptional) {
    co_return Result<void>();
  }
  if (!principal) {
    co_return Fail(std::move(principal).error());
  }
  request.caller = Caller{.principal = *std::move(principal), .sent_as = sent->as};
  co_return SpendUser(request);  // the address has paid already
}

std::optional<Authenticator::Sent> Authenticator::Credential(const Request& request) {
  if (const auto bearer = BearerToken(request)) {
    return Sent{.secret = *bearer, .as = SentAs::kBearer};
  }
  if (const auto cookie = request.Cookie(SessionCookieName(request.secure))) {
    return Sent{.secret = *cookie, .as = SentAs::kCookie};
  }
  return std::nullopt;
}

Result<Authenticator::Found> Authenticator::Identify(const Request& request, const Route& route) {
  if (route.websocket && !BearerToken(request)) {
    return IdentifyTicket(request);
  }
  const auto sent = Credential(request);
  if (!sent) {
    return Found{};
  }
  // A session is for browsers, and a token for programs: neither is taken for the other, so that a
  // page cannot plant a token as a cookie, and a session's secret is good nowhere but in its
  // cookie.
  const bool is_session = identity::IsSecretText(sent->secret, identity::kSessionPrefix);
  const bool is_token = identity::IsSecretText(sent->secret, identity::kApiTokenPrefix) ||
                        IsProviderToken(sent->secret);
  if (!is_session && !is_token) {
    return IdentifyGuest(*sent);
  }
  if (is_session != (sent->as == SentAs::kCookie)) {
    return Fail(Code::kDenied, "This credential is not sent this way.");
  }
  auto known = context_.parts.identity.credentials.Find(sent->secret, request.started_at);
  if (known == nullptr) {
    return Found{.look_up = true};
  }
  return Found{.caller = Caller{.principal = std::move(known), .sent_as = sent->as}};
}

Result<Authenticator::Found> Authenticator::IdentifyTicket(const Request& request) {
  const auto ticket = request.Query("ticket");
  if (!ticket) {
    return Found{};
  }
  auto holder = context_.tickets.Redeem(*ticket, request.path, request.started_at);
  if (holder == nullptr) {
    return Fail(Code::kDenied, "the ticket is not valid");
  }
  return Found{.caller = Caller{.principal = std::move(holder), .sent_as = SentAs::kTicket}};
}

Result<Authenticator::Found> Authenticator::IdentifyGuest(const Sent& sent) {
  auto guest = tokens_.Verify(sent.secret, std::chrono::system_clock::now());
  if (!guest) {
    return Fail(std::move(guest).error());
  }
  if (!context_.config.guests) {
    return Fail(Code::kDenied, "Please sign in.");
  }
  return Found{.caller = Caller{.principal = *std::move(guest), .sent_as = sent.as}};
}

aio::Task<Result<identity::SharedPrincipal>> Authenticator::Ask(const Request& request,
                                                                Sent sent,
                                                                Deadline deadline) {
  std::string secret(sent.secret);
  identity::Services& people = context_.parts.identity;
  if (sent.as == SentAs::kCookie) {
    return people.sessions.LookUp(std::move(secret), deadline);
  }
  if (IsProviderToken(secret)) {
    return people.provider->LookUp(std::move(secret), ClientOf(request), deadline);
  }
  return people.api_tokens.LookUp(std::move(secret), deadline);
}

bool Authenticator::IsProviderToken(std::string_view secret) const {
  const identity::ProviderSignIn* provider = context_.parts.identity.provider.get();
  return provider != nullptr && provider->accepts_tokens() && oidc::LooksLikeJwt(secret);
}

Result<void> Authenticator::SpendUser(Request& request) {
  return Spend(context_.user_requests, request.caller->user().value(), request);
}

Result<void> Authenticator::SpendAddress(Request& request) {
  return Spend(context_.address_requests, request.limit_key, request);
}

}  // namespace paddock::gateway
