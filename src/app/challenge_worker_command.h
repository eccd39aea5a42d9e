// `paddock challenge-worker`: runs learners' queries for the runner that started it, in a process
// that can do nothing else. Not for people: its standard input is a socket to the runner.
#pragma once

#include <span>

namespace paddock::app {

[[nodiscard]] int ChallengeWorkerCommand(std::span<char*> arguments);

}  // namespace paddock::app
