// Forward: a byte stream to a server inside the sandbox, on its loopback or a unix socket.
//
// Addresses are numbers and paths: nothing is resolved, and nothing but this machine is reached.
//
// Threading: loop thread.
#pragma once

#include <memory>

#include "agent/channel.h"
#include "agent/services.h"

namespace paddock::agent {

/// Dials a port or a path; READY or ERROR (kUnavailable) follows. A direct one takes the
/// connection over after that.
[[nodiscard]] std::unique_ptr<Channel> OpenForward(Services& services,
                                                   Line& line,
                                                   const protocol::ForwardRequest& request);

}  // namespace paddock::agent
