// TokenCache: the tokens verified last, so that a client who sends the same one with every request
// costs one MAC and not thousands.
//
// It holds proven sessions only, by their full text. Nothing in it outlives its signer, so another
// secret means another cache; expiry is asked at every look-up.
//
// Threading: one thread. Ownership: the signer outlives it.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "identity/principal.h"
#include "identity/tokens.h"

namespace paddock::identity {

class TokenCache {
 public:
  static constexpr std::size_t kTokensMax = 4096;

  explicit TokenCache(const TokenSigner& signer, std::size_t tokens_max = kTokensMax)
      : signer_(signer), tokens_max_(tokens_max) {}

  /// The guest whose token it is; fails as TokenSigner::Verify.
  [[nodiscard]] Result<SharedPrincipal> Verify(std::string_view token, SystemTime now);

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::string token;
    SharedPrincipal guest;
    SystemTime expires_at;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  const SharedPrincipal& Remember(std::string_view token, Session session);

  const TokenSigner& signer_;
  std::size_t tokens_max_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_token_;  // views into entries_
};

}  // namespace paddock::identity
