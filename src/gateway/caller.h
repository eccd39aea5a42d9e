// Caller: who sends a request, and how their credential came along.
//
// Set by the router's AuthHook. Threading: loop thread only. Ownership: shares the principal with
// the caches that it came from.
#pragma once

#include <cstdint>

#include "identity/principal.h"

namespace paddock::gateway {

/// How the credential was sent. A cookie comes along by itself, whoever made the request.
enum class SentAs : std::uint8_t { kCookie, kBearer, kTicket };

struct Caller {
  identity::SharedPrincipal principal;  // never null
  SentAs sent_as = SentAs::kBearer;

  [[nodiscard]] const UserId& user() const noexcept { return principal->user; }
};

}  // namespace paddock::gateway
