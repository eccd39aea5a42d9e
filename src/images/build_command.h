// BuildCommand: runs one program of a build, confined to namespaces that die with us.
//
// Used by the builder. The program runs in a mount and a process namespace of its own, whose first
// process is killed by the kernel when this process ends, however it ends: nothing of a build can
// outlive the builder, neither a process nor a mount. Needs root (or CAP_SYS_ADMIN).
//
// Threading: blocks the calling thread, which must live as long as the program: the kernel watches
// the thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"

namespace paddock::images {

/// One line of output, without its end and without what a terminal would obey.
using LineVisitor = std::function<void(std::string_view line)>;

/// How the program ended: 0 to 255, or 128 and the number of the signal.
struct ExitStatus {
  int value = 0;
};

/// Runs `argv` with exactly `env` and hands every line of its output and errors to `visitor`.
/// Fails with kDeadlineExceeded (everything it started has been killed) or kUnavailable (it cannot
/// be started).
[[nodiscard]] Result<ExitStatus> RunBuildCommand(const std::vector<std::string>& argv,
                                                 const std::vector<std::string>& env,
                                                 const LineVisitor& visitor,
                                                 Deadline deadline);

}  // namespace paddock::images
