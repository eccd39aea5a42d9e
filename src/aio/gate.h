// Gate: lets at most `capacity` tasks in at once; the others wait their turn, first come first in.
//
// With capacity 1 it is a lock that may be held across awaits, which a mutex may not.
// Threading: loop thread only. Ownership: outlives every Pass and every waiting task.
#pragma once

#include <list>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"

namespace paddock::aio {

class Gate {
 public:
  explicit Gate(int capacity = 1) : free_count_(capacity) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// A place inside; the destructor gives it back.
  class Pass {
   public:
    explicit Pass(Gate& gate) : gate_(&gate) {}
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_ != nullptr) {
        gate_->Leave();
      }
    }

   private:
    Gate* gate_;
  };

  /// Fails with kDeadlineExceeded or kCancelled.
  [[nodiscard]] Task<Result<Pass>> Enter(Deadline deadline);

 private:
  struct Waiter {
    boost::asio::steady_timer turn;
    bool is_let_in = false;
  };
  void Leave() noexcept;

  int free_count_;
  std::list<Waiter> waiters_;
};

}  // namespace paddock::aio
