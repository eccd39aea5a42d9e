// Router: from method and path to a route with its limits and its handler.
//
// Filled once at start (gateway/routes/*), then read by every connection. A pattern is made of
// exact segments and {name} parameters: "/api/v1/sandboxes/{id}/files". An exact segment wins over
// a parameter. HEAD is served by GET's route. Threading: loop thread only.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/units.h"
#include "gateway/http.h"
#include "identity/policy.h"

namespace paddock::gateway {

enum class BodyKind : std::uint8_t {
  kNone,      // a body is refused with 400
  kBuffered,  // read in full before the handler runs: Request::body
  kStreamed,  // read by the handler: Request::body_source
};

enum class Access : std::uint8_t {
  kPublic,    // the hook looks for nobody
  kOptional,  // the hook is asked, and finding nobody is fine
  kUser,      // the hook must find a caller, else 401
};

struct Route {
  Method method = Method::kGet;
  std::string pattern;
  // NOLINTBEGIN(readability-redundant-member-init): each may be left out
  Handler handler = {};
  InstantHandler answer = {};  // instead of `handler`, for what waits for nothing
  // NOLINTEND(readability-redundant-member-init)
  Access access = Access::kUser;
  /// What the caller must be allowed to do at all; a route with Access::kUser under /api has one,
  /// and it alone.
  // NOLINTNEXTLINE(readability-redundant-member-init): the pages have none
  std::optional<identity::Action> action = {};
  BodyKind body = BodyKind::kNone;
  Bytes body_max = 64_KiB;
  std::chrono::milliseconds time_max{30'000};  // then the handler is cancelled and 504 sent
  /// Asked before the body is read; what it returns is kept until the handler is through.
  // NOLINTNEXTLINE(readability-redundant-member-init): may be left out
  std::function<Result<std::shared_ptr<void>>(Request& request)> admit = {};
  bool websocket = false;  // Origin is checked although it is a GET; no time_max once upgraded
};

/// Finds the caller: sets request.caller, or leaves it empty when no credential was sent. A bad,
/// foreign or expired credential fails with kDenied (401 is sent). Also the place for rate limits:
/// kExhausted becomes 429 with Retry-After. Asked for every request, once; `route` is null for the
/// pages and for what does not exist. It waits for nothing: kLookUp leaves the rest to AuthLookUp.
enum class AuthStep : std::uint8_t { kDone, kLookUp };
using AuthHook = std::function<Result<AuthStep>(Request& request, const Route* route)>;
/// Goes on where the hook needs something that is not in memory. `request` and `route` outlive it.
using AuthLookUp = std::function<aio::Task<Result<void>>(Request& request, const Route& route)>;

class Router {
 public:
  Router();
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Two routes with one method and pattern, or parameters of two names in one place, are a bug,
  /// and so is a route of the API for which nothing says what its caller must be allowed to do.
  void Add(Route route);
  /// Answers GET and HEAD where no pattern matches: the pages. Default: 404.
  void SetFallback(InstantHandler answer) { fallback_ = std::move(answer); }
  void SetAuthHook(AuthHook hook, AuthLookUp look_up = nullptr) {
    auth_hook_ = std::move(hook);
    auth_look_up_ = std::move(look_up);
  }

  using Parameters = std::vector<std::pair<std::string_view, std::string_view>>;
  struct Match {
    const Route* route = nullptr;
    // NOLINTBEGIN(readability-redundant-member-init): each may be left out
    std::vector<Method> allowed = {};  // when the path matched and the method did not
    Parameters parameters = {};        // views into the path
    // NOLINTEND(readability-redundant-member-init)
  };
  /// `path` is decoded and starts with '/'. `reused` gives its memory.
  [[nodiscard]] Match Find(Method method, std::string_view path, Parameters reused = {}) const;

  [[nodiscard]] const std::vector<std::unique_ptr<Route>>& routes() const noexcept {
    return routes_;
  }
  [[nodiscard]] const InstantHandler& fallback() const noexcept { return fallback_; }
  [[nodiscard]] const AuthHook& auth_hook() const noexcept { return auth_hook_; }
  [[nodiscard]] const AuthLookUp& auth_look_up() const noexcept { return auth_look_up_; }

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Route>> routes_;
  InstantHandler fallback_;
  AuthHook auth_hook_;
  AuthLookUp auth_look_up_;
};

}  // namespace paddock::gateway
