// MachineLog: the end of what a running sandbox's agent and boot services have printed.
//
// The log lies on the sandbox's own disk, outside of its root: it counts against the sandbox's
// ceiling and cannot fill the host. It is reached through the agent's standard output.
// Threading: any; blocks on the disk.
#pragma once

#include <string>

namespace paddock::drivers::oci {

/// At most 256 KiB, newest last; "" when there is nothing to read. `pid` is the agent's.
[[nodiscard]] std::string ReadMachineLog(int pid);

}  // namespace paddock::drivers::oci
