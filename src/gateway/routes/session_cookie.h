// Session cookies: the one that says who a browser is, and the one that an admin who acts as
// somebody else goes back with.
//
// Both are HttpOnly and SameSite=Strict. Under TLS the browser itself guards the prefixed names:
// only this host, only over TLS, for every path.
//
// Threading: pure functions.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "gateway/http.h"

namespace paddock::gateway {

[[nodiscard]] std::string_view SessionCookieName(bool secure) noexcept;
/// Of the admin's own session, while another one is in the cookie above.
[[nodiscard]] std::string_view OwnSessionCookieName(bool secure) noexcept;

/// Sets the cookie `name` of `response` for `lifetime`; zero takes it back.
void SetSessionCookie(Response& response,
                      const Request& request,
                      std::string_view name,
                      std::string_view secret,
                      std::chrono::seconds lifetime);

}  // namespace paddock::gateway
