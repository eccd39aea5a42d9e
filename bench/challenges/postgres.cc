// challenges_postgres_bench: what a challenge run on PostgreSQL costs, beside the statements that
// it cannot do without.
//
// usage: challenges_postgres_bench URL    (postgres://USER:PASSWORD@:PORT/?host=DIRECTORY, of a
//        server that nobody else uses). Prints one JSON object.
//
// The floors are libpq's, on one warm connection: BEGIN, the query, ROLLBACK; and CREATE DATABASE
// from a template with the same tables.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <libpq-fe.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "base/check.h"
#include "engines/postgres/postgres_engine.h"
#include "runners/server/postgres_databases.h"
#include "runners/server/server_dialer.h"
#include "runners/server/server_runner.h"

namespace paddock::bench {
namespace {

using Clock = std::chrono::steady_clock;
using challenges::RunRequest;

constexpr int kTables = 10;
constexpr int kRowsOfTable = 500;
constexpr int kReads = 2'000;
constexpr int kDatabases = 40;
constexpr int kBursts = 10;
constexpr int kBurstSize = 8;  // clones that are ready for a schema
constexpr int kSustained = 120;
constexpr int kClients = 16;
constexpr std::chrono::seconds kPatience{120};
constexpr std::chrono::milliseconds kPause{600};  // between bursts, in which clones are made

constexpr const char* kQuery = "SELECT id, name, price FROM t3 WHERE id = 123";
constexpr const char* kChange =
    "UPDATE t3 SET price = price + 1 WHERE id = 123; SELECT price FROM t3 WHERE id = 123";

std::string Script() {
  std::string script;
  for (int table = 0; table < kTables; ++table) {
    script += fmt::format(
        "CREATE TABLE t{0} (id integer PRIMARY KEY, name text, price float);\n"
        "INSERT INTO t{0} SELECT n, 'name ' || n, n % 97 + 0.5 FROM generate_series(1, {1}) AS "
        "n;\n",
        table, kRowsOfTable);
  }
  return script;
}

double Milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

double Median(std::vector<double> times) {
  std::ranges::sort(times);
  return times.at(times.size() / 2);
}

struct Closer {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, Closer>;

Connection Connect(const runners::server::ServerAddress& address, const std::string& database) {
  const std::filesystem::path socket(address.socket);
  const std::string port = socket.filename().string().substr(std::string(".s.PGSQL.").size());
  const std::string host = socket.parent_path().string();
  Connection connection(PQsetdbLogin(host.c_str(), port.c_str(), nullptr, nullptr, database.c_str(),
                                     address.user.c_str(), address.password.c_str()));
  PADDOCK_CHECK(PQstatus(connection.get()) == CONNECTION_OK);
  return connection;
}

void Execute(PGconn* connection, const std::string& text) {
  PGresult* const result = PQexec(connection, text.c_str());
  const auto status = PQresultStatus(result);
  PADDOCK_CHECK(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
  PQclear(result);
}

void MeasureFloors(const runners::server::ServerAddress& address) {
  const auto admin = Connect(address, "postgres");
  Execute(admin.get(), "CREATE DATABASE bench_source TEMPLATE template0");
  std::vector<double> reads;
  {
    const auto source = Connect(address, "bench_source");
    Execute(source.get(), Script());
    Execute(source.get(), "VACUUM ANALYZE");
    for (int round = 0; round < kReads; ++round) {
      const auto begin = Clock::now();
      Execute(source.get(), "BEGIN");
      Execute(source.get(), kQuery);
      Execute(source.get(), "ROLLBACK");
      reads.push_back(Milliseconds(Clock::now() - begin));
    }
  }
  std::vector<double> creates;
  for (int number = 0; number < kDatabases; ++number) {
    const auto begin = Clock::now();
    Execute(admin.get(), fmt::format("CREATE DATABASE bench_{} TEMPLATE bench_source", number));
    creates.push_back(Milliseconds(Clock::now() - begin));
  }
  for (int number = 0; number < kDatabases; ++number) {
    Execute(admin.get(), fmt::format("DROP DATABASE bench_{}", number));
  }
  Execute(admin.get(), "DROP DATABASE bench_source");
  fmt::print(R"("floor_read_ms":{:.3f},"floor_create_ms":{:.2f},)", Median(reads), Median(creates));
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
    times.push_back(Milliseconds(Clock::now() - begin));
  }
}

aio::Task<int> JoinAll(aio::TaskScope& scope) {
  co_await scope.Join();
  co_return 0;
}

aio::Task<int> Pause(boost::asio::io_context& loop) {
  boost::asio::steady_timer timer(loop, kPause);
  co_await timer.async_wait(boost::asio::use_awaitable);
  co_return 0;
}

aio::Task<int> Stop(runners::server::ServerRunner& runner) {
  co_await runner.Stop();
  co_return 0;
}

struct Load {
  std::vector<double> times;
  double seconds = 0;
};

Load RunClients(boost::asio::io_context& loop,
                challenges::Runner& runner,
                const RunRequest& request,
                int clients,
                int count) {
  Load load;
  aio::TaskScope scope(loop.get_executor());
  const auto begin = Clock::now();
  for (int client = 0; client < clients; ++client) {
    scope.Spawn(RunMany(runner, request, count, load.times));
  }
  aio::testing::RunUntilDone(loop, JoinAll(scope));
  load.seconds = Milliseconds(Clock::now() - begin) / 1000;
  return load;
}

void MeasureRuns(boost::asio::io_context& loop, challenges::Runner& runner) {
  RunRequest request{.schema = challenges::MakeSchema(sql::Dialect::kPostgres, Script()),
                     .query = kQuery};
  (void)RunClients(loop, runner, request, 1, 20);  // prepares the schema
  fmt::print(R"("read_ms":{:.3f},)", Median(RunClients(loop, runner, request, 1, kReads).times));
  const Load reads = RunClients(loop, runner, request, kClients, kReads / 4);
  fmt::print(R"("reads_per_s":{:.0f},)", static_cast<double>(reads.times.size()) / reads.seconds);
  request.query = kChange;
  (void)RunClients(loop, runner, request, kClients, 2);  // from then on clones are kept ready
  std::vector<double> bursts;
  for (int burst = 0; burst < kBursts; ++burst) {
    aio::testing::RunUntilDone(loop, Pause(loop));
    const Load load = RunClients(loop, runner, request, 1, kBurstSize);
    bursts.insert(bursts.end(), load.times.begin(), load.times.end());
  }
  fmt::print(R"("burst_ms":{:.3f},)", Median(bursts));
  aio::testing::RunUntilDone(loop, Pause(loop));
  const Load load = RunClients(loop, runner, request, 4, kSustained / 4);
  fmt::print(R"("sustained_ms":{:.2f})",
             load.seconds * 1000 / static_cast<double>(load.times.size()));
}

int Measure(const std::string& url) {
  const auto address = runners::server::ParseServerAddress(url, sql::Dialect::kPostgres);
  PADDOCK_CHECK(address.has_value());
  std::string doors = (std::filesystem::temp_directory_path() / "paddock-XXXXXX").string();
  PADDOCK_CHECK(mkdtemp(doors.data()) != nullptr);
  fmt::print("{{");
  MeasureFloors(*address);
  {
    boost::asio::io_context loop;
    engines::postgres::PostgresEngine engine(sql::Dialect::kPostgres, doors);
    runners::server::PostgresDatabases databases(loop.get_executor(), engine,
                                                 runners::server::AccessTo(*address));
    runners::server::ServerRunner runner(loop.get_executor(), databases);
    MeasureRuns(loop, runner);
    aio::testing::RunUntilDone(loop, Stop(runner));
  }
  fmt::print("}}\n");
  std::filesystem::remove(doors);
  return 0;
}

}  // namespace
}  // namespace paddock::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    (void)std::fputs("usage: challenges_postgres_bench URL\n", stderr);
    return 64;
  }
  return paddock::bench::Measure(argv[1]);
}
