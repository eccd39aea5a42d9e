// Worker channels: file and tar requests, each done by a fork of the agent that may block.
//
// The agent itself only relays: a disk that hangs holds up one request and no keystroke.
//
// Threading: loop thread.
#pragma once

#include <memory>

#include "agent/channel.h"
#include "agent/services.h"

namespace paddock::agent {

/// Forks a worker for `request`, which must be one of files and tars; on failure ends `line` with
/// kExhausted.
[[nodiscard]] std::unique_ptr<Channel> OpenWorker(Services& services,
                                                  Line& line,
                                                  protocol::Request request);

}  // namespace paddock::agent
