// SqlRunnerRoutes: any query on any schema, as the SQL runner of Database Playground answers it.
//
// POST /sqlrunner/query and GET /sqlrunner/healthz. For this server's users, whose tokens need the
// scope `challenge`; for everybody only when that is configured. docs/database-playground.md.
//
// Threading: loop thread only. Ownership: `runner` and `runs` outlive it; it outlives the server.
#pragma once

#include "challenges/runner.h"
#include "gateway/router.h"
#include "identity/rate_limiter.h"

namespace paddock::gateway {

class SqlRunnerRoutes {
 public:
  /// `is_open`: whoever reaches the server may run queries, by the rate of their address.
  SqlRunnerRoutes(challenges::Runner& runner, identity::RateLimiter& runs, bool is_open)
      : runner_(runner), runs_(runs), is_open_(is_open) {}

  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Query(Request& request);

  challenges::Runner& runner_;
  identity::RateLimiter& runs_;
  bool is_open_;
};

}  // namespace paddock::gateway
