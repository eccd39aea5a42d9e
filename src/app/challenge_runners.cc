#include "app/challenge_runners.h"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
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
constexpr std::chrono::seconds kServerStartTimeMax{15};

/// Its workers are this program once more.
runners::sqlite::SqliteRunnerConfig WorkerConfig() {
  return {.command = {"/proc/self/exe", "challenge-worker"},
          .running_max = std::max(1U, std::thread::hardware_concurrency())};
}

}  // namespace

/// A directory that nobody else enters, where client libraries find the sockets of servers that
/// were dialled for them. It is empty but for moments, and gone with the object.
class ChallengeRunners::Doors {
 public:
  Doors() {
    std::string path = (std::filesystem::temp_directory_path() / "paddock-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      log::Error("{}: {}: challenges reach no database server", path, std::strerror(errno));
    }
    path_ = path;
  }
  Doors(const Doors&) = delete;
  Doors& operator=(const Doors&) = delete;
  ~Doors() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

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
    doors_ = std::make_unique<Doors>();
  }
  if (postgres) {
    auto engine = std::make_unique<engines::postgres::PostgresEngine>(sql::Dialect::kPostgres,
                                                                      doors_->path());
    auto databases =
        std::make_unique<runners::server::PostgresDatabases>(executor, *engine, *postgres);
    Add(std::make_unique<OnServer>(std::move(engine), std::move(databases), executor));
  }
  if (mariadb) {
    auto engine = std::make_unique<engines::mariadb::MariadbEngine>(doors_->path());
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
  for (const auto& server : on_servers_) {
    co_await StartOn(*server);
  }
}

aio::Task<void> ChallengeRunners::StartOn(OnServer& server) {
  auto started = co_await server.runner().Start(Deadline::After(kServerStartTimeMax));
  if (!started && started.error().code != Code::kCancelled) {
    log::Error("challenges on {} cannot be run yet: {}", sql::Name(server.dialect()),
               started.error().message);
  }
}

aio::Task<void> ChallengeRunners::Stop() {
  for (const auto& server : on_servers_) {
    co_await server->runner().Stop();
  }
  co_await sqlite_.Stop();
}

}  // namespace paddock::app
