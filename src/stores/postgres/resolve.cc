#include "stores/postgres/resolve.h"

#include <cstddef>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace paddock::stores::postgres {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kAddressesMax = 8;

bool NeedsNoLookup(const Settings& settings) {
  const std::string host = settings.Get("host");
  boost::system::error_code failure;
  asio::ip::make_address(host, failure);
  return host.empty() || host.starts_with('/') || host.starts_with('@') ||
         host.find(',') != std::string::npos || !settings.Get("hostaddr").empty() || !failure;
}

}  // namespace

aio::Task<Result<Settings>> Resolve(Settings settings, Deadline deadline) {
  if (NeedsNoLookup(settings)) {
    co_return settings;
  }
  const auto executor = co_await asio::this_coro::executor;
  const std::string host = settings.Get("host");
  asio::ip::tcp::resolver resolver(executor);
  asio::steady_timer timer(executor, deadline.when());
  auto either = asio::experimental::make_parallel_group(
      resolver.async_resolve(host, "", asio::deferred), timer.async_wait(asio::deferred));
  auto [order, failure, found, stopped] = co_await either.async_wait(
      asio::experimental::wait_for_one(), asio::as_tuple(asio::use_awaitable));
  if (failure && !stopped) {
    co_return Fail(Code::kDeadlineExceeded, fmt::format("the name {} was not found in time", host));
  }
  if (failure) {
    co_return Fail(Code::kUnavailable,
                   fmt::format("PostgreSQL's host {}: {}", host, failure.message()));
  }
  std::string hosts;
  std::string addresses;
  std::size_t count = 0;
  for (const auto& entry : found) {
    if (count == kAddressesMax) {
      break;
    }
    const std::string separator = count == 0 ? "" : ",";
    hosts += separator + host;
    addresses += separator + entry.endpoint().address().to_string();
    ++count;
  }
  settings.Set("host", hosts);
  settings.Set("hostaddr", addresses);
  co_return settings;
}

}  // namespace paddock::stores::postgres
