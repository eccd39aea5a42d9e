// Descriptors: letting go of all that a child of the agent has inherited.
//
// close_range(2) does it in one call; gVisor's kernel of 2022 has none, so there each is closed.
// Threading: for a child after fork; the agent has one thread, so the child may allocate.
#pragma once

namespace paddock::agent {

/// Closes every descriptor from `first` on.
void CloseFrom(int first) noexcept;

/// The same, but only when the child becomes another program.
void CloseFromOnExec(int first) noexcept;

}  // namespace paddock::agent
