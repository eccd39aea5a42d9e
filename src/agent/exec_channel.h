// Exec: one command with pipes, run to its end for one client.
//
// Output leaves within the client's credit, so a client that stops reading stops the program.
// Input that nobody reads is dropped. RESULT follows the last byte of output, and waits for no
// process that merely holds a pipe open: all are killed before.
//
// Threading: loop thread.
#pragma once

#include <memory>

#include "agent/channel.h"
#include "agent/services.h"

namespace paddock::agent {

/// Starts the command; on failure ends `line` with kInvalid or kExhausted and returns null.
[[nodiscard]] std::unique_ptr<Channel> OpenExec(Services& services,
                                                Line& line,
                                                protocol::ExecRequest request);

}  // namespace paddock::agent
