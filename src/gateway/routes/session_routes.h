// SessionRoutes: /api/v1/session and /api/v1/tickets.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class SessionRoutes {
 public:
  explicit SessionRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] Result<Response> Open(Request& request);
  [[nodiscard]] Result<Response> Get(const Request& request);
  [[nodiscard]] Response Close(const Request& request);
  [[nodiscard]] aio::Task<Response> CreateTicket(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
