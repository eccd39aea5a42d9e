#include "identity/credential_cache.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace paddock::identity {

SharedPrincipal CredentialCache::Find(std::string_view secret, SteadyTime now) {
  // As in TokenCache: the time that this takes tells nothing about the secrets of others.
  const auto found = by_secret_.find(secret);
  if (found == by_secret_.end() || now >= found->second->trusted_until) {
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return entries_.front().principal;
}

void CredentialCache::Remember(std::string_view secret,
                               SharedPrincipal principal,
                               SteadyTime trusted_until,
                               std::uint64_t generation) {
  if (generation != generation_) {
    return;
  }
  const auto known = by_secret_.find(secret);
  if (known != by_secret_.end()) {
    Erase(known->second);
  } else if (entries_.size() >= credentials_max_) {
    Erase(std::prev(entries_.end()));
  }
  entries_.push_front({.secret = std::string(secret),
                       .principal = std::move(principal),
                       .trusted_until = trusted_until});
  by_secret_.emplace(entries_.front().secret, entries_.begin());
}

void CredentialCache::ForgetIf(const Predicate& is_such) {
  EraseIf(is_such);
  if (on_forgotten_) {
    on_forgotten_(is_such);
  }
}

void CredentialCache::RefreshUser(const UserId& user) {
  EraseIf([&user](const Principal& principal) {
    return principal.user == user || principal.acting_admin == user;
  });
}

void CredentialCache::EraseIf(const Predicate& is_such) {
  ++generation_;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (is_such(*entry->principal)) {
      Erase(entry);
    }
    entry = next;
  }
}

void CredentialCache::ForgetUser(const UserId& user) {
  ForgetIf([&user](const Principal& principal) {
    return principal.user == user || principal.acting_admin == user;
  });
}

void CredentialCache::ForgetSession(const SessionId& session) {
  ForgetIf([&session](const Principal& principal) { return principal.session == session; });
}

void CredentialCache::ForgetSessionsOf(const UserId& user, const std::optional<SessionId>& kept) {
  ForgetIf([&](const Principal& principal) {
    return principal.user == user && principal.session && principal.session != kept;
  });
}

void CredentialCache::Forget(std::string_view secret) {
  ++generation_;
  const auto found = by_secret_.find(secret);
  if (found != by_secret_.end()) {
    Erase(found->second);
  }
}

std::size_t CredentialCache::Count(CredentialKind kind) const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      entries_, [kind](const Entry& entry) { return entry.principal->credential == kind; }));
}

void CredentialCache::Erase(Entries::iterator entry) {
  by_secret_.erase(entry->secret);
  entries_.erase(entry);
}

}  // namespace paddock::identity
