#include "oidc/refresh_schedule.h"

#include <algorithm>

namespace paddock::oidc {

void RefreshSchedule::Succeeded(SteadyTime now) {
  fetched_at_ = now;
  failed_at_.reset();
  retry_pause_ = std::chrono::seconds(0);
}

void RefreshSchedule::Failed(SteadyTime now) {
  failed_at_ = now;
  retry_pause_ = std::clamp(retry_pause_ * 2, policy_.retry_first, policy_.retry_max);
}

bool RefreshSchedule::IsFresh(SteadyTime now) const {
  return fetched_at_ && now - *fetched_at_ < policy_.fresh_time;
}

bool RefreshSchedule::IsUsable(SteadyTime now) const {
  return fetched_at_ && now - *fetched_at_ < policy_.stale_max;
}

bool RefreshSchedule::MayRetry(SteadyTime now) const {
  return !failed_at_ || now - *failed_at_ >= retry_pause_;
}

bool RefreshSchedule::MayRefreshEarly(SteadyTime now) const {
  return MayRetry(now) && (!fetched_at_ || now - *fetched_at_ >= policy_.early_interval);
}

}  // namespace paddock::oidc
