#include "app/service_process.h"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "aio/task_scope.h"
#include "app/supervisor.h"
#include "base/log.h"
#include "rpc/grpc_setup.h"
#include "sqlrunner/confinement.h"

namespace paddock::app {
namespace asio = boost::asio;

namespace {

aio::Task<void> Keep(aio::Task<Result<void>> task, Result<void>& outcome) {  // outlives the task
  outcome = co_await std::move(task);
}

}  // namespace

Result<void> EnterService(const std::string& user) {
  UserIds ids{.uid = geteuid(), .gid = getegid()};
  if (ids.uid == 0) {
    auto found = FindUser(user);
    if (!found) {
      return Fail(std::move(found).error());
    }
    ids = *found;
  }
  // A client that has gone away must not end a service.
  std::signal(SIGPIPE, SIG_IGN);
  if (isatty(STDERR_FILENO) != 0) {
    log::SetHuman(true);
  }
  umask(077);
  rpc::SetUpGrpc();
  return sqlrunner::Confine(ids.uid, ids.gid);
}

aio::Task<Result<void>> AnswerUntilStopped(rpc::ServiceHost& host,
                                           rpc::RemoteAccess access,
                                           std::string_view name) {
  auto listening = host.Listen(access);
  if (listening) {
    log::Info("{} ready on port {}: {}", name, host.port(), fmt::join(access.clients, ", "));
    const auto executor = co_await asio::this_coro::executor;
    asio::signal_set signals(executor, SIGINT, SIGTERM);
    [[maybe_unused]] auto signal = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
    log::Info("{} ends", name);
  }
  co_await host.Shutdown();
  co_return listening;
}

int RunService(asio::io_context& loop, std::string_view verb, aio::Task<Result<void>> serve) {
  Result<void> outcome;
  aio::TaskScope scope(loop.get_executor());
  scope.Spawn(Keep(std::move(serve), outcome));
  while (scope.running_count() > 0) {
    loop.run_one();
  }
  if (!outcome) {
    fmt::print(stderr, "paddock {}: {}\n", verb, outcome.error().message);
    return 1;
  }
  return 0;
}

}  // namespace paddock::app
