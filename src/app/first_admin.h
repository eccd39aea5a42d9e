// First admin: the link by which somebody becomes the admin of a server that has none.
//
// Used by the server, which prints it when it starts, and by `paddock admin-link`.
// Threading: loop thread only.
#pragma once

#include <optional>
#include <string>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/services.h"

namespace paddock::app {

/// The path of a new link, "/welcome#…", if nobody runs the server yet. Those printed before are
/// not valid any more. Fails as store::Database.
[[nodiscard]] aio::Task<Result<std::optional<std::string>>> FirstAdminPath(
    identity::Services& services,  // outlives the task
    Deadline deadline);

/// The same whether or not there is an admin: for one who has lost their password.
[[nodiscard]] aio::Task<Result<std::string>> NewAdminPath(
    identity::Links& links,  // outlives the task
    Deadline deadline);

}  // namespace paddock::app
