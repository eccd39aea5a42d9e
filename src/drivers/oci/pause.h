// PauseFor lets other tasks run for a moment, in loops that wait for the kernel.
// IsCancelled tells loops and long calls when to give up. Threading: loop thread.
#pragma once

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_type.hpp>
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

/// Whether the calling task has been asked to stop. A wait that ended by itself just then, or a
/// blocking call on a pool, does not tell.
[[nodiscard]] inline aio::Task<bool> IsCancelled() {
  const auto asked = co_await boost::asio::this_coro::cancellation_state;
  co_return asked.cancelled() != boost::asio::cancellation_type::none;
}

}  // namespace paddock::drivers::oci
