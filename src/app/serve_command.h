// `paddock serve`: the server, and with it the node when root starts it.
#pragma once

#include <span>

namespace paddock::app {

[[nodiscard]] int ServeCommand(std::span<char*> arguments);

}  // namespace paddock::app
