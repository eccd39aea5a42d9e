// UserRoutes: /api/v1/users: what admins see of users and do with them.
//
// Threading: loop thread only.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"
#include "store/user_directory.h"

namespace paddock::gateway {

class UserRoutes {
 public:
  explicit UserRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> List(Request& request);
  [[nodiscard]] aio::Task<Response> Get(Request& request);
  [[nodiscard]] aio::Task<Response> Change(Request& request);
  [[nodiscard]] aio::Task<Response> Reset(Request& request);
  [[nodiscard]] aio::Task<Response> EndSessions(Request& request);
  [[nodiscard]] aio::Task<Response> Delete(Request& request);
  [[nodiscard]] aio::Task<Response> ActAs(Request& request);

  [[nodiscard]] Response UserResponse(const Request& request,
                                      const Result<store::DirectoryEntry>& found) const;

  ApiContext& context_;
};

}  // namespace paddock::gateway
