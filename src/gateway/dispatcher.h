// Dispatch: what happens to a request before and after its handler: routing, Origin, the caller,
// the body's limit, the time limit. The order matters and is here only.
//
// Used by the connection loop. Threading: loop thread only.
#pragma once

#include <chrono>
#include <optional>

#include "aio/task.h"
#include "gateway/body_reader.h"
#include "gateway/http.h"
#include "gateway/router.h"

namespace paddock::gateway {

/// Either the answer, or the route whose handler has to be waited for.
struct Dispatched {
  std::optional<Response> response = std::nullopt;
  const Route* route = nullptr;
  bool look_up_caller = false;  // before all else of the route
};

/// All that needs no waiting, which for most requests is all there is. Never fails: whatever is
/// wrong becomes a response.
[[nodiscard]] Dispatched Dispatch(const Router& router,
                                  Request& request,
                                  BodyReader& body,
                                  const RequestHead& head);

/// The rest: the caller if they have to be looked up, the body, the time limit, the handler. All
/// that is referred to outlives the task. `look_up` is null when the caller is known.
[[nodiscard]] aio::Task<Response> RunRoute(const Route& route,
                                           const AuthLookUp* look_up,
                                           Request& request,
                                           BodyReader& body,
                                           std::chrono::milliseconds body_time_max);

/// A page of another site must not act here: a sent Origin has to be ours, exactly ("null" is
/// not), and a cookie alone does not count without one.
[[nodiscard]] bool IsForeignOrigin(const Request& request) noexcept;

}  // namespace paddock::gateway
