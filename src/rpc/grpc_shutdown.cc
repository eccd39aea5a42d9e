#include "rpc/grpc_shutdown.h"

#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>

namespace paddock::rpc {
namespace {

constexpr auto kShutdownGrace = std::chrono::seconds(5);

}  // namespace

GrpcShutdown::GrpcShutdown(grpc::Server& server, boost::asio::any_io_executor executor)
    : executor_(std::move(executor)), waiter_([this, &server] {
        server.Shutdown(std::chrono::system_clock::now() + kShutdownGrace);
        boost::asio::post(executor_, [this] {
          is_shut_down_ = true;
          has_shut_down_.NotifyAll();
        });
      }) {}

aio::Task<void> GrpcShutdown::Join() {
  while (!is_shut_down_) {
    [[maybe_unused]] auto notified = co_await has_shut_down_.Wait(Deadline::Never());
  }
  waiter_.join();
}

}  // namespace paddock::rpc
