// ServiceHost: a gRPC server over mutual TLS, with health and reflection, for services that answer
// on the loop.
//
// Used by the runner and the question service when they are processes of their own. Only clients
// that RemoteAccess names get an answer, from health and reflection too.
// Threading: loop thread; Serve is called on gRPC's. Ownership: Shutdown before the destructor,
// and before the services that were added go.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <grpcpp/grpcpp.h>

#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/result.h"
#include "rpc/call_set.h"
#include "rpc/remote.h"

namespace paddock::rpc {

class ServiceHost {
 public:
  explicit ServiceHost(boost::asio::any_io_executor executor);
  ~ServiceHost();
  ServiceHost(const ServiceHost&) = delete;
  ServiceHost& operator=(const ServiceHost&) = delete;

  /// Before Listen. The service outlives the host.
  void Add(grpc::Service& service);

  /// Fails with kUnavailable (the port), and like certs::CheckFiles for the files in `access`.
  [[nodiscard]] Result<void> Listen(const RemoteAccess& access);
  [[nodiscard]] int port() const noexcept { return port_; }

  /// Takes no more calls, ends those under way and waits for them.
  [[nodiscard]] aio::Task<void> Shutdown();

  /// Runs `call(deadline)` on the loop and lets `fill(reply)` write what it returns. For unary
  /// methods; `reply` is gRPC's and lives until the call is finished.
  template <class T, class Call, class Fill>
  [[nodiscard]] grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context,
                                                Call call,
                                                Fill fill);

  /// Starts `task` on the loop, among those that Shutdown waits for.
  void Spawn(std::function<aio::Task<void>()> task);
  [[nodiscard]] static Deadline DeadlineOf(const grpc::CallbackServerContext& context);

 private:
  template <class T, class Fill>
  static aio::Task<void> Answer(aio::Task<Result<T>> work,
                                Fill fill,
                                grpc::ServerUnaryReactor& reactor);

  boost::asio::any_io_executor executor_;
  aio::TaskScope scope_;
  grpc::ServerBuilder builder_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

template <class T, class Fill>
aio::Task<void> ServiceHost::Answer(aio::Task<Result<T>> work,
                                    Fill fill,
                                    grpc::ServerUnaryReactor& reactor) {
  auto outcome = co_await std::move(work);
  if (!outcome) {
    reactor.Finish(ToStatus(outcome.error()));
    co_return;
  }
  fill(*std::move(outcome));
  reactor.Finish(grpc::Status::OK);
}

template <class T, class Call, class Fill>
grpc::ServerUnaryReactor* ServiceHost::Serve(grpc::CallbackServerContext& context,
                                             Call call,
                                             Fill fill) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  const Deadline deadline = DeadlineOf(context);
  auto enter = [this, reactor, deadline, start = std::move(call),
                write = std::move(fill)]() mutable {
    scope_.Spawn(Answer<T>(start(deadline), std::move(write), *reactor));
  };
  boost::asio::post(executor_, std::move(enter));
  return reactor;
}

}  // namespace paddock::rpc
