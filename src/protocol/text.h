// Text from the other side: made harmless before a person or a JSON document sees it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace paddock::protocol {

/// Bytes of the well-formed UTF-8 character that `bytes` begins with; 0 when there is none.
[[nodiscard]] std::size_t Utf8Length(std::string_view bytes) noexcept;

[[nodiscard]] bool IsUtf8(std::string_view bytes) noexcept;

/// `bytes` as UTF-8 without control characters, at most `bytes_max` long and cut between
/// characters. What does not fit the rule becomes '?'.
[[nodiscard]] std::string Printable(std::string_view bytes, std::size_t bytes_max);

}  // namespace paddock::protocol
