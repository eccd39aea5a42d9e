// ServiceLink: the client's end of a service on another host or in another process.
//
// Used by the clients of the runner and of the question service: a channel over mutual TLS, made
// anew when the certificate was renewed. The first call connects; a service that is not there is
// waited for, as long as the call may take.
// Threading: loop thread. Ownership: shared by the calls under way.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <grpcpp/grpcpp.h>

#include "certs/check.h"
#include "rpc/call_set.h"
#include "rpc/watched_files.h"

namespace paddock::rpc {

struct RemoteService {
  std::string address;  // "runner.example:3008"; the host must stand in the service's certificate
  certs::TlsFiles files;
};

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

}  // namespace paddock::rpc
