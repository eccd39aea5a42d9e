// ParsePlan: the JSON in which databases explain how they run a statement, within limits.
//
// Used by engines/postgres and engines/mariadb, which make a sql::Plan of it. Threading: pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace paddock::engines {

inline constexpr std::size_t kPlanBytesMax = std::size_t{8} * 1024 * 1024;
inline constexpr std::size_t kPlanDepthMax = 200;
inline constexpr std::size_t kPlanNodesMax = 10'000;

/// Fails with kUnavailable: no JSON, or more of it than that.
[[nodiscard]] Result<boost::json::value> ParsePlan(std::string_view text);

/// A number, or a string that is one.
[[nodiscard]] std::optional<double> NumberOf(const boost::json::object& object,
                                             std::string_view key);
/// A string as it is, anything else as JSON; "" when there is no such key.
[[nodiscard]] std::string TextOf(const boost::json::object& object, std::string_view key);
[[nodiscard]] std::string TextOf(const boost::json::value& value);

}  // namespace paddock::engines
