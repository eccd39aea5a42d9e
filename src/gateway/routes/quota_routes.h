// QuotaRoutes: /api/v1/quotas: what each role may use. Of classes, see class_routes.h.
//
// Threading: loop thread only.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class QuotaRoutes {
 public:
  explicit QuotaRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> List(Request& request);
  [[nodiscard]] aio::Task<Response> Put(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
