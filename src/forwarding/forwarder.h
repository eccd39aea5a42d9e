// Forwarder: a local port whose connections lead to a port of a sandbox, each over a WebSocket.
//
// Used by `paddock forward`. Threading: loop thread. Ownership: outlives its tasks; Shutdown before
// its destructor.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "aio/task_scope.h"
#include "base/result.h"
#include "forwarding/forward_target.h"

namespace paddock::forwarding {

inline constexpr std::size_t kConnectionsMax = 64;

class Forwarder {
 public:
  /// `tell` hears why a connection could not be made, in words for the user.
  Forwarder(boost::asio::any_io_executor executor,
            ForwardTarget target,
            std::function<void(const std::string& what)> tell);

  /// Returns the port, which is another one than asked for when that was zero. kUnavailable.
  [[nodiscard]] Result<std::uint16_t> Listen(const std::string& address, std::uint16_t port);

  [[nodiscard]] aio::Task<void> Shutdown();

 private:
  [[nodiscard]] aio::Task<void> AcceptForever();
  [[nodiscard]] aio::Task<void> Serve(boost::asio::ip::tcp::socket local);

  boost::asio::any_io_executor executor_;
  ForwardTarget target_;
  std::function<void(const std::string& what)> tell_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::size_t count_ = 0;
  aio::TaskScope scope_;
};

}  // namespace paddock::forwarding
