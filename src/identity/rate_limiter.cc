#include "identity/rate_limiter.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace paddock::identity {

std::optional<std::chrono::milliseconds> RateLimiter::Take(std::string_view key,
                                                           SteadyTime now,
                                                           double cost) {
  Bucket& bucket = Touch(key, now);
  const double elapsed = std::chrono::duration<double>(now - bucket.filled_at).count();
  bucket.tokens = std::min(rate_.burst, bucket.tokens + std::max(0.0, elapsed) * rate_.per_second);
  bucket.filled_at = now;
  if (bucket.tokens >= cost) {
    bucket.tokens -= cost;
    return std::nullopt;
  }
  // Rounded up, but not for what is only the rounding of the sum above.
  constexpr double kRounding = 1e-6;
  const double milliseconds = (cost - bucket.tokens) / rate_.per_second * 1000;
  return std::chrono::milliseconds(
      std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(milliseconds - kRounding))));
}

void RateLimiter::Return(std::string_view key, double cost) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {  // else it is full, or forgotten and so full
    found->second->tokens = std::min(rate_.burst, found->second->tokens + cost);
  }
}

RateLimiter::Bucket& RateLimiter::Touch(std::string_view key, SteadyTime now) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
    return buckets_.front();
  }
  if (buckets_.size() >= key_count_max_) {
    by_key_.erase(buckets_.back().key);
    buckets_.pop_back();
  }
  buckets_.push_front({.key = std::string(key), .tokens = rate_.burst, .filled_at = now});
  by_key_.emplace(buckets_.front().key, buckets_.begin());
  return buckets_.front();
}

}  // namespace paddock::identity
