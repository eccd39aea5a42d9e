// ProcessSet: one spawned process and everything that it ever starts.
//
// Implementations: a cgroup (cgroups.h), which nothing can leave, and where no cgroup can be had
// the tree below a subreaper of its own (shepherd.h).
//
// Threading: loop thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/children.h"
#include "agent/loop.h"

namespace paddock::agent {

/// What a set has used; absent where it cannot be told, then rusage has to do.
struct SetUsage {
  std::optional<std::chrono::microseconds> cpu_time;
  std::optional<std::uint64_t> memory_peak_bytes;
};

class ProcessSet {
 public:
  virtual ~ProcessSet() = default;

  /// Forks, once. Returns 0 in the child, which is a member from its first instruction on; its pid
  /// in the parent, or -1 with errno.
  [[nodiscard]] virtual pid_t Fork() = 0;
  /// Calls `handler` once, when the forked process has ended; in the turn of the loop that forked.
  virtual void OnExit(Loop& loop, Children& children, Children::ExitHandler handler) = 0;

  /// Whether it has ended, also when nobody has heard of it yet: the handler is about to be called.
  [[nodiscard]] virtual bool HasEnded() const = 0;

  [[nodiscard]] virtual std::vector<pid_t> Members() const = 0;
  /// Sends SIGKILL to every member, so that none escapes by forking. Call again until IsEmpty:
  /// a process may take its time to die.
  virtual void Kill() = 0;
  [[nodiscard]] virtual bool IsEmpty() const = 0;
  [[nodiscard]] virtual SetUsage Usage() const = 0;
  /// Gives the set back, once empty. False: not yet, try again.
  [[nodiscard]] virtual bool Remove() = 0;
};

}  // namespace paddock::agent
