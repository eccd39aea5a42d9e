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
#include "runners/hosted/hosted_runner.h"
#include "runners/hosted/server_recipe.h"
#include "runners/server/mariadb_databases.h"
#include "runners/server/postgres_databases.h"
#include "runners/server/server_address.h"
#include "runners/server/server_dialer.h"
#include "runners/server/server_runner.h"
#include "sandbox/agent_client.h"

namespace paddock::app {
namespace {

constexpr std::chrono::seconds kWorkersStartTimeMax{10};
constexpr std::chrono::seconds kServerStartTimeMax{15};
constexpr std::chrono::seconds kHostedStopTimeMax{3};
constexpr std::chrono::seconds kLeftoversTimeMax{60};

/// Its workers are this program once more.
runners::sqlite::SqliteRunnerConfig WorkerConfig() {
  return {.command = {"/proc/self/exe", "challenge-worker"},
          .running_max = std::max(1U, std::thread::hardware_concurrency())};
}

runners::server::ServerAccess AccessTo(runners::hosted::HostedServer& server) {
  const runners::hosted::ServerRecipe& recipe = server.recipe();
  return {.dialer = std::make_shared<runners::hosted::HostedDialer>(server),
          .user = recipe.user,
          .password = recipe.password,
          .place = "in a sandbox of the image " + recipe.image};
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
  using Hosted = runners::hosted::HostedServer;

  /// `hosted`: the server, when it is not an administrator's.
  OnServer(std::unique_ptr<Hosted> hosted,
           std::unique_ptr<sql::Engine> engine,
           std::unique_ptr<runners::server::Databases> databases,
           const boost::asio::any_io_executor& executor)
      : hosted_(std::move(hosted)),
        engine_(std::move(engine)),
        databases_(std::move(databases)),
        server_runner_(executor, *databases_, hosted_ ? HostedPool() : ClonePoolConfig()) {
    if (hosted_) {
      hosted_runner_.emplace(*hosted_, server_runner_);
      hosted_->AskBeforeRemoval([this] { return server_runner_.LetGo(); });
    }
  }

  [[nodiscard]] sql::Dialect dialect() const { return engine_->dialect(); }
  [[nodiscard]] challenges::Runner& runner() noexcept {
    return hosted_runner_ ? static_cast<challenges::Runner&>(*hosted_runner_) : server_runner_;
  }

  /// One of our own waits until somebody needs it.
  aio::Task<void> Start() {
    if (hosted_) {
      co_return;
    }
    auto started = co_await server_runner_.Start(Deadline::After(kServerStartTimeMax));
    if (!started && started.error().code != Code::kCancelled) {
      log::Error("challenges on {} cannot be run yet: {}", sql::Name(dialect()),
                 started.error().message);
    }
  }

  aio::Task<void> Stop() {
    co_await server_runner_.Stop();
    if (hosted_) {
      co_await hosted_->Stop(Deadline::After(kHostedStopTimeMax));
    }
  }

 private:
  using ClonePoolConfig = runners::server::ClonePoolConfig;

  // Within what such a server lets in, and has memory for.
  static ClonePoolConfig HostedPool() {
    return {.ready_max = 4, .clones_max = 12, .readers_max = 12, .schemas_max = 16};
  }

  std::unique_ptr<Hosted> hosted_;
  std::unique_ptr<sql::Engine> engine_;
  std::unique_ptr<runners::server::Databases> databases_;
  runners::server::ServerRunner server_runner_;
  std::optional<runners::hosted::HostedRunner> hosted_runner_;
};

ChallengeRunners::ChallengeRunners(const boost::asio::any_io_executor& executor,
                                   const ChallengeServers& servers,
                                   const ChallengeHost& host)
    : sqlite_(executor, WorkerConfig()) {
  by_dialect_.Add(sql::Dialect::kSqlite, sqlite_);
  if (host.driver != nullptr) {
    Take(host);
  }
  if (host_ != nullptr || !servers.postgres.empty() || !servers.mariadb.empty()) {
    doors_ = std::make_unique<Doors>();
  }
  Add(executor, sql::Dialect::kPostgres, servers.postgres);
  Add(executor, sql::Dialect::kMariadb, servers.mariadb);
}

ChallengeRunners::~ChallengeRunners() = default;

// Nothing is started that nobody would remove after this process was killed.
void ChallengeRunners::Take(const ChallengeHost& host) {
  auto owner = runners::hosted::OwnerLease::Take(host.directory);
  if (!owner) {
    log::Error("no database servers are started for challenges: {}", owner.error().message);
    return;
  }
  owner_.emplace(*std::move(owner));
  host_ = host.driver;
  hosted_config_.idle_max = host.idle_max;
  leftovers_.emplace(*host_, owner_->owner());
}

std::unique_ptr<sql::Engine> ChallengeRunners::EngineOf(sql::Dialect dialect) {
  if (dialect == sql::Dialect::kPostgres) {
    return std::make_unique<engines::postgres::PostgresEngine>(dialect, doors_->path());
  }
  return std::make_unique<engines::mariadb::MariadbEngine>(doors_->path());
}

void ChallengeRunners::Add(const boost::asio::any_io_executor& executor,
                           sql::Dialect dialect,
                           const std::string& url) {
  // One that is wrong has been reported where it stands.
  const auto named = runners::server::ParseServerAddress(url, dialect);
  if (!named && (host_ == nullptr || !url.empty())) {
    return;
  }
  std::unique_ptr<OnServer::Hosted> hosted;
  if (!named) {
    auto recipe = dialect == sql::Dialect::kPostgres ? runners::hosted::PostgresRecipe()
                                                     : runners::hosted::MariadbRecipe();
    hosted = std::make_unique<OnServer::Hosted>(executor, *host_, &sandbox::AgentClient::Open,
                                                *leftovers_, std::move(recipe), hosted_config_);
  }
  auto access = named ? runners::server::AccessTo(*named) : AccessTo(*hosted);
  auto engine = EngineOf(dialect);
  std::unique_ptr<runners::server::Databases> databases;
  if (dialect == sql::Dialect::kPostgres) {
    databases =
        std::make_unique<runners::server::PostgresDatabases>(executor, *engine, std::move(access));
  } else {
    databases =
        std::make_unique<runners::server::MariadbDatabases>(executor, *engine, std::move(access));
  }
  auto server = std::make_unique<OnServer>(std::move(hosted), std::move(engine),
                                           std::move(databases), executor);
  by_dialect_.Add(dialect, server->runner());
  on_servers_.push_back(std::move(server));
}

aio::Task<void> ChallengeRunners::Start() {
  auto started = co_await sqlite_.Start(Deadline::After(kWorkersStartTimeMax));
  if (!started && started.error().code != Code::kCancelled) {
    log::Error("challenges cannot be run yet: {}", started.error().message);
  }
  for (const auto& server : on_servers_) {
    co_await server->Start();
  }
}

aio::Task<void> ChallengeRunners::RemoveLeftovers() {
  if (!leftovers_) {
    co_return;
  }
  auto removed = co_await leftovers_->Remove(Deadline::After(kLeftoversTimeMax));
  if (!removed && removed.error().code != Code::kCancelled) {
    log::Warn("an earlier server's databases for challenges are still there: {}",
              removed.error().message);
  }
}

aio::Task<void> ChallengeRunners::Stop() {
  for (const auto& server : on_servers_) {
    co_await server->Stop();
  }
  co_await sqlite_.Stop();
}

}  // namespace paddock::app
