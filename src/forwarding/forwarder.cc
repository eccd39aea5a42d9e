#include "forwarding/forwarder.h"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "forwarding/tunnel.h"

namespace paddock::forwarding {
namespace asio = boost::asio;

Forwarder::Forwarder(asio::any_io_executor executor,
                     ForwardTarget target,
                     std::function<void(const std::string& what)> tell)
    : executor_(executor),
      target_(std::move(target)),
      tell_(std::move(tell)),
      acceptor_(executor),
      scope_(std::move(executor)) {}

Result<std::uint16_t> Forwarder::Listen(const std::string& address, std::uint16_t port) {
  boost::system::error_code failure;
  const auto ip = asio::ip::make_address(address, failure);
  if (failure) {
    return Fail(Code::kUnavailable, fmt::format("{}: no address to listen on", address));
  }
  const asio::ip::tcp::endpoint endpoint(ip, port);
  acceptor_.open(endpoint.protocol(), failure);
  if (!failure) {
    acceptor_.set_option(asio::socket_base::reuse_address(true), failure);
  }
  if (!failure) {
    acceptor_.bind(endpoint, failure);
  }
  if (!failure) {
    acceptor_.listen(asio::socket_base::max_listen_connections, failure);
  }
  if (failure) {
    return Fail(Code::kUnavailable,
                fmt::format("listen on {}:{}: {}", address, port, failure.message()));
  }
  scope_.Spawn(AcceptForever());
  return acceptor_.local_endpoint().port();
}

aio::Task<void> Forwarder::AcceptForever() {
  for (;;) {
    auto [failure, local] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (failure == asio::error::operation_aborted) {
      co_return;
    }
    if (!failure && count_ < kConnectionsMax) {
      scope_.Spawn(Serve(std::move(local)));
    }
  }
}

aio::Task<void> Forwarder::Serve(asio::ip::tcp::socket local) {
  ++count_;
  auto carried = co_await Carry(std::move(local), target_);
  --count_;
  if (!carried && carried.error().code != Code::kCancelled) {
    tell_(carried.error().message);
  }
}

aio::Task<void> Forwarder::Shutdown() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  scope_.Cancel();
  co_await scope_.Join();
}

}  // namespace paddock::forwarding
