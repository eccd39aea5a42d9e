// AppendJsonText: one JSON string literal, escaped. For the few answers that are written by hand.
//
// Pure; any thread. Never fails.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace paddock {

/// Appends `text` in quotes. Bytes that are no UTF-8 become U+FFFD.
void AppendJsonText(std::string& out, std::string_view text);

/// How many characters of `text` take six bytes there instead of one: \u001b.
[[nodiscard]] std::size_t LongEscapeCount(std::string_view text) noexcept;

}  // namespace paddock
