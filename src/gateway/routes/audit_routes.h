// AuditRoutes: /api/v1/audit: who did what to whom, for admins.
//
// Threading: loop thread only.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class AuditRoutes {
 public:
  explicit AuditRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> List(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
