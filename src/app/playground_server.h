// PlaygroundServer: what the front ends of Database Playground call: routes of the server itself,
// and, when it is configured, a listener of their own. Runner and question service are in this
// process or, when they are configured, elsewhere.
//
// Made by server_process. Threading: loop thread only. Ownership: what PlaygroundServerParts refers
// to outlives it; Stop() must have completed before it is destroyed.
#pragma once

#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "aio/task.h"
#include "app/serve_options.h"
#include "base/deadline.h"
#include "base/result.h"
#include "challenges/runner.h"
#include "gateway/metrics.h"
#include "gateway/playground/database_playground.h"
#include "gateway/playground/sql_runner_routes.h"
#include "gateway/router.h"
#include "gateway/routes/api.h"
#include "gateway/server.h"
#include "identity/rate_limiter.h"
#include "identity/secret.h"
#include "playground/services.h"
#include "questions/bank.h"

namespace paddock::app {

struct PlaygroundServerParts {
  boost::asio::io_context& loop;
  gateway::Api& api;  // whose callers and limits hold here too
  gateway::Metrics& metrics;
  challenges::Runner& runner;
  questions::Bank& bank;
};

class PlaygroundServer {
 public:
  PlaygroundServer(const ServeOptions& options,
                   const identity::Secret& secret,
                   PlaygroundServerParts parts);

  void AddTo(gateway::Router& router);
  /// Listens, when an address is configured, and says where. Fails like gateway::Server::Start.
  [[nodiscard]] Result<void> Start();
  /// Reads the certificate again.
  [[nodiscard]] Result<void> ReloadTls();
  [[nodiscard]] aio::Task<void> Stop(Deadline deadline);

 private:
  std::unique_ptr<playground::DbRunner> outputs_;
  std::unique_ptr<playground::QuestionManager> questions_;
  identity::RateLimiter runs_;
  gateway::DatabasePlayground gateway_;
  gateway::SqlRunnerRoutes sql_runner_;
  gateway::Router router_;  // of the listener
  std::optional<gateway::Server> server_;
};

}  // namespace paddock::app
