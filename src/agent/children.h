// Children: reaps every process that ends below the agent, and hears the signals sent to it.
//
// As PID 1, and as a subreaper elsewhere, the agent also gets the orphans of others; those are
// reaped and forgotten.
//
// Threading: loop thread. There is one per process, because signals belong to the process.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <functional>
#include <map>

#include "agent/loop.h"
#include "base/unique_fd.h"

namespace paddock::agent {

/// How a process ended.
struct ExitStatus {
  bool signaled = false;
  int value = 0;  // exit code, or the signal's number
  std::chrono::microseconds cpu_time{0};
  std::uint64_t memory_peak_bytes = 0;
};

[[nodiscard]] ExitStatus MakeExitStatus(int wait_status, const rusage& usage);

class Children {
 public:
  using ExitHandler = std::function<void(const ExitStatus&)>;

  /// Blocks SIGCHLD, SIGTERM, SIGINT and SIGHUP and takes them from a descriptor instead;
  /// `on_signal` gets all but SIGCHLD; as PID 1 none that was sent in the sandbox. Broken pipes
  /// become errors of write(2).
  Children(Loop& loop, std::function<void(int signal)> on_signal);

  /// Calls `handler` once when `pid`, a child started in this turn of the loop, has been reaped.
  void Expect(pid_t pid, ExitHandler handler);
  /// Reaps `pid` in silence.
  void Forget(pid_t pid);
  /// Whether the agent started `pid` itself, and has not reaped it yet. Other children of it are
  /// orphans.
  [[nodiscard]] bool Knows(pid_t pid) const { return handlers_.contains(pid); }

 private:
  void OnReadable();
  void ReapAll();

  std::function<void(int)> on_signal_;
  UniqueFd signals_;
  std::map<pid_t, ExitHandler> handlers_;
  Watch watch_;
};

}  // namespace paddock::agent
