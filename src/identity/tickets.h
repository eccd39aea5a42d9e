// TicketBooth: one-time tickets that open one WebSocket each.
//
// A WebSocket is never opened by cookie alone, since any page may open one with the visitor's
// cookie; a ticket was asked for by our own page. It is used once, within 30 s, by the same user
// for exactly the path it was made for. Tickets live in memory: after a restart the page asks
// again.
//
// Threading: loop thread only. Times are given by the caller, for tests.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "identity/principal.h"

namespace paddock::identity {

using SteadyTime = std::chrono::steady_clock::time_point;

class TicketBooth {
 public:
  static constexpr std::chrono::seconds kLifetime{30};

  /// Holds at most `live_count_max` unused tickets; beyond that the oldest is forgotten.
  explicit TicketBooth(std::size_t live_count_max) : live_count_max_(live_count_max) {}

  [[nodiscard]] std::string Issue(SharedPrincipal holder, std::string path, SteadyTime now);

  /// Who may open `path` with `ticket`; null for nobody. A ticket is used up by the first attempt,
  /// right or wrong.
  [[nodiscard]] SharedPrincipal Redeem(std::string_view ticket,
                                       std::string_view path,
                                       SteadyTime now);

  /// Whose holder is such opens nothing any more.
  void ForgetIf(const std::function<bool(const Principal&)>& is_such);

  [[nodiscard]] std::size_t live_count() const noexcept { return tickets_.size(); }

 private:
  struct Ticket {
    SharedPrincipal holder;
    std::string path;
    SteadyTime expires_at;
  };
  struct Queued {
    std::string id;
    SteadyTime expires_at;
  };
  void ForgetOld(SteadyTime now);

  std::size_t live_count_max_;
  std::unordered_map<std::string, Ticket> tickets_;
  std::deque<Queued> oldest_first_;  // also holds ids that have been used since
};

}  // namespace paddock::identity
