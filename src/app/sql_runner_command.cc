#include "app/sql_runner_command.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "aio/task_scope.h"
#include "base/log.h"
#include "egress/rules.h"
#include "engines/helper/sqlite_engine.h"
#include "engines/mariadb/mariadb_engine.h"
#include "engines/postgres/postgres_engine.h"
#include "sqlrunner/confinement.h"
#include "sqlrunner/link/local_socket.h"
#include "sqlrunner/runner.h"

namespace paddock::app {
namespace {

namespace asio = boost::asio;

struct Options {
  std::string socket;
  std::string spill_directory;
  std::string door_directory;  // for the sockets by which libraries reach databases
  uid_t server_uid = 0;
  gid_t server_gid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<std::string> allowed;  // networks, for registered databases
};

int Report(const Error& error) {
  fmt::print(stderr, "paddock sql-runner: {}\n", error.message);
  return 1;
}

/// The adapters, by what they speak.
struct AllEngines {
  explicit AllEngines(const std::filesystem::path& doors)
      : postgres(sql::Dialect::kPostgres, doors),
        kwdb(sql::Dialect::kKwdb, doors),
        mariadb(doors) {}

  engines::postgres::PostgresEngine postgres;
  engines::postgres::PostgresEngine kwdb;
  engines::mariadb::MariadbEngine mariadb;
  engines::helper::SqliteEngine sqlite;
  sqlrunner::Engines map{{sql::Dialect::kPostgres, &postgres},
                         {sql::Dialect::kKwdb, &kwdb},
                         {sql::Dialect::kMariadb, &mariadb},
                         {sql::Dialect::kSqlite, &sqlite}};
};

// `loop`, `runner` and `is_over` outlive the task.
aio::Task<void> RunUntilStopped(asio::io_context& loop, sqlrunner::Runner& runner, bool& is_over) {
  asio::signal_set signals(loop, SIGTERM, SIGINT);
  [[maybe_unused]] auto signal = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
  co_await runner.Shutdown();
  is_over = true;
}

int Run(const Options& options) {
  signal(SIGPIPE, SIG_IGN);
  if (isatty(STDERR_FILENO) != 0) {
    log::SetHuman(true);
  }
  // The place is made as root, what comes to it is served as somebody else.
  auto listener = sqlrunner::ListenAt(options.socket, options.server_gid);
  if (!listener) {
    return Report(listener.error());
  }
  auto confined = sqlrunner::Confine(options.uid, options.gid);
  if (!confined) {
    return Report(confined.error());
  }
  AllEngines engines(options.door_directory);
  asio::io_context loop(1);
  auto egress = egress::Rules::Allowing(options.allowed);
  if (!egress) {
    return Report(egress.error());
  }
  sqlrunner::ConversationConfig config;
  config.egress = *std::move(egress);
  config.spill_directory = options.spill_directory;
  sqlrunner::Runner runner(loop.get_executor(), std::move(config), engines.map);
  runner.Serve(*std::move(listener), {options.server_uid});
  aio::TaskScope scope(loop.get_executor());
  bool is_over = false;
  scope.Spawn(RunUntilStopped(loop, runner, is_over));
  while (!is_over || scope.running_count() > 0) {
    loop.run_one();
  }
  return 0;
}

}  // namespace

int SqlRunnerCommand(std::span<char*> arguments) {
  Options options;
  CLI::App app("Speaks to the databases of learners. Started by `paddock serve`.");
  app.add_option("--socket", options.socket)->required();
  app.add_option("--spill", options.spill_directory)->required();
  app.add_option("--doors", options.door_directory)->required();
  app.add_option("--server-uid", options.server_uid)->required();
  app.add_option("--server-gid", options.server_gid)->required();
  app.add_option("--uid", options.uid)->required();
  app.add_option("--gid", options.gid)->required();
  app.add_option("--allow", options.allowed);
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& failure) {
    return app.exit(failure) == 0 ? 0 : 2;
  }
  return Run(options);
}

}  // namespace paddock::app
