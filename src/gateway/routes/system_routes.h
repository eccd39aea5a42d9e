// SystemRoutes: /api/v1/system: how the whole server is, for admins.
//
// Threading: loop thread only.
#pragma once

#include <chrono>

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class SystemRoutes {
 public:
  explicit SystemRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Get(Request& request);

  ApiContext& context_;
  std::chrono::system_clock::time_point started_at_ = std::chrono::system_clock::now();
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace paddock::gateway
