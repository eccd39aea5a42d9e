// Relay: carries one viewer's conversation between its socket and the agent, and keeps no state of
// the terminal: all that is here is on its way.
//
// Called by the gateway's terminal route. Checks both directions (RelayRules), bounds what waits
// for a slow viewer, joins small OUTPUT messages while the socket is busy, and calms floods of
// RESIZE. An idle relay costs four suspended coroutines.
//
// Threading: loop thread only. Errors: none come out; the viewer is told with ERROR and a close
// code.
#pragma once

#include <memory>

#include "aio/task.h"
#include "protocol/terminal_messages.h"
#include "sandbox/agent_client.h"
#include "terminals/viewer_socket.h"

namespace paddock::terminals {

/// Relays until one side ends and closes `socket`. Detaches from the terminal by dropping
/// `channel`. When cancelled (the server stops), the viewer gets ERROR 7, and attaches again
/// elsewhere. `socket` outlives the task.
[[nodiscard]] aio::Task<void> Relay(ViewerSocket& socket,
                                    std::unique_ptr<sandbox::TerminalChannel> channel);

/// Tells a viewer why there is no terminal for it, and closes `socket`, which outlives the task.
[[nodiscard]] aio::Task<void> Refuse(ViewerSocket& socket, protocol::terminal::Failure failure);

}  // namespace paddock::terminals
