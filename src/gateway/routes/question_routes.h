// QuestionRoutes: /api/v1/questions and /api/v1/schemas as learners read them.
//
// Answers to questions are challenge_routes.h's, writing them authoring_routes.h's. Threading: loop
// thread only.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"
#include "gateway/routes/question_forms.h"

namespace paddock::gateway {

class QuestionRoutes {
 public:
  explicit QuestionRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> ListSchemas(Request& request);
  [[nodiscard]] aio::Task<Response> GetSchema(Request& request);
  [[nodiscard]] aio::Task<Response> List(Request& request);
  [[nodiscard]] aio::Task<Response> Get(Request& request);
  [[nodiscard]] aio::Task<Response> Hint(Request& request);
  [[nodiscard]] aio::Task<Response> Solution(Request& request);
  [[nodiscard]] aio::Task<Response> GiveUp(Request& request);
  [[nodiscard]] aio::Task<Response> Expected(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
