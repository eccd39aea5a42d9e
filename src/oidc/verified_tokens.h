// VerifiedTokens: the bearer tokens verified last, so that a client that sends the same one with
// every request costs a look-up, not a signature.
//
// Used by TokenVerifier. It holds proven tokens only, by their full text, until they expire and
// never longer than kRememberedMax: so long at most does a token outlive its key.
//
// Threading: loop thread only. Times are given by the caller, for tests.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "oidc/claims.h"
#include "oidc/moment.h"

namespace paddock::oidc {

using SharedClaims = std::shared_ptr<const Claims>;

class VerifiedTokens {
 public:
  static constexpr std::size_t kTokensMax = 4096;
  static constexpr std::chrono::seconds kRememberedMax{300};

  explicit VerifiedTokens(std::size_t tokens_max = kTokensMax) : tokens_max_(tokens_max) {}

  /// Nothing for a token that is not here or no longer holds.
  [[nodiscard]] SharedClaims Find(std::string_view token, Moment now);

  void Remember(std::string_view token, SharedClaims claims, Moment now);

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::string token;
    SharedClaims claims;
    SteadyTime forgotten_at;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  void Forget(Entries::iterator entry);

  std::size_t tokens_max_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_token_;  // views into entries_
};

}  // namespace paddock::oidc
