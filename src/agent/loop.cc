#include "agent/loop.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "base/check.h"

namespace paddock::agent {

namespace {

constexpr int kEventsPerRound = 32;
constexpr std::chrono::milliseconds kLongestWait{3'600'000};
constexpr std::chrono::milliseconds kUnwatchedPause{20};

// A watch with no events is taken out of the set: EPOLLHUP cannot be masked, and a hung-up
// descriptor that nobody reads yet would spin the loop.
// False: the kernel has no room for one more (ENOSPC, ENOMEM), or the descriptor is of no kind that
// can be waited for.
bool Control(int epoll, int fd, std::uint32_t was, std::uint32_t is, std::uint64_t tag) {
  epoll_event event{};
  event.events = is;
  event.data.u64 = tag;
  const int operation = was == 0 ? EPOLL_CTL_ADD : is == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  const bool done = epoll_ctl(epoll, operation, fd, &event) == 0;
  PADDOCK_CHECK(done || operation == EPOLL_CTL_ADD);
  return done;
}

std::uint64_t Tag(std::uint32_t generation, int fd) {
  return (static_cast<std::uint64_t>(generation) << 32U) | static_cast<std::uint32_t>(fd);
}

}  // namespace

Watch& Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    Reset();
    loop_ = std::exchange(other.loop_, nullptr);
    fd_ = other.fd_;
    events_ = other.events_;
  }
  return *this;
}

void Watch::SetEvents(std::uint32_t events) {
  if (loop_ == nullptr || events == events_) {
    return;
  }
  loop_->SetEvents(fd_, events);
  events_ = events;
}

void Watch::Reset() {
  if (loop_ != nullptr) {
    SetEvents(0);
    loop_->entries_.erase(fd_);
    loop_ = nullptr;
  }
}

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    Reset();
    loop_ = std::exchange(other.loop_, nullptr);
    key_ = other.key_;
  }
  return *this;
}

void Timer::Reset() {
  if (loop_ != nullptr) {
    loop_->timers_.erase(key_);
    loop_ = nullptr;
  }
}

Timer::operator bool() const noexcept { return loop_ != nullptr && loop_->timers_.contains(key_); }

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) { PADDOCK_CHECK(epoll_); }

Watch Loop::Add(int fd, std::uint32_t events, Handler handler) {
  auto entry = std::make_shared<Entry>();
  entry->generation = ++next_generation_;
  entry->handler = std::move(handler);
  PADDOCK_CHECK(entries_.emplace(fd, std::move(entry)).second);
  Watch watch(this, fd, 0);
  watch.SetEvents(events);
  return watch;
}

void Loop::SetEvents(int fd, std::uint32_t events) {
  const auto found = entries_.find(fd);
  PADDOCK_CHECK(found != entries_.end());
  auto& entry = *found->second;
  const auto was = std::exchange(entry.events, events);
  if (unwatched_.contains(fd)) {
    if (events == 0) {
      unwatched_.erase(fd);
    }
  } else if (!Control(epoll_.get(), fd, was, events, Tag(entry.generation, fd))) {
    unwatched_.insert(fd);
  }
}

Timer Loop::At(Clock::time_point when, std::function<void()> handler) {
  const Timer::Key key(when, ++next_timer_);
  timers_.emplace(key, std::move(handler));
  return {this, key};
}

Timer Loop::After(Clock::duration delay, std::function<void()> handler) {
  return At(Clock::now() + delay, std::move(handler));
}

void Loop::Defer(std::function<void()> work) { deferred_.push_back(std::move(work)); }

void Loop::Run() {
  while (!stopped_) {
    RunOnce(kLongestWait);
  }
}

void Loop::RunOnce(std::chrono::milliseconds longest) {
  RunDeferred();
  std::array<epoll_event, kEventsPerRound> events{};
  const int count =
      epoll_wait(epoll_.get(), events.data(), kEventsPerRound, WaitMilliseconds(longest));
  PADDOCK_CHECK(count >= 0 || errno == EINTR);
  for (const auto& event : std::span(events).first(static_cast<std::size_t>(std::max(count, 0)))) {
    Dispatch(event.data.u64, event.events);
    RunDeferred();
  }
  PollUnwatched();
  RunTimers();
  RunDeferred();
}

void Loop::Dispatch(std::uint64_t tag, std::uint32_t events) {
  const auto found = entries_.find(static_cast<int>(tag & 0xffffffffU));
  if (found == entries_.end() || found->second->generation != tag >> 32U) {
    return;
  }
  const auto entry = found->second;  // the handler may drop its own watch
  entry->handler(events);
}

// Slow, but it goes on: an agent that gave up here would take the sandbox with it.
void Loop::PollUnwatched() {
  for (const int fd : std::vector<int>(unwatched_.begin(), unwatched_.end())) {
    const auto found = entries_.find(fd);
    if (found == entries_.end() || !unwatched_.contains(fd)) {
      continue;
    }
    const auto& entry = *found->second;
    const auto tag = Tag(entry.generation, fd);
    if (Control(epoll_.get(), fd, 0, entry.events, tag)) {
      unwatched_.erase(fd);
      continue;
    }
    pollfd ready{.fd = fd, .events = static_cast<short>(entry.events), .revents = 0};
    if (poll(&ready, 1, 0) == 1) {
      Dispatch(tag, static_cast<std::uint32_t>(ready.revents));
      RunDeferred();
    }
  }
}

void Loop::RunDeferred() {
  while (!deferred_.empty()) {
    for (auto& work : std::exchange(deferred_, {})) {
      work();
    }
  }
}

void Loop::RunTimers() {
  const auto now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto handler = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    handler();
  }
}

int Loop::WaitMilliseconds(std::chrono::milliseconds longest) const {
  if (!deferred_.empty() || stopped_) {
    return 0;
  }
  auto wait = std::min(longest, unwatched_.empty() ? kLongestWait : kUnwatchedPause);
  if (!timers_.empty()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first.first - Clock::now());
    wait = std::clamp(left, std::chrono::milliseconds(0), wait);
  }
  return static_cast<int>(wait.count());
}

}  // namespace paddock::agent
