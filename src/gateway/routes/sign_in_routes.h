// SignInRoutes: /api/v1/sign-in: what ways in there are, and the one by name and password.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class SignInRoutes {
 public:
  explicit SignInRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Options(Request& request);
  [[nodiscard]] aio::Task<Response> SignIn(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
