// `paddock forward`: a port of a sandbox on a local port, for psql and whatever else speaks TCP.
// Runs until SIGINT or SIGTERM.
#pragma once

#include <span>

namespace paddock::app {

[[nodiscard]] int ForwardCommand(std::span<char*> arguments);

}  // namespace paddock::app
