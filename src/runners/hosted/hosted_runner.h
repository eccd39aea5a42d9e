// HostedRunner: lets runs go on once the database server that they need is there.
//
// Implements challenges::Runner before one that connects to a HostedServer. Threading: loop thread.
// Ownership: both outlive it and its runs.
#pragma once

#include "challenges/runner.h"
#include "runners/hosted/hosted_server.h"

namespace paddock::runners::hosted {

class HostedRunner final : public challenges::Runner {
 public:
  HostedRunner(HostedServer& server, challenges::Runner& runner)
      : server_(server), runner_(runner) {}

  /// Also like HostedServer::Await.
  [[nodiscard]] aio::Task<Result<challenges::RunOutcomeRef>> Run(challenges::RunRequest request,
                                                                 Deadline deadline) override;

 private:
  HostedServer& server_;
  challenges::Runner& runner_;
};

}  // namespace paddock::runners::hosted
