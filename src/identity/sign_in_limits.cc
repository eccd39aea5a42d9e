#include "identity/sign_in_limits.h"

#include <utility>

namespace paddock::identity {
namespace {

/// Neither a key nor an address contains a space.
std::string PairOf(std::string_view name_key, std::string_view address) {
  std::string pair(name_key);
  pair.append(" ").append(address);
  return pair;
}

}  // namespace

SignInLimits::SignInLimits(const SignInRates& rates)
    : pairs_(rates.pair, rates.key_count_max),
      addresses_(rates.address, rates.key_count_max),
      names_(rates.name, rates.key_count_max),
      known_max_(rates.key_count_max) {}

std::optional<std::chrono::milliseconds> SignInLimits::Begin(std::string_view name_key,
                                                             std::string_view address,
                                                             SteadyTime now) {
  const std::string pair = PairOf(name_key, address);
  if (auto wait = addresses_.Take(address, now)) {
    return wait;
  }
  if (auto wait = pairs_.Take(pair, now)) {
    addresses_.Return(address);
    return wait;
  }
  auto wait = names_.Take(name_key, now);
  if (wait && !IsKnown(pair)) {
    addresses_.Return(address);
    pairs_.Return(pair);
    return wait;
  }
  return std::nullopt;
}

void SignInLimits::Succeeded(std::string_view name_key, std::string_view address) {
  const std::string pair = PairOf(name_key, address);
  addresses_.Return(address);
  names_.Return(name_key);
  pairs_.Return(pair);
  const auto found = by_pair_.find(pair);
  if (found != by_pair_.end()) {
    known_.splice(known_.begin(), known_, found->second);
    return;
  }
  if (known_.size() >= known_max_) {
    by_pair_.erase(known_.back());
    known_.pop_back();
  }
  known_.push_front(pair);
  by_pair_.emplace(known_.front(), known_.begin());
}

}  // namespace paddock::identity
