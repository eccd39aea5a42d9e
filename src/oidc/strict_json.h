// ParseStrictJson: JSON that others sent, within limits and without ambiguity.
//
// Used by whatever reads tokens, keys and answers of a provider. A member that is named twice is
// refused, for two readers of such an object may see two different values.
//
// Threading: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace paddock::oidc {

inline constexpr std::size_t kJsonDepthMax = 16;
inline constexpr std::size_t kJsonMembersMax = 1000;  // of one object, or elements of one array

/// Fails with kInvalid: longer than `bytes_max`, too deep, too wide, no JSON object, a member
/// twice, or not UTF-8.
[[nodiscard]] Result<boost::json::object> ParseStrictJson(std::string_view text,
                                                          std::size_t bytes_max);

/// The member `name` when it is a string of at most `bytes_max` bytes; else nothing.
[[nodiscard]] std::optional<std::string> TextMember(const boost::json::object& object,
                                                    std::string_view name,
                                                    std::size_t bytes_max);

/// Those elements of the array `name` that are such strings; the value itself when it is one.
[[nodiscard]] std::vector<std::string> TextsOf(const boost::json::value& value,
                                               std::size_t count_max,
                                               std::size_t bytes_max);

}  // namespace paddock::oidc
