// ForwardRoute: the WebSocket over which `paddock forward` reaches a port of a sandbox.
//
// Every binary message is bytes of one connection, in either direction; its end is the socket's.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class ForwardRoute {
 public:
  explicit ForwardRoute(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Attach(Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
