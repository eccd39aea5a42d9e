#include "stores/sqlite/call.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/asio/post.hpp>

namespace paddock::stores::sqlite {

bool CallQueue::TryPush(CallPtr call) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || calls_.size() == size_max_) {
      return false;
    }
    calls_.push_back(std::move(call));
  }
  filled_.notify_one();
  return true;
}

std::vector<CallPtr> CallQueue::Pop(std::size_t count_max) {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [this] { return closed_ || !calls_.empty(); });
  const auto count = static_cast<std::ptrdiff_t>(std::min(count_max, calls_.size()));
  std::vector<CallPtr> taken(std::move_iterator(calls_.begin()),
                             std::move_iterator(calls_.begin() + count));
  calls_.erase(calls_.begin(), calls_.begin() + count);
  return taken;
}

void CallQueue::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
}

// The last reference to a call is dropped on the loop, whose timer it holds.
void Deliver(const boost::asio::any_io_executor& executor, std::vector<Finished> finished) {
  boost::asio::post(executor, [all = std::move(finished)]() mutable {
    for (Finished& each : all) {
      each.call->outcome = std::move(each.outcome);
      each.call->done.cancel();
    }
  });
}

std::optional<Error> WhyNot(const Call& call) {
  if (call.watch.abandoned.load(std::memory_order_relaxed)) {
    return Error{.code = Code::kCancelled, .message = "cancelled before it began"};
  }
  if (call.watch.deadline.Passed()) {
    return Error{.code = Code::kDeadlineExceeded, .message = "the database was busy for too long"};
  }
  return std::nullopt;
}

}  // namespace paddock::stores::sqlite
