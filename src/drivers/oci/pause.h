// PauseFor: lets other tasks run for a moment, in loops that wait for the kernel.
// Threading: loop thread.
#pragma once

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "aio/task.h"

namespace paddock::drivers::oci {

/// Completes early when cancelled.
[[nodiscard]] inline aio::Task<void> PauseFor(std::chrono::milliseconds duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

}  // namespace paddock::drivers::oci
