// `paddock node`: the privileged process that makes sandboxes, and nothing else.
// Runs until SIGINT or SIGTERM; sandboxes live on, and the next node takes them over.
#pragma once

#include <span>

namespace paddock::app {

[[nodiscard]] int NodeCommand(std::span<char*> arguments);

}  // namespace paddock::app
