#include "egress/connection.h"

#include <chrono>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace paddock::egress {
namespace asio = boost::asio;

namespace {

using asio::ip::tcp;

constexpr std::size_t kAddressesMax = 16;  // of a name: with more it is refused
constexpr std::chrono::seconds kConnectTimeMax{5};

Error NotInTime(const Destination& destination, const boost::system::error_code& stopped) {
  // The timer's own end says whether the time was up, or the caller has given up.
  return stopped ? Error{.code = Code::kCancelled, .message = "the connection was given up"}
                 : Error{.code = Code::kDeadlineExceeded,
                         .message = fmt::format("{} did not answer in time", destination.host)};
}

aio::Task<Result<std::vector<tcp::endpoint>>> Resolve(Destination destination, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  asio::steady_timer timer(executor, deadline.when());
  auto either = asio::experimental::make_parallel_group(
      resolver.async_resolve(destination.host, fmt::format("{}", destination.port),
                             tcp::resolver::numeric_service, asio::deferred),
      timer.async_wait(asio::deferred));
  auto [order, failure, found, stopped] = co_await either.async_wait(
      asio::experimental::wait_for_one(), asio::as_tuple(asio::use_awaitable));
  if (order.front() != 0) {
    co_return Fail(NotInTime(destination, stopped));
  }
  if (failure) {
    co_return Fail(Code::kUnavailable, fmt::format("there is no host {}", destination.host));
  }
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : found) {
    endpoints.push_back(entry.endpoint());
  }
  if (endpoints.empty() || endpoints.size() > kAddressesMax) {
    co_return Fail(Code::kUnavailable,
                   fmt::format("{} has no address, or too many", destination.host));
  }
  co_return endpoints;
}

Result<void> CheckAll(const std::vector<tcp::endpoint>& endpoints, const Rules& rules) {
  auto own = OwnAddresses();
  if (!own) {
    return Fail(std::move(own).error());
  }
  for (const tcp::endpoint& endpoint : endpoints) {
    auto checked = rules.Check(endpoint.address(), *own);
    if (!checked) {
      return checked;
    }
  }
  return {};
}

aio::Task<Result<UniqueFd>> Dial(tcp::endpoint endpoint,
                                 Destination destination,
                                 Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  asio::steady_timer timer(executor, deadline.when());
  auto either = asio::experimental::make_parallel_group(
      socket.async_connect(endpoint, asio::deferred), timer.async_wait(asio::deferred));
  auto [order, failure, stopped] = co_await either.async_wait(asio::experimental::wait_for_one(),
                                                              asio::as_tuple(asio::use_awaitable));
  if (order.front() != 0) {
    co_return Fail(NotInTime(destination, stopped));
  }
  if (!failure) {
    socket.set_option(tcp::no_delay(true), failure);
  }
  if (!failure) {
    socket.native_non_blocking(true, failure);
  }
  if (failure) {
    co_return Fail(Code::kUnavailable,
                   fmt::format("{} at port {} does not answer: {}", destination.host,
                               destination.port, failure.message()));
  }
  const int connected = socket.release(failure);
  if (failure) {
    co_return Fail(Code::kUnavailable, failure.message());
  }
  co_return UniqueFd(connected);
}

}  // namespace

aio::Task<Result<UniqueFd>> Connect(Destination destination,
                                    const Rules& rules,  // outlives the task
                                    Deadline deadline) {
  auto endpoints = co_await Resolve(destination, deadline);
  if (!endpoints) {
    co_return Fail(std::move(endpoints).error());
  }
  auto checked = CheckAll(*endpoints, rules);
  if (!checked) {
    co_return Fail(std::move(checked).error());
  }
  Result<UniqueFd> connected = Fail(Code::kUnavailable, "no address");
  for (const tcp::endpoint& endpoint : *endpoints) {
    const auto own_limit = Deadline::After(kConnectTimeMax);
    const Deadline until = own_limit.when() < deadline.when() ? own_limit : deadline;
    connected = co_await Dial(endpoint, destination, until);
    if (connected || connected.error().code == Code::kCancelled) {
      break;
    }
  }
  co_return connected;
}

}  // namespace paddock::egress
