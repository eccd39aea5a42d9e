// `paddock sql-runner`: the process that speaks to learners' databases, started by the supervisor.
// Not for people: it is not listed. Runs until SIGINT or SIGTERM.
#pragma once

#include <span>

namespace paddock::app {

[[nodiscard]] int SqlRunnerCommand(std::span<char*> arguments);

}  // namespace paddock::app
