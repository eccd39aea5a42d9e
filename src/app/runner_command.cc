#include "app/runner_command.h"

#include <cstdio>
#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "app/challenge_runners.h"
#include "app/service_process.h"
#include "app/settings.h"
#include "playground/local_runner.h"
#include "rpc/services/playground_services.h"
#include "rpc/services/runner_service.h"

namespace paddock::app {
namespace {

aio::Task<Result<void>> Serve(boost::asio::any_io_executor executor,
                              ChallengeServers servers,
                              rpc::RemoteAccess access) {
  ChallengeRunners runners(executor, servers);
  playground::LocalRunner outputs(runners.runner());
  std::unique_ptr<grpc::Service> runs;
  std::unique_ptr<grpc::Service> queries;
  rpc::ServiceHost host(executor);
  runs = rpc::MakeRunnerService(host, runners.runner());
  queries = rpc::MakeDbRunnerService(host, outputs);
  host.Add(*runs);
  host.Add(*queries);
  co_await runners.Start();
  auto served = co_await AnswerUntilStopped(host, std::move(access), "runner");
  co_await runners.Stop();
  co_return served;
}

}  // namespace

int RunnerCommand(std::span<char*> arguments) {
  Settings settings(config::Process::kRunner);
  const auto status = settings.ReadOrExplain(
      arguments,
      "Runs challenges for servers elsewhere (docs/split.md). Knows no user, no store and no\n"
      "secret but its own key and the database servers for challenges.");
  if (status) {
    return *status;
  }
  auto access = RequiredAccessOf(settings.runner_link());
  auto entered =
      access ? EnterService(settings.serve().runner_user) : Result<void>(Fail(access.error()));
  if (!entered) {
    fmt::print(stderr, "paddock runner: {}\n", entered.error().message);
    return 1;
  }
  boost::asio::io_context loop(1);
  auto serving = Serve(loop.get_executor(), settings.serve().challenges, *std::move(access));
  return RunService(loop, "runner", std::move(serving));
}

}  // namespace paddock::app
