// ServiceLink: the client's end of a service on another host or in another process.
//
// Used by the clients of the runner and of the question service: a channel over mutual TLS, made
// anew when the certificate was renewed. The first call connects; a service that is not there is
// waited for, as long as the call may take.
// Threading: loop thread. Ownership: shared by the calls under way.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <grpcpp/grpcpp.h>

#include "rpc/call_set.h"
#include "rpc/remote.h"
#include "rpc/watched_files.h"

namespace paddock::rpc {

class ServiceLink {
 public:
  ServiceLink(boost::asio::any_io_executor executor, RemoteService service, std::string name);

  /// For a stub of one call. kUnavailable while no certificate can be used.
  [[nodiscard]] Result<std::shared_ptr<grpc::Channel>> Channel();
  [[nodiscard]] const std::shared_ptr<CallSet>& calls() const noexcept { return calls_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  std::string address_;
  std::string name_;
  WatchedFiles files_;
  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<CallSet> calls_;
};

/// A failure of a call, as the client's own caller is to know it. kDenied, of a service that does
/// not serve this process, is kUnavailable: whoever asks through it is denied nothing.
[[nodiscard]] Error AsSeenByCallers(Error error);

/// One call of `method`, an overload set of the asynchronous interface of Service's stub. Fails as
/// CallSet::Call, and with kUnavailable.
template <class Service, class Reply, class Request, class Method>
[[nodiscard]] aio::Task<Result<Reply>> Ask(ServiceLink& link,  // outlives the task
                                           Request request,
                                           Method method,
                                           Deadline deadline) {
  auto channel = link.Channel();
  if (!channel) {
    co_return Fail(std::move(channel).error());
  }
  const std::shared_ptr<typename Service::Stub> stub = Service::NewStub(*channel);
  auto start = [stub, method](auto... parts) { method(*stub->async(), std::move(parts)...); };
  auto reply =
      co_await CallSet::Call<Reply>(link.calls(), start, std::move(request), link.name(), deadline);
  if (!reply) {
    co_return Fail(AsSeenByCallers(std::move(reply).error()));
  }
  co_return reply;
}

}  // namespace paddock::rpc
