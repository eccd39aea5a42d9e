// ProgressRoutes: the leaderboard, one's own progress, and how a class and a question are doing.
//
// Threading: loop thread only.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class ProgressRoutes {
 public:
  explicit ProgressRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Leaderboard(Request& request);
  [[nodiscard]] aio::Task<Response> Own(Request& request);
  [[nodiscard]] aio::Task<Response> Statistics(Request& request);
  [[nodiscard]] aio::Task<Response> OfClass(Request& request);
  [[nodiscard]] aio::Task<Response> Reset(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
