#include "identity/tickets.h"

#include <utility>

namespace paddock::identity {

std::string TicketBooth::Issue(SharedPrincipal holder, std::string path, SteadyTime now) {
  ForgetOld(now);
  std::string id = NewIdText();
  const SteadyTime expires_at = now + kLifetime;
  oldest_first_.push_back({.id = id, .expires_at = expires_at});
  Ticket ticket{.holder = std::move(holder), .path = std::move(path), .expires_at = expires_at};
  tickets_.emplace(id, std::move(ticket));
  return id;
}

SharedPrincipal TicketBooth::Redeem(std::string_view ticket,
                                    std::string_view path,
                                    SteadyTime now) {
  const auto found = tickets_.find(std::string(ticket));
  if (found == tickets_.end()) {
    return nullptr;
  }
  Ticket taken = std::move(found->second);
  tickets_.erase(found);
  if (now >= taken.expires_at || taken.path != path) {
    return nullptr;
  }
  return std::move(taken.holder);
}

void TicketBooth::ForgetIf(const std::function<bool(const Principal&)>& is_such) {
  std::erase_if(tickets_, [&is_such](const auto& entry) { return is_such(*entry.second.holder); });
}

// The queue counts used tickets too, until they would have expired: a bound on what anybody can
// make us hold, at the price of forgetting a little early under a flood.
void TicketBooth::ForgetOld(SteadyTime now) {
  while (!oldest_first_.empty() &&
         (oldest_first_.front().expires_at <= now || oldest_first_.size() >= live_count_max_)) {
    tickets_.erase(oldest_first_.front().id);
    oldest_first_.pop_front();
  }
}

}  // namespace paddock::identity
