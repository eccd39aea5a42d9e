// Values: texts into numbers, claims and lists, with the same rules wherever the text is from.
//
// Used by OptionSet and its readers. No message repeats the text: it may be a secret.
// Threading: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "app/config/option.h"
#include "base/result.h"

namespace paddock::app::config {

inline constexpr std::size_t kTextBytesMax = 4096;
inline constexpr std::size_t kListItemsMax = 256;

/// Each fails with kInvalid, which says what the text must be.
[[nodiscard]] Result<std::int64_t> ParseInteger(std::string_view text,
                                                std::int64_t min,
                                                std::int64_t max);
[[nodiscard]] Result<double> ParseNumber(std::string_view text, double min, double max);
/// "on" and "true", "off" and "false".
[[nodiscard]] Result<bool> ParseSwitch(std::string_view text);
/// No longer than kTextBytesMax, and without control characters, which could forge a line of a log.
[[nodiscard]] Result<void> CheckText(std::string_view text);

/// "a, b,c" into its items; empty ones are left out.
[[nodiscard]] Texts SplitList(std::string_view text);

/// A text from outside as part of a message: short, and without control characters.
[[nodiscard]] std::string Printable(std::string_view text);

}  // namespace paddock::app::config
