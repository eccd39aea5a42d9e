// Where characters end in UTF-8 that may be cut, or may not be UTF-8 at all.
#pragma once

#include <cstddef>
#include <string_view>

namespace paddock::agent::terminal {

/// Bytes of the character that `lead` starts; zero when no character starts with it.
[[nodiscard]] constexpr std::size_t CharacterSize(unsigned char lead) noexcept {
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return 2;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    return 3;
  }
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

[[nodiscard]] constexpr bool IsContinuation(unsigned char byte) noexcept {
  return (byte & 0xC0U) == 0x80U;
}

/// How many bytes at the end of `text` begin a character that is not complete: 0 to 3. Three bytes
/// of `text` are enough to tell; what is not UTF-8 is never incomplete.
[[nodiscard]] constexpr std::size_t PartialCharacterSize(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (!IsContinuation(byte)) {
      return CharacterSize(byte) > back ? back : 0;
    }
  }
  return 0;
}

}  // namespace paddock::agent::terminal
