#include "aio/gate.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace paddock::aio {
namespace asio = boost::asio;

Task<Result<Gate::Pass>> Gate::Enter(Deadline deadline) {
  if (free_count_ > 0) {
    --free_count_;
    co_return Pass(*this);
  }
  asio::steady_timer turn(co_await asio::this_coro::executor, deadline.when());
  const auto waiter = waiters_.insert(waiters_.end(), Waiter{.turn = std::move(turn)});
  auto [failure] = co_await waiter->turn.async_wait(asio::as_tuple(asio::use_awaitable));
  const bool is_let_in = waiter->is_let_in;
  waiters_.erase(waiter);
  if (is_let_in) {
    co_return Pass(*this);
  }
  if (failure) {
    co_return Fail(Code::kCancelled, "cancelled while waiting for others");
  }
  co_return Fail(Code::kDeadlineExceeded, "deadline passed while waiting for others");
}

// The place goes straight to the first waiter, so that nobody who comes later can take it.
void Gate::Leave() noexcept {
  for (Waiter& waiter : waiters_) {
    if (!waiter.is_let_in) {
      waiter.is_let_in = true;
      waiter.turn.cancel();
      return;
    }
  }
  ++free_count_;
}

}  // namespace paddock::aio
