#include "gateway/utf8.h"

#include <cstdint>
#include <cstring>

namespace paddock::gateway {
namespace {

constexpr bool IsContinuation(std::uint8_t byte) noexcept { return (byte & 0xC0U) == 0x80U; }

}  // namespace

std::size_t Utf8CharacterLength(std::string_view text) noexcept {
  if (text.empty()) {
    return 0;
  }
  const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = at(0);
  if (first < 0x80U) {
    return 1;
  }
  if (first >= 0xC2U && first <= 0xDFU) {
    return text.size() >= 2 && IsContinuation(at(1)) ? 2 : 0;
  }
  if (first >= 0xE0U && first <= 0xEFU) {
    if (text.size() < 3 || !IsContinuation(at(1)) || !IsContinuation(at(2))) {
      return 0;
    }
    const bool overlong = first == 0xE0U && at(1) < 0xA0U;
    const bool surrogate = first == 0xEDU && at(1) > 0x9FU;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xF0U && first <= 0xF4U) {
    if (text.size() < 4 || !IsContinuation(at(1)) || !IsContinuation(at(2)) ||
        !IsContinuation(at(3))) {
      return 0;
    }
    const bool overlong = first == 0xF0U && at(1) < 0x90U;
    const bool too_high = first == 0xF4U && at(1) > 0x8FU;
    return overlong || too_high ? 0 : 4;
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

}  // namespace paddock::gateway
