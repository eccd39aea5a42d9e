// RunnerService and RunnerClient: challenges::Runner over gRPC (api/runner.proto).
//
// The service is added to a ServiceHost; the client stands in for the runner in another process. A
// schema's script goes over once: from then on its digest does, until the service has forgotten it.
// Threading: loop thread. Ownership: what is passed by reference outlives them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_set>

#include <boost/asio/any_io_executor.hpp>
#include <grpcpp/impl/service_type.h>

#include "challenges/runner.h"
#include "rpc/services/known_schemas.h"
#include "rpc/services/service_host.h"
#include "rpc/services/service_link.h"

namespace paddock::rpc {

[[nodiscard]] std::unique_ptr<grpc::Service> MakeRunnerService(ServiceHost& host,
                                                               challenges::Runner& runner,
                                                               KnownSchemasLimits limits = {});

class RunnerClient final : public challenges::Runner {
 public:
  static constexpr std::size_t kKeptMax = 4'096;  // digests; beyond, all are forgotten

  RunnerClient(boost::asio::any_io_executor executor, RemoteService service);
  aio::Task<Result<challenges::RunOutcomeRef>> Run(challenges::RunRequest request,
                                                   Deadline deadline) override;

 private:
  void Note(const std::string& digest, bool is_kept);

  ServiceLink link_;
  std::unordered_set<std::string> kept_;  // digests of what the service said that it keeps
};

}  // namespace paddock::rpc
