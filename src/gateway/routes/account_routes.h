// AccountRoutes: /api/v1/account: what people do with their own account, their sessions and their
// API tokens.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class AccountRoutes {
 public:
  explicit AccountRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  void AddSessionsTo(Router& router);
  void AddTokensTo(Router& router);

  [[nodiscard]] aio::Task<Response> Get(Request& request);
  [[nodiscard]] aio::Task<Response> Change(Request& request);
  [[nodiscard]] aio::Task<Response> SetPassword(Request& request);
  [[nodiscard]] aio::Task<Response> Delete(Request& request);
  [[nodiscard]] aio::Task<Response> ListSessions(Request& request);
  [[nodiscard]] aio::Task<Response> EndSession(Request& request);
  [[nodiscard]] aio::Task<Response> EndOtherSessions(Request& request);
  [[nodiscard]] aio::Task<Response> ListTokens(Request& request);
  [[nodiscard]] aio::Task<Response> MakeToken(Request& request);
  [[nodiscard]] aio::Task<Response> RevokeToken(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
