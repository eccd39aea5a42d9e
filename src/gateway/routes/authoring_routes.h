// AuthoringRoutes: writing questions and schemas, for teachers and admins.
//
// Threading: loop thread only.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"
#include "gateway/routes/question_forms.h"

namespace paddock::gateway {

class AuthoringRoutes {
 public:
  explicit AuthoringRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Validate(Request& request);
  [[nodiscard]] aio::Task<Response> CreateQuestion(Request& request);
  [[nodiscard]] aio::Task<Response> ReadQuestion(Request& request);
  [[nodiscard]] aio::Task<Response> ChangeQuestion(Request& request);
  [[nodiscard]] aio::Task<Response> DeleteQuestion(Request& request);
  [[nodiscard]] aio::Task<Response> CreateSchema(Request& request);
  [[nodiscard]] aio::Task<Response> ReadSchema(Request& request);
  [[nodiscard]] aio::Task<Response> ChangeSchema(Request& request);
  [[nodiscard]] aio::Task<Response> DeleteSchema(Request& request);

  /// The question in the path, for who may change it. kNotFound, kDenied.
  [[nodiscard]] aio::Task<Result<questions::BankQuestionRef>> FindEditable(const Request& request);
  [[nodiscard]] aio::Task<Result<questions::BankSchemaRef>> FindSchema(const Request& request,
                                                                       bool is_change);

  ApiContext& context_;
};

}  // namespace paddock::gateway
