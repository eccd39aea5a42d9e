// Dispatch: what happens to a request before and after its handler: routing, Origin, the caller,
// the body's limit, the time limit. The order matters and is here only.
//
// Used by the connection loop. Threading: loop thread only.
#pragma once

#include "aio/task.h"
#include "gateway/body_reader.h"
#include "gateway/http.h"
#include "gateway/router.h"

namespace paddock::gateway {

/// Never fails: whatever is wrong becomes a response. Sets request.deadline once the handler runs.
/// All four arguments outlive the task.
[[nodiscard]] aio::Task<Response> Dispatch(const Router& router,
                                           Request& request,
                                           BodyReader& body,
                                           const RequestHead& head);

/// A page of another site must not act here: a sent Origin has to be ours, exactly ("null" is
/// not), and a cookie alone does not count without one.
[[nodiscard]] bool IsForeignOrigin(const Request& request) noexcept;

}  // namespace paddock::gateway
