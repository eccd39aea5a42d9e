#include "aio/condition.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace paddock::aio {
namespace asio = boost::asio;

Task<Result<void>> Condition::Wait(Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, deadline.when());
  const auto entry = waiting_.insert(waiting_.end(), &timer);
  const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  waiting_.erase(entry);
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != asio::cancellation_type::none) {
    co_return Fail(Code::kCancelled, "cancelled while waiting");
  }
  if (!error) {
    co_return Fail(Code::kDeadlineExceeded, "nothing changed in time");
  }
  co_return Result<void>();
}

void Condition::NotifyAll() {
  for (asio::steady_timer* timer : waiting_) {
    timer->cancel();
  }
}

}  // namespace paddock::aio
