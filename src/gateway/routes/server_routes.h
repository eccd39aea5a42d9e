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
  [[nodiscard]] aio::Task<Response> Status(Request& request);
  [[nodiscard]] aio::Task<Response> Images(Request& request);
  [[nodiscard]] aio::Task<Response> Events(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
