// Waiter: one coroutine's wait for "something has changed", with a deadline.
//
// Used inside sandbox/ only. Loop thread only. At most one coroutine waits at a time; it must check
// its condition before and after, since a wake says only that looking again is worth it.
#pragma once

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "aio/task.h"
#include "base/check.h"
#include "base/deadline.h"

namespace paddock::sandbox::internal {

/// The concrete type, so that no operation of the hot path goes through a type-erased executor.
using Executor = boost::asio::io_context::executor_type;

enum class Wake { kWoken, kDeadline, kCancelled };

class Waiter {
 public:
  explicit Waiter(const Executor& executor) : timer_(executor) {}

  [[nodiscard]] aio::Task<Wake> Wait(Deadline deadline) {
    PADDOCK_CHECK(!waiting_);
    timer_.expires_at(deadline.when());
    waiting_ = true;
    auto [error] = co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    waiting_ = false;
    if (!error) {
      co_return Wake::kDeadline;
    }
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    const bool cancelled = state.cancelled() != boost::asio::cancellation_type::none;
    co_return cancelled ? Wake::kCancelled : Wake::kWoken;
  }

  void Notify() {
    if (waiting_) {
      timer_.cancel();
    }
  }

  [[nodiscard]] bool waiting() const noexcept { return waiting_; }

 private:
  using Clock = std::chrono::steady_clock;
  boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor> timer_;
  bool waiting_ = false;
};

}  // namespace paddock::sandbox::internal
