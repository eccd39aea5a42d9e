// challenges_bench: what a challenge run on SQLite costs, beside what SQLite itself takes for it.
//
// usage: challenges_bench WORKER ARGUMENT…    (the program that a worker is, such as
//        "paddock challenge-worker"). Prints one JSON object.
//
// The floors run in this process, without a guard or a limit; the pool's figures are those of
// challenges::Runner with kClients runs at once.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "base/check.h"
#include "challenges/cached_runner.h"
#include "runners/sqlite/sqlite_runner.h"

namespace paddock::bench {
namespace {

using Clock = std::chrono::steady_clock;
using challenges::RunRequest;

constexpr int kTables = 10;
constexpr int kRowsOfTable = 500;
constexpr int kFloorRounds = 2'000;
constexpr int kRebuildRounds = 20;
constexpr int kClients = 16;
constexpr int kRunsOfClient = 4'000;
constexpr std::chrono::seconds kPatience{60};

constexpr const char* kQuery = "SELECT id, name, price FROM t3 WHERE id = 123";
constexpr const char* kChange = "UPDATE t3 SET price = price + 1 WHERE id = 123";
constexpr const char* kLasting = "CREATE TABLE own (x); INSERT INTO own VALUES (1)";

std::string Script() {
  std::string script;
  for (int table = 0; table < kTables; ++table) {
    script +=
        fmt::format("CREATE TABLE t{} (id INTEGER PRIMARY KEY, name TEXT, price REAL);\n", table);
    for (int row = 1; row <= kRowsOfTable; ++row) {
      script +=
          fmt::format("INSERT INTO t{} VALUES ({}, 'name {}', {}.5);\n", table, row, row, row % 97);
    }
  }
  return script;
}

struct Closer {
  void operator()(sqlite3* handle) const noexcept { sqlite3_close(handle); }
};
using Database = std::unique_ptr<sqlite3, Closer>;

Database Open() {
  sqlite3* handle = nullptr;
  PADDOCK_CHECK(sqlite3_open(":memory:", &handle) == SQLITE_OK);
  return Database(handle);
}

void Execute(sqlite3* handle, const char* text) {
  PADDOCK_CHECK(sqlite3_exec(handle, text, nullptr, nullptr, nullptr) == SQLITE_OK);
}

/// Prepares, steps through and reads: what a run does at least.
void Read(sqlite3* handle) {
  sqlite3_stmt* statement = nullptr;
  PADDOCK_CHECK(sqlite3_prepare_v2(handle, kQuery, -1, &statement, nullptr) == SQLITE_OK);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      (void)sqlite3_column_text(statement, column);
    }
  }
  sqlite3_finalize(statement);
}

double MicrosecondsEach(int rounds, const std::function<void()>& body) {
  const auto begin = Clock::now();
  for (int round = 0; round < rounds; ++round) {
    body();
  }
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / rounds;
}

void MeasureFloors(const std::string& script) {
  const auto warm = Open();
  Execute(warm.get(), script.c_str());
  sqlite3_int64 size = 0;
  unsigned char* const image = sqlite3_serialize(warm.get(), "main", &size, 0);
  const auto change = [&] {
    Execute(warm.get(), "SAVEPOINT s");
    Execute(warm.get(), kChange);
    Execute(warm.get(), "ROLLBACK TO s; RELEASE s");
  };
  const auto deserialize = [&] {
    const auto fresh = Open();
    auto* const copy =
        static_cast<unsigned char*>(sqlite3_malloc64(static_cast<sqlite3_uint64>(size)));
    std::memcpy(copy, image, static_cast<std::size_t>(size));
    PADDOCK_CHECK(sqlite3_deserialize(
                      fresh.get(), "main", copy, size, size,
                      SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) == SQLITE_OK);
    Read(fresh.get());
  };
  const auto rebuild = [&] {
    const auto fresh = Open();
    Execute(fresh.get(), script.c_str());
    Read(fresh.get());
  };
  fmt::print(R"("floor_snapshot_us":{:.2f},)",
             MicrosecondsEach(kFloorRounds, [&] { Read(warm.get()); }));
  fmt::print(R"("floor_savepoint_us":{:.2f},)", MicrosecondsEach(kFloorRounds, change));
  fmt::print(R"("floor_deserialize_us":{:.2f},)", MicrosecondsEach(kFloorRounds, deserialize));
  fmt::print(R"("floor_rebuild_us":{:.2f})", MicrosecondsEach(kRebuildRounds, rebuild));
  sqlite3_free(image);
}

/// One client's runs, one after the other. All references outlive the task.
aio::Task<void> RunMany(challenges::Runner& runner,
                        RunRequest request,
                        int count,
                        std::vector<double>& times) {
  for (int run = 0; run < count; ++run) {
    const auto begin = Clock::now();
    const auto outcome = co_await runner.Run(request, Deadline::After(kPatience));
    PADDOCK_CHECK(outcome.has_value() && (*outcome)->is_whole());
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
}

aio::Task<int> JoinAll(aio::TaskScope& scope) {
  co_await scope.Join();
  co_return 0;
}

void MeasureRuns(boost::asio::io_context& loop,
                 challenges::Runner& runner,
                 const char* name,
                 const RunRequest& request,
                 int count) {
  std::vector<double> times;
  aio::TaskScope scope(loop.get_executor());
  scope.Spawn(RunMany(runner, request, 2, times));  // prepares the schema
  aio::testing::RunUntilDone(loop, JoinAll(scope));
  times.clear();
  times.reserve(std::size_t{kClients} * static_cast<std::size_t>(count));
  const auto begin = Clock::now();
  for (int client = 0; client < kClients; ++client) {
    scope.Spawn(RunMany(runner, request, count, times));
  }
  aio::testing::RunUntilDone(loop, JoinAll(scope));
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::ranges::sort(times);
  fmt::print(R"(,"{0}_per_s":{1:.0f},"{0}_p50_us":{2:.1f},"{0}_p99_us":{3:.1f})", name,
             static_cast<double>(times.size()) / seconds, times.at(times.size() / 2),
             times.at(times.size() * 99 / 100));
}

aio::Task<int> StartRunner(runners::sqlite::SqliteRunner& runner) {
  const auto started = co_await runner.Start(Deadline::After(kPatience));
  PADDOCK_CHECK(started.has_value());
  co_return 0;
}

aio::Task<int> StopRunner(runners::sqlite::SqliteRunner& runner) {
  co_await runner.Stop();
  co_return 0;
}

int Measure(std::vector<std::string> command) {
  const std::string script = Script();
  fmt::print("{{");
  MeasureFloors(script);
  boost::asio::io_context loop;
  runners::sqlite::SqliteRunner runner(loop.get_executor(),
                                       {.command = std::move(command), .running_max = 2});
  aio::testing::RunUntilDone(loop, StartRunner(runner));
  RunRequest request{.schema = challenges::MakeSchema(sql::Dialect::kSqlite, script),
                     .query = kQuery};
  MeasureRuns(loop, runner, "select", request, kRunsOfClient);
  challenges::CachedRunner cached(runner);
  MeasureRuns(loop, cached, "cached", request, kRunsOfClient);
  request.query = kChange;
  MeasureRuns(loop, runner, "change", request, kRunsOfClient);
  request.query = kLasting;
  MeasureRuns(loop, runner, "copy", request, kRunsOfClient / 4);
  aio::testing::RunUntilDone(loop, StopRunner(runner));
  fmt::print("}}\n");
  return 0;
}

}  // namespace
}  // namespace paddock::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    (void)std::fputs("usage: challenges_bench WORKER ARGUMENT…\n", stderr);
    return 64;
  }
  return paddock::bench::Measure({argv + 1, argv + argc});
}
