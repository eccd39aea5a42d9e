// `paddock runner`: runs challenges for servers on other hosts, or in another process.
#pragma once

#include <span>

namespace paddock::app {

[[nodiscard]] int RunnerCommand(std::span<char*> arguments);

}  // namespace paddock::app
