// Authenticator: who sends a request, by which credential, and whether they send too many.
//
// The router's AuthHook. In this order: bearer token; on a WebSocket a one-time ticket, and never
// the cookie alone; else the session cookie. Where a caller is optional, a credential that is not
// valid counts as none.
//
// Threading: loop thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/router.h"
#include "gateway/routes/context.h"
#include "identity/token_cache.h"

namespace paddock::gateway {

/// Under TLS the browser itself guards the prefixed name: only this host, only over TLS.
[[nodiscard]] std::string_view SessionCookieName(bool secure) noexcept;

/// The session token that came with `request`, as bearer or cookie, unchecked.
[[nodiscard]] std::optional<std::string_view> SessionToken(const Request& request);

class Authenticator {
 public:
  explicit Authenticator(ApiContext& context) : context_(context), tokens_(context.parts.signer) {}

  /// Sets request.caller. Fails with kDenied (a credential that is not valid) and kExhausted.
  [[nodiscard]] Result<void> Check(Request& request, const Route* route);

 private:
  [[nodiscard]] Result<std::optional<Caller>> Identify(const Request& request, const Route& route);
  [[nodiscard]] Result<void> SpendAddress(Request& request);

  ApiContext& context_;
  identity::TokenCache tokens_;
};

}  // namespace paddock::gateway
