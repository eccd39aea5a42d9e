#include "runners/hosted/hosted_runner.h"

#include <utility>

namespace paddock::runners::hosted {

aio::Task<Result<challenges::RunOutcomeRef>> HostedRunner::Run(challenges::RunRequest request,
                                                               Deadline deadline) {
  const HostedServer::Use use(server_);
  auto running = co_await server_.Await(deadline);
  if (!running) {
    co_return Fail(std::move(running).error());
  }
  auto outcome = co_await runner_.Run(std::move(request), deadline);
  co_return outcome;
}

}  // namespace paddock::runners::hosted
