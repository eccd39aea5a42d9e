// Sockets that the agent listens on, dials and relays, by numbers and paths only: no resolver.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::agent {

/// A listening unix stream socket at `path` (mode 0600), which replaces a stale one. Fails with
/// kInvalid (path too long) or kUnavailable.
[[nodiscard]] Result<UniqueFd> ListenAt(const std::string& path);

/// Copies standard input to the agent's socket at `path`, and what comes back to standard output,
/// until the agent's side has ended; neither way waits for the other. The two may be one socket.
/// For engines whose only way in is an exec'd process. Fails with kUnavailable.
[[nodiscard]] Result<void> RelayStandardStreams(const std::string& path);

}  // namespace paddock::agent
