#include "gateway/routes/session_cookie.h"

#include <fmt/format.h>

namespace paddock::gateway {

std::string_view SessionCookieName(bool secure) noexcept {
  return secure ? "__Host-paddock_session" : "paddock_session";
}

std::string_view OwnSessionCookieName(bool secure) noexcept {
  return secure ? "__Host-paddock_own_session" : "paddock_own_session";
}

void SetSessionCookie(Response& response,
                      const Request& request,
                      std::string_view name,
                      std::string_view secret,
                      std::chrono::seconds lifetime) {
  response.Set("Set-Cookie",
               fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", name, secret,
                           lifetime.count(), request.secure ? "; Secure" : ""));
}

}  // namespace paddock::gateway
