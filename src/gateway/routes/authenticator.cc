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

Result<void> Authenticator::Check(Request& request, const Route& route) {
  auto within = Spend(context_.address_requests, request.remote_address);
  if (!within) {
    return within;
  }
  auto caller = Identify(request, route);
  if (!caller) {
    if (route.access == Access::kOptional) {
      return {};
    }
    return Fail(std::move(caller).error());
  }
  request.caller = *std::move(caller);
  if (request.caller) {
    return Spend(context_.user_requests, request.caller->user.value());
  }
  return {};
}

Result<std::optional<Caller>> Authenticator::Identify(const Request& request, const Route& route) {
  const auto bearer = BearerToken(request);
  if (!bearer && route.websocket) {
    const auto ticket = request.Query("ticket");
    if (!ticket) {
      return std::nullopt;
    }
    auto user = context_.tickets.Redeem(*ticket, request.path, std::chrono::steady_clock::now());
    if (!user) {
      return Fail(Code::kDenied, "the ticket is not valid");
    }
    return Caller{.user = std::move(user->id), .credential = Credential::kTicket};
  }
  const auto token = bearer ? bearer : request.Cookie(SessionCookieName(request.secure));
  if (!token) {
    return std::nullopt;
  }
  auto session = context_.parts.signer.Verify(*token, std::chrono::system_clock::now());
  if (!session) {
    return Fail(std::move(session).error());
  }
  return Caller{.user = std::move(session->user.id),
                .credential = bearer ? Credential::kBearer : Credential::kCookie};
}

}  // namespace paddock::gateway
