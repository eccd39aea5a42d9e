// Call, CallQueue: what the loop asks of the threads that own SQLite's connections.
//
// Used by SqliteDatabase (loop thread) and the workers. Threading: the queue is for any thread; of
// a Call each field says whose it is.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/result.h"
#include "store/database.h"
#include "stores/sqlite/connection.h"

namespace paddock::stores::sqlite {

using Outcome = Result<std::vector<store::Rows>>;

struct Call {
  explicit Call(const boost::asio::any_io_executor& executor) : done(executor) {}

  // Set before it is queued, then the worker's.
  store::Transaction statements;
  std::function<Result<void>(Connection&)> alone;  // instead of statements, outside a transaction
  Watch watch;

  // The loop's.
  std::optional<Outcome> outcome;
  boost::asio::steady_timer done;  // expires at the deadline; cancelled when there is an outcome
};
using CallPtr = std::shared_ptr<Call>;

class CallQueue {
 public:
  explicit CallQueue(std::size_t size_max) : size_max_(size_max) {}

  /// False when it is full or closed.
  [[nodiscard]] bool TryPush(CallPtr call);
  /// Waits for calls, and takes up to `count_max` of them, in order. Empty: it is closed and empty.
  [[nodiscard]] std::vector<CallPtr> Pop(std::size_t count_max);
  /// Nothing is taken in any more; what is in it is still handed out.
  void Close();

 private:
  const std::size_t size_max_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<CallPtr> calls_;
  bool closed_ = false;
};

struct Finished {
  CallPtr call;
  Outcome outcome;
};

/// Hands outcomes to those who wait on the loop. Any thread.
void Deliver(const boost::asio::any_io_executor& executor, std::vector<Finished> finished);

/// Why `call` need not be started any more, if so.
[[nodiscard]] std::optional<Error> WhyNot(const Call& call);

}  // namespace paddock::stores::sqlite
