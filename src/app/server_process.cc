#include "app/server_process.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "aio/task_scope.h"
#include "app/challenge_runners.h"
#include "app/first_admin.h"
#include "app/open_store.h"
#include "app/playground_server.h"
#include "app/remote_link.h"
#include "app/supervisor.h"
#include "base/log.h"
#include "databases/registry.h"
#include "gateway/metrics.h"
#include "gateway/router.h"
#include "gateway/routes/api.h"
#include "gateway/server.h"
#include "gateway/site.h"
#include "identity/secret.h"
#include "identity/services.h"
#include "identity/tokens.h"
#include "oidc/config.h"
#include "oidc/curl/curl_client.h"
#include "questions/services.h"
#include "questions/shipped.h"
#include "rpc/grpc_setup.h"
#include "rpc/node_client.h"
#include "rpc/services/runner_service.h"
#include "sandbox/agent_client.h"
#include "sandbox/manager.h"
#include "store/database.h"
#include "store/migrations.h"

namespace paddock::app {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr std::chrono::seconds kNodePatience{15};  // before saying that no node answers
constexpr std::chrono::seconds kStopTimeMax{5};    // for requests in flight
constexpr std::chrono::seconds kStoreOpenTimeMax{30};
constexpr std::chrono::minutes kMigrateTimeMax{10};
constexpr std::chrono::seconds kStoreCloseTimeMax{5};

int Report(const Error& error) {
  fmt::print(stderr, "paddock serve: {}\n", error.message);
  return 1;
}

/// Where the node is, for messages.
std::string PlaceOf(const ServeOptions& options) {
  return options.remote_node ? "at " + options.remote_node->address
                             : "in " + options.run_dir.string();
}

rpc::NodeClient Dial(const asio::any_io_executor& executor, const ServeOptions& options) {
  return options.remote_node ? rpc::NodeClient(executor, *options.remote_node)
                             : rpc::NodeClient(executor, options.run_dir.string());
}

/// The server's own directory, which the supervisor has made when it is root.
fs::path ServerDir(const ServeOptions& options) { return options.data_dir / "server"; }

/// Everything that serves, in the order in which it refers to each other.
class ServerProcess {
 public:
  /// The database belongs to the loop.
  ServerProcess(const ServeOptions& options,
                const identity::Secret& secret,
                asio::io_context& loop,
                store::Database& database)
      : options_(options),
        secret_(secret),
        loop_(loop),
        database_(database),
        node_(Dial(loop_.get_executor(), options)),
        manager_(options.manager, node_, &sandbox::AgentClient::Open),
        signer_(secret, options.session_lifetime),
        provider_client_(ProviderClient(options)),
        identity_(database, IdentityConfig(options, secret), loop_.get_executor()),
        remote_runner_(RemoteRunner(options)),
        questions_(database, options.store_namespace, runner(), identity_.audit),
        api_(ShownConfig(options),
             gateway::ApiParts{.manager = manager_,
                               .secret = secret_,
                               .signer = signer_,
                               .identity = identity_,
                               .questions = questions_,
                               .metrics = metrics_}),
        server_(loop_, options.server, router_, metrics_),
        playground_(options,
                    secret,
                    {.loop = loop_,
                     .api = api_,
                     .metrics = metrics_,
                     .runner = runner(),
                     .bank = questions_.bank}) {}

  int Run() {
    main_.Spawn(Migrate());
    RunLoop();
    if (!migrated_) {
      return Report(std::move(migrated_).error());
    }
    api_.AddTo(router_);
    playground_.AddTo(router_);
    gateway::AddSite(router_, metrics_, {.ready = [this] { return CheckReady(); }});
    auto started = server_.Start();
    if (!started) {
      return Report(WithHint(std::move(started).error()));
    }
    identity_.Start();
    scope_.Spawn(manager_.Run());
    if (remote_runner_ == nullptr) {
      scope_.Spawn(runners_.Start());
    }
    scope_.Spawn(RemoveLeftovers());
    scope_.Spawn(Announce());
    main_.Spawn(ServeUntilStopped());
    RunLoop();
    return listening_ ? 0 : Report(listening_.error());
  }

 private:
  static std::unique_ptr<oidc::CurlClient> ProviderClient(const ServeOptions& options) {
    return oidc::IsOff(options.oidc) ? nullptr
                                     : std::make_unique<oidc::CurlClient>(options.oidc.ca_file);
  }

  /// With what the system's page shows of the process.
  static gateway::ApiConfig ShownConfig(const ServeOptions& options) {
    gateway::ApiConfig config = options.api;
    config.listen = options.listen;
    config.data_dir = options.data_dir.string();
    config.sql_runner = {.socket = (options.run_dir / "sql.sock").string(), .users = {geteuid()}};
    if (auto runner = FindUser(options.sql_user)) {
      config.sql_runner.users.push_back(runner->uid);
    }
    return config;
  }

  std::unique_ptr<rpc::RunnerClient> RemoteRunner(const ServeOptions& options) {
    return options.runner
               ? std::make_unique<rpc::RunnerClient>(loop_.get_executor(), *options.runner)
               : nullptr;
  }
  challenges::Runner& runner() {
    return remote_runner_ != nullptr ? static_cast<challenges::Runner&>(*remote_runner_)
                                     : runners_.runner();
  }

  identity::ServicesConfig IdentityConfig(const ServeOptions& options,
                                          const identity::Secret& secret) {
    const sandbox::Limits& most = options.manager.limits.max;
    identity::ServicesConfig config{
        .name_space = options.store_namespace,
        .session_lifetime = options.session_lifetime,
        .audit_age_max = options.audit_age_max,
        .ceiling = {.sandboxes_max = options.manager.per_user_max,
                    .memory_max_bytes = static_cast<std::int64_t>(most.memory.count),
                    .lifetime_max_s = most.lifetime_max.count()},
        .transfer = [this](UserId from, UserId to, Deadline deadline) {
          return manager_.TransferAll(std::move(from), std::move(to), deadline);
        }};
    if (provider_client_ != nullptr) {
      config.provider = identity::ProviderConfig{
          .config = options.oidc, .client = provider_client_.get(), .secret = secret};
    }
    return config;
  }

  // Until `main_` is through, and not until the loop has nothing left to do: connections to agents
  // listen until they are dropped.
  void RunLoop() {
    loop_.restart();  // it has stopped when it ran out of work before
    while (main_.running_count() > 0) {
      loop_.run_one();
    }
  }

  aio::Task<void> Migrate() {
    migrated_ = co_await database_.Migrate(store::Migrations(), Deadline::After(kMigrateTimeMax));
    if (migrated_) {
      databases::Registry registry(database_, options_.store_namespace, secret_, identity_.audit);
      migrated_ = co_await registry.SealStored(Deadline::After(kMigrateTimeMax));
    }
    if (!migrated_) {
      co_return;
    }
    co_await PutShippedQuestions();
    auto path = co_await FirstAdminPath(identity_, Deadline::After(kMigrateTimeMax));
    if (path) {
      first_admin_path_ = *std::move(path);
    } else {
      migrated_ = Fail(std::move(path).error());
    }
  }

  // A server without them is still a server.
  aio::Task<void> PutShippedQuestions() {
    auto count = co_await questions::PutShipped(
        database_, options_.store_namespace, questions_.bank,
        questions::ReadSources(questions::ShippedFiles()), Deadline::After(kMigrateTimeMax));
    if (!count) {
      log::Error("the shipped questions were not put into the bank: {}", count.error().message);
    } else if (count->added + count->renewed > 0) {
      log::Info("{} shipped schemas and questions are new, {} renewed", count->added,
                count->renewed);
    }
  }

  aio::Task<void> RemoveLeftovers() {
    auto ready = co_await manager_.WaitUntilReady(Deadline::Never());
    if (ready) {
      co_await runners_.RemoveLeftovers();
    }
  }

  aio::Task<Result<void>> CheckReady() { co_return manager_.Ready(); }

  [[nodiscard]] Error WithHint(Error error) const {
    if (error.code == Code::kConflict) {
      error.message += fmt::format(
          "\n`ss -ltnp sport = :{}` shows who uses it; --listen ADDRESS:PORT chooses another",
          options_.server.port);
    } else if (error.code == Code::kDenied) {
      error.message +=
          "\nThe server does not run as root, so take a port above 1023 and put a proxy before it,"
          " or allow lower ones: sysctl net.ipv4.ip_unprivileged_port_start=80";
    }
    return error;
  }

  /// Tells people where to go, once there is something to see.
  aio::Task<void> Announce() {
    auto ready = co_await manager_.WaitUntilReady(Deadline::After(kNodePatience));
    if (!ready && ready.error().code == Code::kCancelled) {
      co_return;
    }
    if (!ready) {
      const auto reason = manager_.Ready();
      log::Warn(
          "no node answers {}: {}. `paddock node`, as root, starts one; `paddock serve`, "
          "as root, starts both",
          PlaceOf(options_), reason ? "no reason" : reason.error().message);
    }
    fmt::print("Paddock is {}: {}\n", ready ? "ready" : "waiting for its node", server_.url());
    if (first_admin_path_) {
      fmt::print("It has no admin yet. Become one, within {} days: {}{}\n",
                 identity::Links::kFirstAdminLifetime.count(), server_.url(), *first_admin_path_);
    }
    std::fflush(stdout);
  }

  aio::Task<void> ServeUntilStopped() {
    asio::signal_set signals(loop_, SIGTERM, SIGINT, SIGHUP);
    listening_ = playground_.Start();
    while (listening_) {
      const auto [error, number] = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
      if (error || number != SIGHUP) {
        break;
      }
      auto reloaded = server_.ReloadTls();
      if (reloaded) {
        reloaded = playground_.ReloadTls();
      }
      if (!reloaded) {
        log::Error("the certificate was not read again: {}", reloaded.error().message);
      }
    }
    log::Info("the server stops; sandboxes live on");
    const auto patience = Deadline::After(kStopTimeMax);
    co_await server_.Stop(patience);
    co_await playground_.Stop(patience);
    scope_.Cancel();
    co_await scope_.Join();
    co_await runners_.Stop();
    co_await identity_.Close();
    co_await database_.Close(Deadline::After(kStoreCloseTimeMax));
  }

  ServeOptions options_;
  const identity::Secret& secret_;  // outlives the process
  asio::io_context& loop_;
  store::Database& database_;
  Result<void> migrated_;
  Result<void> listening_;                       // for the front ends of Database Playground
  std::optional<std::string> first_admin_path_;  // while nobody runs the server
  rpc::NodeClient node_;
  sandbox::Manager manager_;
  identity::TokenSigner signer_;
  std::unique_ptr<oidc::CurlClient> provider_client_;  // null when none is configured
  identity::Services identity_;
  // Started unless there is a remote one.
  ChallengeRunners runners_{loop_.get_executor(),
                            options_.challenges,
                            {.driver = &node_,
                             .directory = ServerDir(options_),
                             .idle_max = options_.challenge_idle_max}};
  std::unique_ptr<rpc::RunnerClient> remote_runner_;  // null when none is configured
  questions::Services questions_;
  gateway::Metrics metrics_;
  gateway::Router router_;
  gateway::Api api_;
  gateway::Server server_;
  PlaygroundServer playground_;
  aio::TaskScope scope_{loop_.get_executor()};
  aio::TaskScope main_{loop_.get_executor()};
};

Result<identity::Secret> LoadSecret(const ServeOptions& options) {
  const fs::path own = ServerDir(options);
  std::error_code failure;
  fs::create_directories(own, failure);
  if (failure) {
    return Fail(Code::kUnavailable,
                fmt::format("cannot make {}: {}. Start as root, or choose another --data-dir",
                            own.string(), failure.message()));
  }
  return identity::LoadOrCreateSecret(own / "secret");
}

using OpenedDatabase = Result<std::unique_ptr<store::Database>>;

aio::Task<void> OpenInto(OpenedDatabase& opened, StoreAddress address) {  // outlives the task
  opened = co_await OpenStore(std::move(address), Deadline::After(kStoreOpenTimeMax));
}

/// The store, opened on `loop`, which runs until that is done.
OpenedDatabase OpenedStore(asio::io_context& loop, const ServeOptions& options) {
  OpenedDatabase opened;
  aio::TaskScope scope(loop.get_executor());
  scope.Spawn(OpenInto(opened, {.url = options.store, .data_dir = options.data_dir}));
  while (scope.running_count() > 0) {
    loop.run_one();
  }
  return opened;
}

/// Of all that is elsewhere.
Result<void> CheckRemoteServices(const ServeOptions& options) {
  for (const auto* service : {&options.remote_node, &options.runner, &options.questions}) {
    auto checked = *service ? CheckRemoteService(**service, options.user) : Result<void>();
    if (!checked) {
      return checked;
    }
  }
  return {};
}

}  // namespace

int RunServer(const ServeOptions& options) {
  // A client that has gone away must not end the server.
  signal(SIGPIPE, SIG_IGN);
  // gRPC looks every 5 s whether a connection that nobody uses yet has come about: at the start,
  // and when the node comes back, that would be waiting for nothing. It reads this at its first
  // use.
  setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "20", 0);  // NOLINT: no thread exists yet
  rpc::SetUpGrpc();
  umask(077);
  if (isatty(STDERR_FILENO) == 0) {
    log::HoldInfo();  // the server's sweeps write it; at a terminal somebody reads along
  }
  auto secret = LoadSecret(options);
  if (!secret) {
    return Report(secret.error());
  }
  auto checked = CheckRemoteServices(options);
  if (!checked) {
    return Report(checked.error());
  }
  asio::io_context loop(1);
  auto database = OpenedStore(loop, options);
  if (!database) {
    return Report(database.error());
  }
  return ServerProcess(options, *secret, loop, **database).Run();
}

}  // namespace paddock::app
