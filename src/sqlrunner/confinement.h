// Confine: what a process gives up before it speaks to databases that anybody may have made.
//
// Used by `paddock sql-runner`, and by the runner and the question service, once, before any other
// thread exists.
#pragma once

#include <sys/types.h>

#include "base/result.h"

namespace paddock::sqlrunner {

/// Becomes `uid` and `gid` for good when it is root, with no other groups; can gain no privileges,
/// leaves no core and lets nobody look into it; and may not use without end what the host has.
/// kInternal.
[[nodiscard]] Result<void> Confine(uid_t uid, gid_t gid);

}  // namespace paddock::sqlrunner
