#include "app/challenge_worker_command.h"

#include "runners/sqlite/worker/serve.h"

namespace paddock::app {

int ChallengeWorkerCommand(std::span<char*> /*arguments*/) {
  return runners::sqlite::ServeChallenges();
}

}  // namespace paddock::app
