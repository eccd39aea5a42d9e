// SqlHistoryRoutes: what the caller ran in sessions with databases, kept by the page that ran it.
//
// Threading: loop thread only.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class SqlHistoryRoutes {
 public:
  explicit SqlHistoryRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> List(Request& request);
  [[nodiscard]] aio::Task<Response> Add(Request& request);
  [[nodiscard]] aio::Task<Response> Clear(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
