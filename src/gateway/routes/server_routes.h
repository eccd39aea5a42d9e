// ServerRoutes: what the server offers, and what happens on it: status, images, events.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class ServerRoutes {
 public:
  explicit ServerRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Status(const Request& request) const;
  [[nodiscard]] Response Images(const Request& request) const;
  [[nodiscard]] Response Events(const Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
