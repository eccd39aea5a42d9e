// Confine: takes away from this process all that a worker does not need, for good.
//
// Used by the worker once it has warmed up, before the first byte of a learner. After it the
// process can talk on its one socket, take and give back memory, read the clock, and end. Anything
// else ends it at once.
#pragma once

#include "base/result.h"

namespace paddock::runners::sqlite {

/// `socket` is the only descriptor that stays open. Fails with kInternal, and the process must then
/// not go on. Under a sanitizer, which needs the kernel itself, only descriptors and limits are
/// taken.
[[nodiscard]] Result<void> Confine(int socket);

}  // namespace paddock::runners::sqlite
