// Join codes: what a teacher writes on the board, and learners type.
//
// Eight characters of an alphabet in which no two look alike, shown as "KM4T-9WQX" and stored
// without the dash. Threading: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace paddock::identity {

/// Random; 25^8 are possible, and trying them is limited (gateway/routes/class_routes.h).
[[nodiscard]] std::string NewJoinCode();

/// As it is stored, from what somebody typed: case, dashes and spaces do not count. Nothing when
/// it cannot be a code.
[[nodiscard]] std::optional<std::string> ParseJoinCode(std::string_view typed);

/// As it is shown.
[[nodiscard]] std::string FormatJoinCode(std::string_view code);

}  // namespace paddock::identity
