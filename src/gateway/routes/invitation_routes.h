// InvitationRoutes: /api/v1/invitations, for admins, and those into a class, for its teacher.
//
// Threading: loop thread only.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class InvitationRoutes {
 public:
  explicit InvitationRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> List(Request& request);
  [[nodiscard]] aio::Task<Response> Make(Request& request);
  [[nodiscard]] aio::Task<Response> Revoke(Request& request);
  [[nodiscard]] aio::Task<Response> ListOfClass(Request& request);
  [[nodiscard]] aio::Task<Response> MakeForClass(Request& request);
  [[nodiscard]] aio::Task<Response> RevokeOfClass(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
