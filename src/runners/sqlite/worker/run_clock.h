// RunClock: how long the current run may go on, asked by SQLite after every few thousand steps.
//
// Used by Connection as its progress handler, so that a query that never gives another row ends as
// surely as one that gives too many. Threading: one thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "runners/sqlite/worker/frame_source.h"

namespace paddock::runners::sqlite {

class RunClock {
 public:
  using Clock = std::chrono::steady_clock;

  /// `stops` is where a stop comes from, and outlives the clock; null: from nowhere.
  explicit RunClock(FrameSource* stops = nullptr) : stops_(stops) {}

  /// From now on a stop that names the run `serial` counts.
  void SetRun(std::uint32_t serial) noexcept { serial_ = serial; }
  void Start(std::chrono::milliseconds time) noexcept;

  /// Whether to go on.
  [[nodiscard]] bool Continues() noexcept;
  [[nodiscard]] bool is_over() const noexcept { return over_; }
  [[nodiscard]] std::chrono::microseconds elapsed() const noexcept;

 private:
  FrameSource* stops_;
  std::uint32_t serial_ = 0;
  bool over_ = false;
  Clock::time_point begin_;
  Clock::time_point end_ = Clock::time_point::max();
  Clock::time_point next_look_;
};

}  // namespace paddock::runners::sqlite
