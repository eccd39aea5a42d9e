// Authenticator: who sends a request, by which credential, and whether they send too many.
//
// The router's AuthHook. In this order: bearer token; on a WebSocket a one-time ticket, and never
// the cookie alone; else the session cookie. Where a caller is optional, a credential that is not
// valid counts as none. What proves itself (a guest's token, a ticket) and what was looked up a
// moment ago is known at once; the rest is asked of the store.
//
// Threading: loop thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "gateway/router.h"
#include "gateway/routes/context.h"
#include "identity/token_cache.h"

namespace paddock::gateway {

/// The session token that came with `request`, as bearer or cookie, unchecked.
[[nodiscard]] std::optional<std::string_view> SessionToken(const Request& request);

class Authenticator {
 public:
  explicit Authenticator(ApiContext& context) : context_(context), tokens_(context.parts.signer) {}

  /// Sets request.caller. Fails with kDenied (a credential that is not valid) and kExhausted.
  [[nodiscard]] Result<AuthStep> Check(Request& request, const Route* route);
  /// The rest, after AuthStep::kLookUp. Fails as Check and as store::Database::Read. Both outlive
  /// the task.
  [[nodiscard]] aio::Task<Result<void>> LookUp(Request& request, const Route& route);

 private:
  /// What came along: by itself, or sent on purpose.
  struct Sent {
    std::string_view secret;
    SentAs as = SentAs::kBearer;
  };
  /// Somebody, or nobody yet: then they must be looked up.
  struct Found {
    std::optional<Caller> caller = std::nullopt;
    bool look_up = false;
  };
  [[nodiscard]] static std::optional<Sent> Credential(const Request& request);
  [[nodiscard]] Result<Found> Identify(const Request& request, const Route& route);
  [[nodiscard]] Result<Found> IdentifyTicket(const Request& request);
  [[nodiscard]] Result<Found> IdentifyGuest(const Sent& sent);
  [[nodiscard]] aio::Task<Result<identity::SharedPrincipal>> Ask(const Request& request,
                                                                 Sent sent,
                                                                 Deadline deadline);
  [[nodiscard]] bool IsProviderToken(std::string_view secret) const;
  [[nodiscard]] Result<void> SpendUser(Request& request);
  [[nodiscard]] Result<void> SpendAddress(Request& request);

  ApiContext& context_;
  identity::TokenCache tokens_;
};

}  // namespace paddock::gateway
