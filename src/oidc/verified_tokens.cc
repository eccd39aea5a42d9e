#include "oidc/verified_tokens.h"

#include <utility>

namespace paddock::oidc {

SharedClaims VerifiedTokens::Find(std::string_view token, Moment now) {
  const auto found = by_token_.find(token);
  if (found == by_token_.end()) {
    return nullptr;
  }
  const auto entry = found->second;
  if (now.wall >= entry->claims->expires_at + kLeeway || now.steady >= entry->forgotten_at) {
    Forget(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->claims;
}

void VerifiedTokens::Remember(std::string_view token, SharedClaims claims, Moment now) {
  const auto found = by_token_.find(token);
  if (found != by_token_.end()) {
    Forget(found->second);  // two requests may have verified it at the same time
  }
  if (entries_.size() >= tokens_max_) {
    Forget(std::prev(entries_.end()));
  }
  entries_.push_front({.token = std::string(token),
                       .claims = std::move(claims),
                       .forgotten_at = now.steady + kRememberedMax});
  by_token_.emplace(entries_.front().token, entries_.begin());
}

void VerifiedTokens::Forget(Entries::iterator entry) {
  by_token_.erase(entry->token);
  entries_.erase(entry);
}

}  // namespace paddock::oidc
