// InFlight: how many calls gRPC still has in its hands.
//
// Used by NodeClient, whose destructor waits for none. Threading: counted on the loop thread and on
// gRPC's own.
#pragma once

#include <condition_variable>
#include <mutex>

namespace paddock::rpc {

class InFlight {
 public:
  void Add() {
    const std::scoped_lock lock(mutex_);
    ++count_;
  }
  // Under the lock, so that the waiter cannot be gone before this has returned.
  void Remove() {
    const std::scoped_lock lock(mutex_);
    --count_;
    none_.notify_all();
  }
  void WaitForNone() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  int count_ = 0;
};

}  // namespace paddock::rpc
