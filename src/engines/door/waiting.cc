#include "engines/door/waiting.h"

#include <sys/socket.h>

#include <cerrno>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace paddock::engines {
namespace asio = boost::asio;

aio::Task<Result<void>> WaitFor(asio::posix::stream_descriptor& descriptor,
                                Direction direction,
                                Deadline deadline) {
  asio::steady_timer timer(descriptor.get_executor(), deadline.when());
  // A group of operations, not of coroutines: those would throw when they are cancelled.
  auto either = asio::experimental::make_parallel_group(
      descriptor.async_wait(direction, asio::deferred), timer.async_wait(asio::deferred));
  auto [order, unready, stopped] = co_await either.async_wait(asio::experimental::wait_for_one(),
                                                              asio::as_tuple(asio::use_awaitable));
  if (!unready) {
    co_return Result<void>();
  }
  if (!stopped) {
    co_return Fail(Code::kDeadlineExceeded, "the database did not answer in time");
  }
  co_return Fail(Code::kCancelled, "cancelled while waiting for the database");
}

aio::Task<Result<void>> SendAll(asio::posix::stream_descriptor& socket,
                                std::string bytes,
                                Deadline deadline) {
  std::size_t sent = 0;
  while (socket.is_open() && sent < bytes.size()) {
    const ssize_t count = send(socket.native_handle(), bytes.data() + sent, bytes.size() - sent,
                               MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) {
      break;
    }
    auto writable = co_await WaitFor(socket, kWritable, deadline);
    if (!writable) {
      co_return writable;
    }
  }
  if (sent < bytes.size()) {
    co_return Fail(Code::kUnavailable, "the connection to the database was lost");
  }
  co_return Result<void>();
}

}  // namespace paddock::engines
