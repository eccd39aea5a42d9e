// GrpcShutdown: the end of a gRPC server, while the loop goes on.
//
// gRPC's Shutdown blocks until all calls have finished, and those need the loop: so it runs in a
// thread. Used by NodeService and ServiceHost. Threading: loop thread. Ownership: `server` outlives
// it; Join before the destructor.
#pragma once

#include <thread>

#include <boost/asio/any_io_executor.hpp>
#include <grpcpp/server.h>

#include "aio/condition.h"
#include "aio/task.h"

namespace paddock::rpc {

class GrpcShutdown {
 public:
  /// No more calls are taken; those under way have some seconds to end.
  GrpcShutdown(grpc::Server& server, boost::asio::any_io_executor executor);
  GrpcShutdown(const GrpcShutdown&) = delete;
  GrpcShutdown& operator=(const GrpcShutdown&) = delete;
  ~GrpcShutdown() = default;

  /// Completes when all have.
  [[nodiscard]] aio::Task<void> Join();

 private:
  boost::asio::any_io_executor executor_;
  aio::Condition has_shut_down_;
  bool is_shut_down_ = false;
  std::thread waiter_;
};

}  // namespace paddock::rpc
