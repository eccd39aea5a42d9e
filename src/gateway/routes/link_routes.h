// LinkRoutes: /api/v1/links and /api/v1/sign-up: getting in by a link or by a class's join code.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class LinkRoutes {
 public:
  explicit LinkRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Look(Request& request);
  [[nodiscard]] aio::Task<Response> Use(Request& request);
  [[nodiscard]] aio::Task<Response> Join(Request& request);
  [[nodiscard]] aio::Task<Response> SignUp(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
