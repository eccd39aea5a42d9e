// RunnerService and RunnerClient: challenges::Runner over gRPC (api/runner.proto).
//
// The service is added to a ServiceHost; the client stands in for the runner in another process.
// Threading: loop thread. Ownership: what is passed by reference outlives them.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <grpcpp/impl/service_type.h>

#include "challenges/runner.h"
#include "rpc/services/service_host.h"
#include "rpc/services/service_link.h"

namespace paddock::rpc {

[[nodiscard]] std::unique_ptr<grpc::Service> MakeRunnerService(ServiceHost& host,
                                                               challenges::Runner& runner);

class RunnerClient final : public challenges::Runner {
 public:
  RunnerClient(boost::asio::any_io_executor executor, RemoteService service);
  aio::Task<Result<challenges::RunOutcomeRef>> Run(challenges::RunRequest request,
                                                   Deadline deadline) override;

 private:
  ServiceLink link_;
};

}  // namespace paddock::rpc
