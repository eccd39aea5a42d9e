// EventFeed: tells each subscriber what happens to the sandboxes of one user.
//
// Published by Registry; read by the gateway's event streams. A subscriber that does not keep up
// loses its subscription, not the others' time: its queue is bounded and then marked as lagging.
//
// Threading: loop thread only. Ownership: the feed outlives its subscriptions.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>

#include "aio/condition.h"
#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "sandbox/driver.h"

namespace paddock::sandbox {

enum class EventType : std::uint8_t { kCreated, kState, kDestroyed };

struct Event {
  EventType type = EventType::kState;
  std::chrono::system_clock::time_point at;
  Info info;
};

class EventFeed {
 public:
  static constexpr std::size_t kQueuedMax = 128;  // for each subscriber

  class Subscription {
   public:
    Subscription(EventFeed& feed, UserId owner);
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription();

    /// The next event. Fails with kExhausted (events were lost: subscribe and list again),
    /// kDeadlineExceeded and kCancelled.
    [[nodiscard]] aio::Task<Result<Event>> Next(Deadline deadline);

   private:
    friend class EventFeed;
    EventFeed& feed_;
    UserId owner_;
    std::deque<std::shared_ptr<const Event>> queued_;  // one copy for all subscribers
    bool lagging_ = false;
    aio::Condition arrived_;
  };

  [[nodiscard]] std::unique_ptr<Subscription> Subscribe(UserId owner);
  void Publish(const Event& event);

 private:
  std::set<Subscription*> subscriptions_;
};

}  // namespace paddock::sandbox
