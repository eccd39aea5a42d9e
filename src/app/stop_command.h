// `paddock stop --all`: destroys every sandbox of this host.
#pragma once

#include <span>

namespace paddock::app {

[[nodiscard]] int StopCommand(std::span<char*> arguments);

}  // namespace paddock::app
