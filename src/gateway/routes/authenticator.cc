#include "gateway/routes/authenticator.h"

#include <chrono>
#include <utility>

namespace paddock::gateway {
namespace {

constexpr std::string_view kBearerPrefix = "Bearer ";

std::optional<std::string_view> BearerToken(const Request& request) {
  const auto header = request.Header("Authorization");
  if (!header || header->size() < kBearerPrefix.size() ||
      !EqualsIgnoreCase(header->substr(0, kBearerPrefix.size()), kBearerPrefix)) {
    return std::nullopt;
  }
  return header->substr(kBearerPrefix.size());
}

}  // namespace

std::string_view SessionCookieName(bool secure) noexcept {
  return secure ? "__Host-paddock_session" : "paddock_session";
}

std::optional<std::string_view> SessionToken(const Request& request) {
  const auto bearer = BearerToken(request);
  return bearer ? bearer : request.Cookie(SessionCookieName(request.secure));
}

Result<void> Authenticator::Check(Request& request, const Route* route) {
  if (route == nullptr || route->access == Access::kPublic) {
    return SpendAddress(request);
  }
  auto caller = Identify(request, *route);
  if (!caller || !*caller) {
    auto within = SpendAddress(request);
    if (!within || caller || route->access == Access::kOptional) {
      return within;
    }
    return Fail(std::move(caller).error());
  }
  request.caller = *std::move(caller);
  // The user's own limit first, and the address pays only for what that lets through: one client
  // in a loop must not shut out the class that shares its address.
  auto within = Spend(context_.user_requests, request.caller->user.value(), request);
  if (within) {
    within = SpendAddress(request);
  }
  return within;
}

Result<void> Authenticator::SpendAddress(Request& request) {
  return Spend(context_.address_requests, request.limit_key, request);
}

Result<std::optional<Caller>> Authenticator::Identify(const Request& request, const Route& route) {
  const auto bearer = BearerToken(request);
  if (!bearer && route.websocket) {
    const auto ticket = request.Query("ticket");
    if (!ticket) {
      return std::nullopt;
    }
    auto user = context_.tickets.Redeem(*ticket, request.path, request.started_at);
    if (!user) {
      return Fail(Code::kDenied, "the ticket is not valid");
    }
    return Caller{.user = std::move(user->id), .credential = Credential::kTicket};
  }
  const auto token = bearer ? bearer : request.Cookie(SessionCookieName(request.secure));
  if (!token) {
    return std::nullopt;
  }
  auto user = tokens_.Verify(*token, std::chrono::system_clock::now());
  if (!user) {
    return Fail(std::move(user).error());
  }
  return Caller{.user = std::move(user->id),
                .credential = bearer ? Credential::kBearer : Credential::kCookie};
}

}  // namespace paddock::gateway
