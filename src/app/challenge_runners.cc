#include "app/challenge_runners.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "base/log.h"
#include "engines/mariadb/mariadb_engine.h"
#include "engines/postgres/postgres_engine.h"
#include "runners/server/mariadb_databases.h"
#include "runners/server/postgres_databases.h"
#include "runners/server/server_address.h"
#include "runners/server/server_runner.h"

namespace paddock::app {
namespace {

constexpr std::chrono::seconds kWorkersStartTimeMax{10};

/// Its workers are this program once more.
runners::sqlite::SqliteRunnerConfig WorkerConfig() {
  return {.command = {"/proc/self/exe", "challenge-worker"},
          .running_max = std::max(1U, std::thread::hardware_concurrency())};
}

// By these sockets the client libraries reach a server that was dialled for them.
void MakeDoors(const std::filesystem::path& doors) {
  std::error_code failure;
  std::filesystem::create_directories(doors, failure);
  std::filesystem::permissions(doors, std::filesystem::perms::owner_all, failure);
  if (failure) {
    log::Error("{}: {}: challenges reach no database server", doors.string(), failure.message());
  }
}

}  // namespace

/// A database server with what speaks to it.
class ChallengeRunners::OnServer {
 public:
  OnServer(std::unique_ptr<sql::Engine> engine,
           std::unique_ptr<runners::server::Databases> databases,
           const boost::asio::any_io_executor& executor)
      : engine_(std::move(engine)),
        databases_(std::move(databases)),
        runner_(executor, *databases_) {}

  [[nodiscard]] sql::Dialect dialect() const { return engine_->dialect(); }
  [[nodiscard]] runners::server::ServerRunner& runner() noexcept { return runner_; }

 private:
  std::unique_ptr<sql::Engine> engine_;
  std::unique_ptr<runners::server::Databases> databases_;
  runners::server::ServerRunner runner_;
};

ChallengeRunners::ChallengeRunners(const boost::asio::any_io_executor& executor,
                                   const ChallengeServers& servers)
    : sqlite_(executor, WorkerConfig()) {
  by_dialect_.Add(sql::Dialect::kSqlite, sqlite_);
  // Those that are wrong have been reported where they stand.
  const auto postgres =
      runners::server::ParseServerAddress(servers.postgres, sql::Dialect::kPostgres);
  const auto mariadb = runners::server::ParseServerAddress(servers.mariadb, sql::Dialect::kMariadb);
  if (postgres || mariadb) {
    MakeDoors(servers.doors);
  }
  if (postgres) {
    auto engine =
        std::make_unique<engines::postgres::PostgresEngine>(sql::Dialect::kPostgres, servers.doors);
    auto databases =
        std::make_unique<runners::server::PostgresDatabases>(executor, *engine, *postgres);
    Add(std::make_unique<OnServer>(std::move(engine), std::move(databases), executor));
  }
  if (mariadb) {
    auto engine = std::make_unique<engines::mariadb::MariadbEngine>(servers.doors);
    auto databases =
        std::make_unique<runners::server::MariadbDatabases>(executor, *engine, *mariadb);
    Add(std::make_unique<OnServer>(std::move(engine), std::move(databases), executor));
  }
}

ChallengeRunners::~ChallengeRunners() = default;

void ChallengeRunners::Add(std::unique_ptr<OnServer> server) {
  by_dialect_.Add(server->dialect(), server->runner());
  on_servers_.push_back(std::move(server));
}

aio::Task<void> ChallengeRunners::Start() {
  auto started = co_await sqlite_.Start(Deadline::After(kWorkersStartTimeMax));
  if (!started && started.error().code != Code::kCancelled) {
    log::Error("challenges cannot be run yet: {}", started.error().message);
  }
}

aio::Task<void> ChallengeRunners::Stop() {
  for (const auto& server : on_servers_) {
    co_await server->runner().Stop();
  }
  co_await sqlite_.Stop();
}

}  // namespace paddock::app
