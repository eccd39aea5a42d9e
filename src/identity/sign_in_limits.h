// SignInLimits: how often passwords may be guessed.
//
// Three counts, of failures only: what one address guesses of one name, what one address guesses at
// all, and what everybody guesses of one name. Nobody is locked out by strangers: who is signed in
// goes on, and an address from which the name has signed in lately is not held to the last count.
// A name that nobody has counts like any other, so that the limits tell nothing of who is here.
//
// Used by Accounts. Threading: loop thread only. Times are given by the caller, for tests.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "identity/rate_limiter.h"

namespace paddock::identity {

struct SignInRates {
  Rate pair{.per_second = 1.0 / 20, .burst = 10};   // one name from one address
  Rate address{.per_second = 0.5, .burst = 100};    // all names from one: a class may sit there
  Rate name{.per_second = 1.0 / 20, .burst = 100};  // one name from everywhere
  std::size_t key_count_max = 65'536;               // of each
};

class SignInLimits {
 public:
  explicit SignInLimits(const SignInRates& rates = {});

  /// Counts an attempt as failed; nothing when it may be made, else how long to wait first.
  [[nodiscard]] std::optional<std::chrono::milliseconds> Begin(std::string_view name_key,
                                                               std::string_view address,
                                                               SteadyTime now);
  /// It did not fail: nothing is counted, and the address is known from now on.
  void Succeeded(std::string_view name_key, std::string_view address);

 private:
  [[nodiscard]] bool IsKnown(const std::string& pair) const { return by_pair_.contains(pair); }

  RateLimiter pairs_;
  RateLimiter addresses_;
  RateLimiter names_;
  std::size_t known_max_;
  std::list<std::string> known_;  // pairs that have signed in; the latest first
  std::unordered_map<std::string_view, std::list<std::string>::iterator> by_pair_;  // into known_
};

}  // namespace paddock::identity
