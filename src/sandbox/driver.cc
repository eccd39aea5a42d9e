#include "sandbox/driver.h"

namespace paddock::sandbox {

std::string_view Name(State state) noexcept {
  switch (state) {
    case State::kCreating: return "creating";
    case State::kRunning: return "running";
    case State::kPaused: return "paused";
    case State::kStopped: return "stopped";
    case State::kFailed: return "failed";
    case State::kDestroyed: return "destroyed";
  }
  return "unknown";  // unreachable for valid values
}

}  // namespace paddock::sandbox
