// Condition: lets any number of tasks wait for "something changed", each with its own deadline.
//
// Like a condition variable without a mutex: the loop thread owns the state, so a waiter checks it,
// waits, and checks it again. Use from one executor only. Must have no waiter when destroyed.
#pragma once

#include <list>

#include <boost/asio/steady_timer.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"

namespace paddock::aio {

class Condition {
 public:
  Condition() = default;
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;

  /// Completes at the next NotifyAll. Fails with kDeadlineExceeded or kCancelled.
  [[nodiscard]] Task<Result<void>> Wait(Deadline deadline);

  /// Wakes who waits now, in no order. They run later, from the loop.
  void NotifyAll();

 private:
  std::list<boost::asio::steady_timer*> waiting_;
};

}  // namespace paddock::aio
