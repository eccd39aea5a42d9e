#include "identity/token_cache.h"

namespace paddock::identity {

Result<SharedPrincipal> TokenCache::Verify(std::string_view token, SystemTime now) {
  // The table compares texts only when 64 bits of hash are equal, which a guess of a token that it
  // holds is not: the time it takes tells nothing about the tokens of others.
  const auto found = by_token_.find(token);
  if (found != by_token_.end() && now < found->second->expires_at) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front().guest;
  }
  auto session = signer_.Verify(token, now);
  if (!session) {
    return Fail(std::move(session).error());
  }
  return Remember(token, *std::move(session));
}

const SharedPrincipal& TokenCache::Remember(std::string_view token, Session session) {
  if (entries_.size() >= tokens_max_) {
    by_token_.erase(entries_.back().token);
    entries_.pop_back();
  }
  entries_.push_front({.token = std::string(token),
                       .guest = GuestPrincipal(std::move(session.user.id)),
                       .expires_at = session.expires_at});
  by_token_.emplace(entries_.front().token, entries_.begin());
  return entries_.front().guest;
}

}  // namespace paddock::identity
