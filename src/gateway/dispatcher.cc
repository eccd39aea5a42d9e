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
  const bool by_cookie_alone = request.caller->sent_as == SentAs::kCookie;
  // A page's own requests carry Origin whenever they change something; only old or forged ones
  // come without. WebSockets are never opened by cookie alone, whatever the Origin.
  if (acts && by_cookie_alone && (route.websocket || !request.Header("Origin"))) {
    return StatusResponse(
        request, 403, route.websocket ? "A ticket is needed." : "The Origin header is missing.");
  }
  if (route.action) {
    auto allowed = identity::CheckAtAll(*request.caller->principal, *route.action);
    if (!allowed) {
      return ErrorResponse(request, allowed.error());
    }
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
    case 503: return "Too many requests are being read. Please try again.";
    default: return "The body is malformed.";
  }
}

std::optional<Response> BodyFailure(const Request& request, const BodyReader& body) {
  if (body.failure_status() == 0) {
    return std::nullopt;
  }
  return StatusResponse(request, body.failure_status(), BodyFailureMessage(body.failure_status()));
}

Response AuthFailure(const Request& request, const Error& error) {
  return error.code == Code::kDenied ? Unauthenticated(request, error.message)
                                     : ErrorResponse(request, error);
}

/// Limits, and who is calling: asked once for every request, whatever it names.
std::optional<Response> CheckAuth(const Router& router,
                                  Request& request,
                                  const Route* route,
                                  bool& look_up) {
  if (!router.auth_hook()) {
    return std::nullopt;
  }
  auto step = router.auth_hook()(request, route);
  if (!step) {
    return AuthFailure(request, step.error());
  }
  look_up = *step == AuthStep::kLookUp;
  return std::nullopt;
}

/// What no route answers: the pages, and what does not exist.
Response AnswerWithoutRoute(const Router& router,
                            Request& request,
                            const std::vector<Method>& allowed) {
  bool look_up = false;
  if (auto refusal = CheckAuth(router, request, nullptr, look_up)) {
    return *std::move(refusal);
  }
  if (!allowed.empty()) {
    return NotAllowed(request, allowed);
  }
  if (request.method != Method::kGet && request.method != Method::kHead) {
    return StatusResponse(request, 404, "There is nothing here.");
  }
  return router.fallback()(request);
}

}  // namespace

bool IsForeignOrigin(const Request& request) noexcept {
  const auto origin = request.Header("Origin");
  return origin.has_value() && (!request.host_is_ours || *origin != request.origin);
}

Dispatched Dispatch(const Router& router,
                    Request& request,
                    BodyReader& body,
                    const RequestHead& head) {
  auto target = DecodeTarget(request.target);
  if (!target) {
    return {.response = ErrorResponse(request, target.error())};
  }
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  auto match = router.Find(request.method, request.path, std::move(request.parameters));
  const Route* route = match.route;
  const bool acts = IsStateChanging(request.method) || (route != nullptr && route->websocket);
  if (acts && match.allowed.empty() && IsForeignOrigin(request)) {
    return {.response = StatusResponse(
                request, 403,
                "Requests from other sites are not allowed; a server with a name of its own needs "
                "--public-origin.")};
  }
  if (route == nullptr) {
    return {.response = AnswerWithoutRoute(router, request, match.allowed)};
  }
  request.route = route->pattern;
  request.parameters = std::move(match.parameters);
  // Before the caller is looked for, which may use up a one-time ticket.
  auto refusal = route->websocket ? CheckUpgrade(request, head) : std::nullopt;
  bool look_up = false;
  if (!refusal) {
    refusal = CheckAuth(router, request, route, look_up);
  }
  if (look_up) {
    return {.route = route, .look_up_caller = true};
  }
  if (!refusal) {
    refusal = CheckCaller(request, *route);
  }
  if (!refusal) {
    refusal = CheckBody(request, *route, body);
  }
  if (!refusal && route->answer && !body.has_body()) {
    refusal = route->answer(request);
  }
  return {.response = std::move(refusal), .route = route};
}

aio::Task<Response> RunRoute(const Route& route,
                             const AuthLookUp* look_up,
                             Request& request,
                             BodyReader& body,
                             std::chrono::milliseconds body_time_max) {
  request.deadline = Deadline::At(request.started_at + route.time_max);
  if (look_up != nullptr) {
    auto found = co_await (*look_up)(request, route);
    auto refusal = found ? CheckCaller(request, route) : AuthFailure(request, found.error());
    if (!refusal) {
      refusal = CheckBody(request, route, body);
    }
    if (refusal) {
      co_return *std::move(refusal);
    }
  }
  std::shared_ptr<void> admission;
  if (route.admit) {
    auto admitted = route.admit(request);
    if (!admitted) {
      co_return ErrorResponse(request, admitted.error());
    }
    admission = *std::move(admitted);
  }
  if (route.body != BodyKind::kBuffered) {
    request.body_source = route.body == BodyKind::kStreamed ? &body : nullptr;
  } else if (auto whole = body.TakeWhole(request.body_hold)) {
    request.body = *std::move(whole);
  } else if (body.has_body()) {
    const auto body_deadline = Deadline::At(request.started_at + body_time_max);
    auto bytes = co_await body.ReadAll(request.body_hold, body_deadline);
    if (!bytes && body.failure_status() == 0) {
      co_return ErrorResponse(request, bytes.error());  // the peer is gone
    }
    if (bytes) {
      request.body = *std::move(bytes);
    }
  }
  if (auto failure = BodyFailure(request, body)) {
    co_return *std::move(failure);
  }
  if (route.answer) {
    co_return route.answer(request);
  }
  Response response = co_await route.handler(request);
  // The handler of an upload knows only that reading failed; the client learns why.
  if (auto failure = BodyFailure(request, body)) {
    co_return *std::move(failure);
  }
  co_return response;
}

}  // namespace paddock::gateway
