// RefreshSchedule: when something fetched is fresh, when it may be fetched again, and how long the
// old one serves while the provider is down. Policy only: no waiting, no network.
//
// Used by CachedDocument.
//
// Threading: loop thread only. Times are given by the caller, for tests.
#pragma once

#include <chrono>
#include <optional>

#include "oidc/moment.h"

namespace paddock::oidc {

struct RefreshPolicy {
  std::chrono::seconds fresh_time{600};       // then it is fetched again before it is used
  std::chrono::seconds stale_max{24 * 3600};  // an old one serves no longer, whatever happens
  /// Between two fetches that nothing but an unknown key asked for: anybody can make up key ids.
  std::chrono::seconds early_interval{30};
  std::chrono::seconds retry_first{1};  // after a failure; doubles with each further one
  std::chrono::seconds retry_max{300};
  std::chrono::seconds fetch_timeout{5};
};

class RefreshSchedule {
 public:
  explicit RefreshSchedule(const RefreshPolicy& policy) : policy_(policy) {}

  void Succeeded(SteadyTime now);
  void Failed(SteadyTime now);

  [[nodiscard]] bool IsFresh(SteadyTime now) const;
  [[nodiscard]] bool IsUsable(SteadyTime now) const;
  /// No pause after a failure is running.
  [[nodiscard]] bool MayRetry(SteadyTime now) const;
  /// As MayRetry, and the last fetch is early_interval ago.
  [[nodiscard]] bool MayRefreshEarly(SteadyTime now) const;

  [[nodiscard]] const RefreshPolicy& policy() const noexcept { return policy_; }

 private:
  RefreshPolicy policy_;
  std::optional<SteadyTime> fetched_at_;
  std::optional<SteadyTime> failed_at_;  // absent after a success
  std::chrono::seconds retry_pause_{0};
};

}  // namespace paddock::oidc
