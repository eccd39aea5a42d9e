// ClassRoutes: /api/v1/classes: classes, their members, and joining by a code.
//
// Invitations into a class are invitation_routes.h. Threading: loop thread only.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"
#include "identity/policy.h"
#include "store/classes.h"

namespace paddock::gateway {

class ClassRoutes {
 public:
  explicit ClassRoutes(ApiContext& context);
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> List(Request& request);
  [[nodiscard]] aio::Task<Response> Create(Request& request);
  [[nodiscard]] aio::Task<Response> Get(Request& request);
  [[nodiscard]] aio::Task<Response> Change(Request& request);
  [[nodiscard]] aio::Task<Response> Delete(Request& request);
  [[nodiscard]] aio::Task<Response> RenewCode(Request& request);
  [[nodiscard]] aio::Task<Response> Members(Request& request);
  [[nodiscard]] aio::Task<Response> RemoveMember(Request& request);
  [[nodiscard]] aio::Task<Response> Join(Request& request);

  [[nodiscard]] Response ClassResponse(const Request& request,
                                       int status,
                                       const Result<store::ClassRecord>& found) const;

  ApiContext& context_;
  identity::RateLimiter user_joins_;
  identity::RateLimiter address_joins_;
};

}  // namespace paddock::gateway
