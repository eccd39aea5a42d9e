// Samples: times of one kind, and what to say about them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace paddock::bench {

using Clock = std::chrono::steady_clock;

class Samples {
 public:
  void Add(Clock::duration time) { milliseconds_.push_back(Milliseconds(time)); }
  /// `"p50_NAME":…,"p99_NAME":…` in milliseconds.
  [[nodiscard]] std::string Json(std::string_view name);

 private:
  static double Milliseconds(Clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
  }
  std::vector<double> milliseconds_;
};

}  // namespace paddock::bench
