// SlowRelay: a port that leads to another one, where every piece arrives late: a host far away.
//
// For tests of rpc/. Threading: the loop. Ownership: Stop before it is destroyed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "aio/task.h"
#include "aio/task_scope.h"

namespace paddock::rpc::testing {

class SlowRelay {
 public:
  /// To `port` of this host; each piece is `delay` on its way.
  SlowRelay(boost::asio::io_context& loop, int port, std::chrono::milliseconds delay);

  [[nodiscard]] std::string address() const;
  [[nodiscard]] aio::Task<bool> Stop();

 private:
  using Socket = boost::asio::ip::tcp::socket;

  aio::Task<void> Accept();
  aio::Task<void> Pump(std::shared_ptr<Socket> from, std::shared_ptr<Socket> to);

  boost::asio::io_context& loop_;
  boost::asio::ip::tcp::endpoint target_;
  std::chrono::milliseconds delay_;
  boost::asio::ip::tcp::acceptor acceptor_;
  aio::TaskScope scope_;
};

}  // namespace paddock::rpc::testing
