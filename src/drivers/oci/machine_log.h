// MachineLog: the end of what a running sandbox's agent and boot services have printed.
//
// The log lies on the sandbox's own disk, outside of its root: it counts against the sandbox's
// ceiling and cannot fill the host. It is reached through the agent's standard output and held
// open, so that it can be read once more after the agent has ended. Threading: any; blocks on the
// disk.
#pragma once

#include <string>

#include "base/unique_fd.h"

namespace paddock::drivers::oci {

/// None when there is nothing to read. `pid` is the agent's.
[[nodiscard]] UniqueFd OpenMachineLog(int pid);

/// At most 256 KiB, newest last.
[[nodiscard]] std::string ReadMachineLog(int file);

}  // namespace paddock::drivers::oci
