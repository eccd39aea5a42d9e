#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace paddock {
namespace {

constexpr bool IsContinuation(std::uint8_t byte) noexcept { return (byte & 0xC0U) == 0x80U; }

constexpr std::uint8_t ByteAt(std::string_view text, std::size_t index) noexcept {
  return static_cast<std::uint8_t>(text[index]);
}

/// Whether a text that begins with E0 to EF begins with a character of three bytes.
constexpr bool IsThreeByteCharacter(std::string_view text) noexcept {
  if (text.size() < 3 || !IsContinuation(ByteAt(text, 1)) || !IsContinuation(ByteAt(text, 2))) {
    return false;
  }
  const bool overlong = ByteAt(text, 0) == 0xE0U && ByteAt(text, 1) < 0xA0U;
  const bool surrogate = ByteAt(text, 0) == 0xEDU && ByteAt(text, 1) > 0x9FU;
  return !overlong && !surrogate;
}

/// Whether a text that begins with F0 to F4 begins with a character of four bytes.
constexpr bool IsFourByteCharacter(std::string_view text) noexcept {
  if (text.size() < 4 || !IsContinuation(ByteAt(text, 1)) || !IsContinuation(ByteAt(text, 2)) ||
      !IsContinuation(ByteAt(text, 3))) {
    return false;
  }
  const bool overlong = ByteAt(text, 0) == 0xF0U && ByteAt(text, 1) < 0x90U;
  const bool too_high = ByteAt(text, 0) == 0xF4U && ByteAt(text, 1) > 0x8FU;
  return !overlong && !too_high;
}

}  // namespace

std::size_t Utf8CharacterLength(std::string_view text) noexcept {
  if (text.empty()) {
    return 0;
  }
  const std::uint8_t first = ByteAt(text, 0);
  if (first < 0x80U) {
    return 1;
  }
  if (first >= 0xC2U && first <= 0xDFU) {
    return text.size() >= 2 && IsContinuation(ByteAt(text, 1)) ? 2 : 0;
  }
  if (first >= 0xE0U && first <= 0xEFU) {
    return IsThreeByteCharacter(text) ? 3 : 0;
  }
  if (first >= 0xF0U && first <= 0xF4U) {
    return IsFourByteCharacter(text) ? 4 : 0;
  }
  return 0;
}

bool IsValidUtf8(std::string_view text) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  while (!text.empty()) {
    std::uint64_t word = 0;
    if (text.size() >= sizeof(word)) {
      std::memcpy(&word, text.data(), sizeof(word));
      if ((word & kHighBits) == 0) {  // eight ASCII bytes at once: the common case
        text.remove_prefix(sizeof(word));
        continue;
      }
    }
    const std::size_t length = Utf8CharacterLength(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace paddock
