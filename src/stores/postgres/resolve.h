// Resolve: finds the addresses of a server's name, which libpq would do by blocking the loop.
//
// Used by Connection. Threading: loop thread.
#pragma once

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "stores/postgres/settings.h"

namespace paddock::stores::postgres {

/// `settings` with `hostaddr` for its `host`, unless that is a directory, an address, several, or
/// none. kUnavailable: no such name. kDeadlineExceeded, kCancelled.
[[nodiscard]] aio::Task<Result<Settings>> Resolve(Settings settings, Deadline deadline);

}  // namespace paddock::stores::postgres
