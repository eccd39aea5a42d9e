// Stats: what the sandbox uses of its limits, as far as it can be seen from inside.
//
// Threading: loop thread. Nothing here waits.
#pragma once

#include "agent/services.h"
#include "protocol/answers.h"

namespace paddock::agent {

/// Zeros where something cannot be known. Without cgroups, processes are counted in /proc.
[[nodiscard]] protocol::StatsRecord MakeStats(const Services& services);

}  // namespace paddock::agent
