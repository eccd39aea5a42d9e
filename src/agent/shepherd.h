// Shepherd: a ProcessSet without cgroups, for engines that give none (Docker, runsc, plain root).
//
// Between the agent and the spawned process stands one small process, a subreaper: whatever
// escapes by double fork or setsid becomes its child, so the tree below it is the set.
//
// Threading: loop thread.
#pragma once

#include <memory>

#include "agent/process_set.h"

namespace paddock::agent {

[[nodiscard]] std::unique_ptr<ProcessSet> MakeShepherdSet();

/// All processes that /proc shows.
[[nodiscard]] std::uint32_t CountProcesses();

}  // namespace paddock::agent
