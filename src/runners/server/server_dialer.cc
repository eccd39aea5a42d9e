#include "runners/server/server_dialer.h"

#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace paddock::runners::server {
namespace asio = boost::asio;

namespace {

using asio::ip::tcp;

Error Failure(const boost::system::error_code& failure, bool was_first, std::string place) {
  if (!was_first) {
    return {.code = Code::kDeadlineExceeded,
            .message = fmt::format("the database server {} did not answer in time", place)};
  }
  if (failure == asio::error::operation_aborted) {
    return {.code = Code::kCancelled, .message = "cancelled while connecting"};
  }
  return {.code = Code::kUnavailable,
          .message = fmt::format("the database server {}: {}", place, failure.message())};
}

template <class Socket>
Result<UniqueFd> Release(Socket& socket) {
  boost::system::error_code failure;
  const int descriptor = socket.release(failure);
  if (failure) {
    return Fail(Code::kUnavailable, failure.message());
  }
  return UniqueFd(descriptor);
}

aio::Task<Result<UniqueFd>> DialSocket(std::string path) {
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  const asio::local::stream_protocol::endpoint endpoint(path);
  const auto [failure] =
      co_await socket.async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
  if (failure) {
    co_return Fail(Failure(failure, true, path));
  }
  co_return Release(socket);
}

aio::Task<Result<tcp::resolver::results_type>> Resolve(ServerAddress address, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  asio::steady_timer timer(executor, deadline.when());
  auto either = asio::experimental::make_parallel_group(
      resolver.async_resolve(address.host, std::to_string(address.port), asio::deferred),
      timer.async_wait(asio::deferred));
  auto [order, failure, found, stopped] = co_await either.async_wait(
      asio::experimental::wait_for_one(), asio::as_tuple(asio::use_awaitable));
  if (failure) {
    co_return Fail(Failure(failure, order[0] == 0, address.Describe()));
  }
  co_return std::move(found);
}

aio::Task<Result<UniqueFd>> DialHost(ServerAddress address, Deadline deadline) {
  auto found = co_await Resolve(address, deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  asio::steady_timer timer(executor, deadline.when());
  auto either = asio::experimental::make_parallel_group(
      asio::async_connect(socket, *found, asio::deferred), timer.async_wait(asio::deferred));
  auto [order, failure, endpoint, stopped] = co_await either.async_wait(
      asio::experimental::wait_for_one(), asio::as_tuple(asio::use_awaitable));
  if (failure) {
    co_return Fail(Failure(failure, order[0] == 0, address.Describe()));
  }
  socket.set_option(tcp::no_delay(true), failure);
  co_return Release(socket);
}

}  // namespace

aio::Task<Result<UniqueFd>> ServerDialer::Dial(Deadline deadline) {
  if (!address_.socket.empty()) {
    auto dialled = co_await DialSocket(address_.socket);
    co_return dialled;
  }
  auto dialled = co_await DialHost(address_, deadline);
  co_return dialled;
}

ServerAccess AccessTo(const ServerAddress& address) {
  return {.dialer = std::make_shared<ServerDialer>(address),
          .user = address.user,
          .password = address.password,
          .place = address.Describe()};
}

}  // namespace paddock::runners::server
