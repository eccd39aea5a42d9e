// PoolTest: the fixture of tests of the pool of challenge workers, with real ones or a probe's.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "runners/sqlite/sqlite_runner.h"

namespace paddock::runners::sqlite::testing {

using namespace std::chrono_literals;
using aio::testing::RunUntilDone;
using challenges::LimitHit;
using challenges::MakeSchema;
using challenges::RunOutcomeRef;
using challenges::RunRequest;
using challenges::SchemaRef;

inline constexpr auto kPatience = 60s;
inline constexpr std::string_view kEndless =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT count(*) FROM c";
// One call of a function that takes longer than anybody waits, without a look at the clock.
inline constexpr std::string_view kDeaf =
    "SELECT instr(hex(zeroblob(500000)), hex(zeroblob(250000)) || '1')";

inline SchemaRef Numbered(int number) {
  return MakeSchema(sql::Dialect::kSqlite,
                    fmt::format("CREATE TABLE t (n); INSERT INTO t VALUES ({});", number));
}

inline std::string Cell(const RunOutcomeRef& outcome) {
  return outcome->results.empty() || outcome->results[0].rows.empty()
             ? std::string("nothing")
             : std::string(outcome->results[0].rows.At(0, 0).text);
}

/// The processes that this one has started.
inline std::vector<pid_t> Children() {
  std::vector<pid_t> children;
  std::ifstream file(fmt::format("/proc/self/task/{}/children", getpid()));
  for (pid_t pid = 0; file >> pid;) {
    children.push_back(pid);
  }
  return children;
}

inline void KillChildren() {
  for (const pid_t child : Children()) {
    kill(child, SIGKILL);
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
  }
}

class PoolTest : public ::testing::Test {
 protected:
  void StartWith(SqliteRunnerConfig config, const std::string& mode = "real") {
    config.command = {PADDOCK_WORKER_PROBE, mode};
    runner_.emplace(loop_.get_executor(), config);
    const auto started = RunUntilDone(loop_, runner_->Start(Deadline::After(kPatience)));
    ASSERT_TRUE(started.has_value()) << started.error().message;
  }

  void TearDown() override {
    if (runner_) {
      auto stop = [](SqliteRunner& runner) -> aio::Task<int> {
        co_await runner.Stop();
        co_return 0;
      };
      RunUntilDone(loop_, stop(*runner_));
    }
  }

  Result<RunOutcomeRef> Run(RunRequest request) {
    return RunUntilDone(loop_, runner_->Run(std::move(request), Deadline::After(kPatience)));
  }
  Result<RunOutcomeRef> Run(std::string query, SchemaRef schema = Numbered(7)) {
    return Run({.schema = std::move(schema), .query = std::move(query)});
  }
  std::string Says(std::string query) {
    const auto outcome = Run(std::move(query));
    return outcome ? Cell(*outcome) : outcome.error().message;
  }

  boost::asio::io_context loop_;
  std::optional<SqliteRunner> runner_;
};

// Both references outlive the task.
inline aio::Task<void> RunOne(SqliteRunner& runner,
                              RunRequest request,
                              Result<RunOutcomeRef>& out) {
  out = co_await runner.Run(std::move(request), Deadline::After(kPatience));
}

inline aio::Task<int> WaitForAll(aio::TaskScope& scope) {
  co_await scope.Join();
  co_return 0;
}

}  // namespace paddock::runners::sqlite::testing
