#include "sandbox/event_feed.h"

#include <utility>

namespace paddock::sandbox {

EventFeed::Subscription::Subscription(EventFeed& feed, UserId owner)
    : feed_(feed), owner_(std::move(owner)) {
  feed_.subscriptions_.insert(this);
}

EventFeed::Subscription::~Subscription() { feed_.subscriptions_.erase(this); }

aio::Task<Result<Event>> EventFeed::Subscription::Next(Deadline deadline) {
  while (queued_.empty()) {
    if (lagging_) {
      co_return Fail(Code::kExhausted, "events were lost because they were read too slowly");
    }
    auto woken = co_await arrived_.Wait(deadline);
    if (!woken) {
      co_return Fail(std::move(woken).error());
    }
  }
  const auto event = std::move(queued_.front());
  queued_.pop_front();
  co_return *event;
}

std::unique_ptr<EventFeed::Subscription> EventFeed::Subscribe(UserId owner) {
  return std::make_unique<Subscription>(*this, std::move(owner));
}

void EventFeed::Publish(const Event& event) {
  std::shared_ptr<const Event> shared;
  for (Subscription* subscription : subscriptions_) {
    if (subscription->owner_ != event.info.owner || subscription->lagging_) {
      continue;
    }
    if (subscription->queued_.size() == kQueuedMax) {
      subscription->lagging_ = true;
    } else {
      if (!shared) {
        shared = std::make_shared<const Event>(event);
      }
      subscription->queued_.push_back(shared);
    }
    subscription->arrived_.NotifyAll();
  }
}

}  // namespace paddock::sandbox
