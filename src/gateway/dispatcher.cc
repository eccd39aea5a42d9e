#include "gateway/dispatcher.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "gateway/target.h"
#include "gateway/websocket_handshake.h"

namespace paddock::gateway {
namespace {

Response NotAllowed(const Request& request, const std::vector<Method>& allowed) {
  std::string names = "OPTIONS";
  for (const Method method : allowed) {
    names += fmt::format(", {}{}", Name(method), method == Method::kGet ? ", HEAD" : "");
  }
  Response response = request.method == Method::kOptions
                          ? NoContent()
                          : StatusResponse(request, 405, "This method is not allowed here.");
  response.Set("Allow", std::move(names));
  return response;
}

Response Unauthenticated(const Request& request, std::string_view message) {
  Response response = StatusResponse(request, 401, message);
  response.Set("WWW-Authenticate", "Bearer");
  return response;
}

std::optional<Response> CheckCaller(const Request& request, const Route& route) {
  if (!request.caller) {
    if (route.access == Access::kUser) {
      return Unauthenticated(request, "Please start a session first.");
    }
    return std::nullopt;
  }
  const bool acts = IsStateChanging(request.method) || route.websocket;
  const bool by_cookie_alone = request.caller->credential == Credential::kCookie;
  // A page's own requests carry Origin whenever they change something; only old or forged ones
  // come without. WebSockets are never opened by cookie alone, whatever the Origin.
  if (acts && by_cookie_alone && (route.websocket || !request.Header("Origin"))) {
    return StatusResponse(
        request, 403, route.websocket ? "A ticket is needed." : "The Origin header is missing.");
  }
  return std::nullopt;
}

/// Refuses a body that the route cannot take, before a byte of it is read.
std::optional<Response> CheckBody(const Request& request, const Route& route, BodyReader& body) {
  if (!body.has_body()) {
    return std::nullopt;
  }
  if (route.body == BodyKind::kNone) {
    return StatusResponse(request, 400, "No body is expected here.");
  }
  body.SetLimit(route.body_max.count);
  if (request.body_size.value_or(0) > route.body_max.count) {
    return StatusResponse(request, 413,
                          fmt::format("The body may have at most {} bytes.", route.body_max.count));
  }
  return std::nullopt;
}

std::string_view BodyFailureMessage(int status) noexcept {
  switch (status) {
    case 408: return "The body came too slowly.";
    case 413: return "The body is too large.";
    default: return "The body is malformed.";
  }
}

aio::Task<Response> RunRoute(const Router& router,
                             const Route& route,
                             Request& request,
                             BodyReader& body) {
  if (route.access != Access::kPublic && router.auth_hook()) {
    auto allowed = co_await router.auth_hook()(request, route);
    if (!allowed && allowed.error().code == Code::kDenied) {
      co_return Unauthenticated(request, allowed.error().message);
    }
    if (!allowed) {
      co_return ErrorResponse(request, allowed.error());
    }
  }
  if (auto refusal = CheckCaller(request, route)) {
    co_return *std::move(refusal);
  }
  if (auto refusal = CheckBody(request, route, body)) {
    co_return *std::move(refusal);
  }
  request.deadline = Deadline::After(route.time_max);
  if (route.body == BodyKind::kBuffered && body.has_body()) {
    auto bytes = co_await body.ReadAll();
    if (!bytes && body.failure_status() == 0) {
      co_return ErrorResponse(request, bytes.error());  // the peer is gone
    }
    if (bytes) {
      request.body = *std::move(bytes);
    }
  } else if (route.body == BodyKind::kStreamed) {
    request.body_source = &body;
  }
  if (body.failure_status() != 0) {
    co_return StatusResponse(request, body.failure_status(),
                             BodyFailureMessage(body.failure_status()));
  }
  Response response = co_await route.handler(request);
  // The handler of an upload knows only that reading failed; the client learns why.
  if (body.failure_status() != 0) {
    co_return StatusResponse(request, body.failure_status(),
                             BodyFailureMessage(body.failure_status()));
  }
  co_return response;
}

}  // namespace

bool IsForeignOrigin(const Request& request) noexcept {
  const auto origin = request.Header("Origin");
  return origin.has_value() && (!request.host_is_ours || *origin != request.origin);
}

aio::Task<Response> Dispatch(const Router& router,
                             Request& request,
                             BodyReader& body,
                             const RequestHead& head) {
  auto target = DecodeTarget(request.target);
  if (!target) {
    co_return ErrorResponse(request, target.error());
  }
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  auto match = router.Find(request.method, request.path);
  if (match.route == nullptr && !match.allowed.empty()) {
    co_return NotAllowed(request, match.allowed);
  }
  const bool acts =
      IsStateChanging(request.method) || (match.route != nullptr && match.route->websocket);
  if (acts && IsForeignOrigin(request)) {
    co_return StatusResponse(
        request, 403,
        "Requests from other sites are not allowed; a server with a name of its own needs "
        "--public-origin.");
  }
  if (match.route == nullptr) {
    if (request.method != Method::kGet && request.method != Method::kHead) {
      co_return StatusResponse(request, 404, "There is nothing here.");
    }
    Response page = co_await router.fallback()(request);
    co_return page;
  }
  request.route = match.route->pattern;
  request.parameters = std::move(match.parameters);
  if (match.route->websocket) {
    // Before the handler, which may use up a one-time ticket.
    if (auto refusal = CheckUpgrade(request, head)) {
      co_return *std::move(refusal);
    }
  }
  Response response = co_await RunRoute(router, *match.route, request, body);
  co_return response;
}

}  // namespace paddock::gateway
