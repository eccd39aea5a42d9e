// UTF-8 checks for what comes from outside. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace paddock {

/// Length of the valid character at the start of `text` (1 to 4), or 0: overlong forms,
/// surrogates, values above U+10FFFF and cut characters are not valid.
[[nodiscard]] std::size_t Utf8CharacterLength(std::string_view text) noexcept;

[[nodiscard]] bool IsValidUtf8(std::string_view text) noexcept;

}  // namespace paddock
