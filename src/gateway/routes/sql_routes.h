// SqlRoutes: the WebSocket of a session with a database.
//
// The SQL runner, another process, speaks the protocol (docs/protocol/sql.md); here is who may
// open one, and what only the server can give the runner: connections into the caller's sandboxes.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

inline constexpr std::string_view kSqlSocketPath = "/api/v1/sql/socket";

class SqlRoutes {
 public:
  explicit SqlRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Attach(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
