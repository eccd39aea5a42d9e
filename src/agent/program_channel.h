// Program: a stream to a helper program that lies beside the agent and is started for it.
//
// The program is root in the sandbox, in a cgroup of its own as an exec is, and everything that it
// started ends with the channel. Threading: loop thread.
#pragma once

#include <memory>

#include "agent/channel.h"
#include "agent/services.h"

namespace paddock::agent {

/// Starts the helper for SQLite, the only one that there is; READY follows, or ERROR: kNotFound
/// (this sandbox is older than the program) or kExhausted.
[[nodiscard]] std::unique_ptr<Channel> OpenProgram(Services& services, Line& line);

}  // namespace paddock::agent
