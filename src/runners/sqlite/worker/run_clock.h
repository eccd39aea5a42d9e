// RunClock: how long the current run may go on, asked by SQLite after every few thousand steps.
//
// Used by Connection as its progress handler, so that a query that never gives another row ends as
// surely as one that gives too many. The pool's frame that comes while a run goes on is a stop.
// Threading: one thread.
#pragma once

#include <chrono>

namespace paddock::runners::sqlite {

class RunClock {
 public:
  using Clock = std::chrono::steady_clock;

  /// `socket` is where a stop comes from; -1: from nowhere.
  explicit RunClock(int socket = -1) : socket_(socket) {}

  void Start(std::chrono::milliseconds time) noexcept;
  /// No limit, for our own statements.
  void Suspend() noexcept { end_ = Clock::time_point::max(); }

  /// Whether to go on.
  [[nodiscard]] bool Continues() noexcept;
  [[nodiscard]] bool is_over() const noexcept { return over_; }
  [[nodiscard]] std::chrono::microseconds elapsed() const noexcept;

 private:
  [[nodiscard]] bool StopHasCome() const noexcept;

  int socket_;
  bool over_ = false;
  Clock::time_point begin_;
  Clock::time_point end_ = Clock::time_point::max();
  Clock::time_point next_look_;
};

}  // namespace paddock::runners::sqlite
