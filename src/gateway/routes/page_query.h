// Reading of what lists are asked with: ?after, ?limit and filters.
//
// Used by the routes that answer in pages. Pure; any thread. What is refused is kInvalid with the
// parameter's name in the message.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/http.h"

namespace paddock::gateway {

inline constexpr std::int64_t kPageLimitInitial = 50;
inline constexpr std::int64_t kPageLimitMax = 200;
inline constexpr std::size_t kFilterBytesMax = 200;

/// "limit": 1 to kPageLimitMax.
[[nodiscard]] Result<std::int64_t> ReadPageLimit(const Request& request);

struct PageRequest {
  std::optional<std::string> after;  // an id
  std::int64_t limit = kPageLimitInitial;
};
/// "after" and "limit".
[[nodiscard]] Result<PageRequest> ReadPage(const Request& request);

/// An id, or nothing when it was not given.
[[nodiscard]] Result<std::optional<std::string>> ReadIdFilter(const Request& request,
                                                              std::string_view name);

/// Any text of at most kFilterBytesMax; empty is as if it was not given.
[[nodiscard]] Result<std::optional<std::string>> ReadTextFilter(const Request& request,
                                                                std::string_view name);

/// "true" or "false"; false when it was not given.
[[nodiscard]] Result<bool> ReadTruthFilter(const Request& request, std::string_view name);

/// "2026-11-20T23:00:00Z": RFC 3339 in UTC, in whole seconds.
[[nodiscard]] Result<std::optional<std::chrono::system_clock::time_point>> ReadTimeFilter(
    const Request& request, std::string_view name);

}  // namespace paddock::gateway
