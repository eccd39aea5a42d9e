#include "runners/sqlite/worker/run_clock.h"

namespace paddock::runners::sqlite {
namespace {

// A system call each time would be most of the work of a busy query.
constexpr std::chrono::milliseconds kLookInterval{5};

}  // namespace

void RunClock::Start(std::chrono::milliseconds time) noexcept {
  over_ = false;
  begin_ = Clock::now();
  end_ = begin_ + time;
  next_look_ = begin_ + kLookInterval;
}

bool RunClock::Continues() noexcept {
  if (end_ == Clock::time_point::max()) {
    return true;
  }
  const auto now = Clock::now();
  if (now >= next_look_) {
    next_look_ = now + kLookInterval;
    over_ = over_ || (stops_ != nullptr && stops_->HasStop(serial_));
  }
  over_ = over_ || now >= end_;
  return !over_;
}

std::chrono::microseconds RunClock::elapsed() const noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin_);
}

}  // namespace paddock::runners::sqlite
