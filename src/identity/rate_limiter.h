// RateLimiter: a token bucket for each key (a user, an address), in a bounded table.
//
// Used by gateway/ before any work is done for a request.
//
// Threading: loop thread only. Times are given by the caller, for tests.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace paddock::identity {

using SteadyTime = std::chrono::steady_clock::time_point;

/// `burst` at once, and `per_second` over time. Both positive.
struct Rate {
  double per_second = 10;
  double burst = 20;
};

class RateLimiter {
 public:
  /// At most `key_count_max` buckets: the one unused for longest makes room. It is full again by
  /// then unless more than that many keys ask within burst / per_second seconds.
  RateLimiter(Rate rate, std::size_t key_count_max) : rate_(rate), key_count_max_(key_count_max) {}

  /// Takes `cost` from the bucket of `key`; nothing on success, else how long to wait before
  /// asking again, at least 1 ms. A refused attempt costs nothing.
  [[nodiscard]] std::optional<std::chrono::milliseconds> Take(std::string_view key,
                                                              SteadyTime now,
                                                              double cost = 1);

  /// Gives back what was taken for something that should not have cost anything.
  void Return(std::string_view key, double cost = 1);

  [[nodiscard]] std::size_t key_count() const noexcept { return buckets_.size(); }

 private:
  struct Bucket {
    std::string key;
    double tokens;
    SteadyTime filled_at;
  };
  using Buckets = std::list<Bucket>;  // the most recently used first

  Bucket& Touch(std::string_view key, SteadyTime now);

  Rate rate_;
  std::size_t key_count_max_;
  Buckets buckets_;
  std::unordered_map<std::string_view, Buckets::iterator> by_key_;  // views into buckets_
};

}  // namespace paddock::identity
