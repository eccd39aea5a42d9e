// ChallengeRoutes: running a query, submitting it, and what one has submitted.
//
// Threading: loop thread only.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"
#include "gateway/routes/question_forms.h"

namespace paddock::gateway {

class ChallengeRoutes {
 public:
  explicit ChallengeRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Run(Request& request);
  [[nodiscard]] aio::Task<Response> Submit(Request& request);
  [[nodiscard]] aio::Task<Response> List(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
