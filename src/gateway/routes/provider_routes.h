// ProviderRoutes: /api/v1/sign-in/provider: signing in through an OpenID Connect provider.
//
// The browser is sent to the provider and comes back to the callback, a navigation from another
// site: so the cookie of a login under way is SameSite=Lax, sealed, short-lived and for this path
// only, while that of the session is not sent and not needed. What goes wrong there is shown by our
// own page, by one of a few codes and never in the provider's words.
#pragma once

#include <string>
#include <string_view>

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

/// Whether a browser may be sent to `path` in the end: a path of ours, and nothing that a browser
/// could take for another site.
[[nodiscard]] bool IsLocalPath(std::string_view path) noexcept;

class ProviderRoutes {
 public:
  explicit ProviderRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Start(Request& request) const;
  [[nodiscard]] aio::Task<Response> Finish(Request& request) const;

  ApiContext& context_;
};

}  // namespace paddock::gateway
