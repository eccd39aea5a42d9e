// Loop: the agent's one thread, waiting on descriptors, points in time and work put off.
//
// Everything in agent/ runs on it. It is small on purpose: the agent is resident in every sandbox,
// and Asio would cost more memory than all the rest.
//
// Threading: one thread. Ownership: whoever adds a Watch or a Timer holds it, and dropping it is
// how it ends; a handler may drop itself. The loop outlives all of them.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace paddock::agent {

class Loop;

/// A descriptor being watched. Dropping it ends that; the descriptor itself is not closed, and
/// must still be open then.
class Watch {
 public:
  Watch() = default;
  Watch(Watch&& other) noexcept
      : loop_(std::exchange(other.loop_, nullptr)), fd_(other.fd_), events_(other.events_) {}
  Watch& operator=(Watch&& other) noexcept;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { Reset(); }

  /// EPOLLIN, EPOLLOUT or both or neither; EPOLLHUP and EPOLLERR always come, unless paused.
  void SetEvents(std::uint32_t events);
  void Reset();
  [[nodiscard]] explicit operator bool() const noexcept { return loop_ != nullptr; }

 private:
  friend class Loop;
  Watch(Loop* loop, int fd, std::uint32_t events) : loop_(loop), fd_(fd), events_(events) {}
  Loop* loop_ = nullptr;
  int fd_ = -1;
  std::uint32_t events_ = 0;
};

/// A point in time that something waits for. Dropping it cancels.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&& other) noexcept : loop_(std::exchange(other.loop_, nullptr)), key_(other.key_) {}
  Timer& operator=(Timer&& other) noexcept;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { Reset(); }
  void Reset();
  /// Whether it still has to fire.
  [[nodiscard]] explicit operator bool() const noexcept;

 private:
  friend class Loop;
  using Key = std::pair<std::chrono::steady_clock::time_point, std::uint64_t>;
  Timer(Loop* loop, Key key) : loop_(loop), key_(key) {}
  Loop* loop_ = nullptr;
  Key key_;
};

class Loop {
 public:
  using Clock = std::chrono::steady_clock;
  using Handler = std::function<void(std::uint32_t events)>;

  Loop();

  /// Calls `handler` when `fd` has one of `events` (level-triggered). One watch per descriptor.
  [[nodiscard]] Watch Add(int fd, std::uint32_t events, Handler handler);
  [[nodiscard]] Timer At(Clock::time_point when, std::function<void()> handler);
  [[nodiscard]] Timer After(Clock::duration delay, std::function<void()> handler);

  /// Runs `work` once the current handler has returned, before anything waits again.
  void Defer(std::function<void()> work);

  void Run();
  void Stop() { stopped_ = true; }
  /// One round: waits for at most `longest`, then runs what is due. For tests.
  void RunOnce(std::chrono::milliseconds longest);

 private:
  friend class Watch;
  friend class Timer;
  struct Entry {
    std::uint32_t generation = 0;  // tells a reused descriptor number from an event gone stale
    std::uint32_t events = 0;
    Handler handler;
  };

  void SetEvents(int fd, std::uint32_t events);
  void PollUnwatched();
  void RunDeferred();
  void RunTimers();
  [[nodiscard]] int WaitMilliseconds(std::chrono::milliseconds longest) const;
  void Dispatch(std::uint64_t tag, std::uint32_t events);

  UniqueFd epoll_;
  std::map<int, std::shared_ptr<Entry>> entries_;
  std::set<int> unwatched_;  // which the kernel would not watch: looked at now and then
  std::map<Timer::Key, std::function<void()>> timers_;
  std::vector<std::function<void()>> deferred_;
  std::uint64_t next_timer_ = 0;
  std::uint32_t next_generation_ = 0;
  bool stopped_ = false;
};

}  // namespace paddock::agent
