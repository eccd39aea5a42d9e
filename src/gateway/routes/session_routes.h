// SessionRoutes: /api/v1/session and /api/v1/tickets.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class SessionRoutes {
 public:
  explicit SessionRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Open(Request& request);
  [[nodiscard]] aio::Task<Response> Get(Request& request);
  [[nodiscard]] aio::Task<Response> Close(Request& request);
  [[nodiscard]] aio::Task<Response> CreateTicket(Request& request);

  [[nodiscard]] aio::Task<Response> AnswerGuest(Request& request,
                                                int status,
                                                identity::TokenSigner::Issued guest);
  /// Ends an admin's session as somebody else, and goes back to their own if it still is one.
  [[nodiscard]] aio::Task<Response> CloseActing(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
