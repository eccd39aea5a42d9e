// Process: child processes on the loop, held by pidfd.
//
// Used by drivers that call command-line tools, and by whatever must prepare something in a child
// (namespaces, mounts) before a program takes it over.
// Threading: loop thread only. The process may have other threads: the code between fork and exec
// makes system calls only.
// Ownership: dropping a Process kills the child and reaps it, unless Wait has done so.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::aio {

/// How a child ended: exactly one of the two is set.
struct ProcessExit {
  std::optional<int> exit_code;
  std::optional<int> signal;
  [[nodiscard]] bool is_success() const noexcept { return exit_code == 0; }
  /// "exit status 1", "signal 9".
  [[nodiscard]] std::string Describe() const;
};

/// What the new child does; it returns the status to exit with, if it returns at all. It runs in a
/// copy of a process with threads, so it must not allocate, lock or use stdio.
class ChildBody {
 public:
  virtual ~ChildBody() = default;
  [[nodiscard]] virtual int Run() noexcept = 0;
};

class Process {
 public:
  static constexpr int kOwnGroup = -1;

  /// Forks a child that runs `body` with default signal handling, as a member of the v2 control
  /// group whose directory is `group`, if that is one: to be born there costs nothing, to move
  /// there a wait for all processors. Fails with kExhausted.
  [[nodiscard]] static Result<Process> Fork(ChildBody& body, int group = kOwnGroup);

  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// The child's end. At `deadline`, or when cancelled, the child is killed and reaped first.
  /// Fails with kDeadlineExceeded, kCancelled or kInternal.
  [[nodiscard]] Task<Result<ProcessExit>> Wait(Deadline deadline);

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  Process(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  void Kill() const noexcept;
  Result<ProcessExit> Reap();

  pid_t pid_;
  UniqueFd pidfd_;  // none once reaped
};

/// Completes when `fd` can be read, or has been closed by the other side. For a pidfd: when the
/// process has ended, whoever its parent is. Fails with kCancelled, kDeadlineExceeded or
/// kExhausted. `fd` outlives the call.
[[nodiscard]] Task<Result<void>> WaitReadable(int fd, Deadline deadline);

struct Command {
  std::vector<std::string> argv;  // argv[0] is found along PATH
  std::map<std::string, std::string> env{
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
      {"LC_ALL", "C.UTF-8"}};
};

struct CommandOutcome {
  ProcessExit exit;
  std::string output;  // standard output and error as they came, at most kCommandOutputMax bytes
};

inline constexpr std::size_t kCommandOutputMax = std::size_t{64} * 1024;

/// Runs `command` to its end with an empty standard input. Fails with kNotFound (no such program),
/// kExhausted, kDeadlineExceeded or kCancelled; a non-zero exit is an outcome, not a failure.
[[nodiscard]] Task<Result<CommandOutcome>> RunCommand(Command command, Deadline deadline);

/// Where `program` is found along the usual PATH; empty when nowhere.
[[nodiscard]] std::string FindProgram(const std::string& program);

}  // namespace paddock::aio
