// AgentSocket: the unix socket between a sandbox's agent and the node.
//
// The node makes it and the agent inherits it, so nothing of it can be seen inside the sandbox.
// Paths may be longer than a socket address can hold. Threading: any.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::drivers::oci {

/// A listening socket at `path`, replacing what was there. Fails with kUnavailable.
[[nodiscard]] Result<UniqueFd> ListenOn(const std::string& path);

/// A new stream, non-blocking, along which nobody can send descriptors if the kernel can see to
/// that. Fails with kUnavailable (nobody listens, or too many wait).
[[nodiscard]] Result<UniqueFd> ConnectTo(const std::string& path);

}  // namespace paddock::drivers::oci
