// SpendRun: one run of a query out of what its user, or their address, may have.
//
// Private to this folder. Threading: loop thread only.
#pragma once

#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "gateway/http.h"
#include "identity/rate_limiter.h"

namespace paddock::gateway {

/// kExhausted, and request.retry_after is set.
[[nodiscard]] inline Result<void> SpendRun(identity::RateLimiter& runs,
                                           std::string_view key,
                                           Request& request) {
  const auto wait = runs.Take(key, request.started_at);
  if (!wait) {
    return {};
  }
  request.retry_after = std::chrono::ceil<std::chrono::seconds>(*wait);
  return Fail(Code::kExhausted,
              fmt::format("too many queries: try again in {} s", request.retry_after->count()));
}

}  // namespace paddock::gateway
