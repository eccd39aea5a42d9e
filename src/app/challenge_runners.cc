#include "app/challenge_runners.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/log.h"

namespace paddock::app {
namespace {

constexpr std::chrono::seconds kWorkersStartTimeMax{10};

/// Its workers are this program once more.
runners::sqlite::SqliteRunnerConfig WorkerConfig() {
  return {.command = {"/proc/self/exe", "challenge-worker"},
          .running_max = std::max(1U, std::thread::hardware_concurrency())};
}

}  // namespace

ChallengeRunners::ChallengeRunners(const boost::asio::any_io_executor& executor)
    : sqlite_(executor, WorkerConfig()) {
  by_dialect_.Add(sql::Dialect::kSqlite, sqlite_);
}

aio::Task<void> ChallengeRunners::Start() {
  auto started = co_await sqlite_.Start(Deadline::After(kWorkersStartTimeMax));
  if (!started && started.error().code != Code::kCancelled) {
    log::Error("challenges cannot be run yet: {}", started.error().message);
  }
}

aio::Task<void> ChallengeRunners::Stop() { co_await sqlite_.Stop(); }

}  // namespace paddock::app
