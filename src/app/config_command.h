// `paddock config`: every option with its value and where that is from; what is wrong; an example.
#pragma once

#include <span>

namespace paddock::app {

/// Exit status: 0, or 2 when something in the configuration is wrong.
int ConfigCommand(std::span<char*> arguments);

}  // namespace paddock::app
