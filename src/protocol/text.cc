#include "protocol/text.h"

#include <cstdint>

namespace paddock::protocol {
namespace {

constexpr std::uint32_t kBadCharacter = 0xffffffff;

std::uint32_t Byte(std::string_view bytes, std::size_t index) noexcept {
  return static_cast<std::uint8_t>(bytes[index]);
}

// The code point of the `length` bytes at the front, or kBadCharacter.
std::uint32_t Decode(std::string_view bytes, std::size_t length) noexcept {
  if (bytes.size() < length) {
    return kBadCharacter;
  }
  auto point = Byte(bytes, 0) & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((Byte(bytes, i) & 0xc0U) != 0x80U) {
      return kBadCharacter;
    }
    point = (point << 6U) | (Byte(bytes, i) & 0x3fU);
  }
  return point;
}

}  // namespace

std::size_t Utf8Length(std::string_view bytes) noexcept {
  if (bytes.empty()) {
    return 0;
  }
  const auto lead = Byte(bytes, 0);
  if (lead < 0x80U) {
    return 1;
  }
  if (lead >= 0xc2U && lead < 0xe0U) {
    return Decode(bytes, 2) == kBadCharacter ? 0 : 2;
  }
  if (lead >= 0xe0U && lead < 0xf0U) {
    const auto point = Decode(bytes, 3);
    const bool surrogate = point >= 0xd800U && point < 0xe000U;
    return (point == kBadCharacter || point < 0x800U || surrogate) ? 0 : 3;
  }
  if (lead >= 0xf0U && lead < 0xf5U) {
    const auto point = Decode(bytes, 4);
    return (point == kBadCharacter || point < 0x10000U || point > 0x10ffffU) ? 0 : 4;
  }
  return 0;
}

bool IsUtf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const auto length = Utf8Length(bytes);
    if (length == 0) {
      return false;
    }
    bytes.remove_prefix(length);
  }
  return true;
}

std::string Printable(std::string_view bytes, std::size_t bytes_max) {
  std::string out;
  while (!bytes.empty()) {
    const auto length = Utf8Length(bytes);
    const auto lead = Byte(bytes, 0);
    // C0, DEL, and C1 (0xc2 0x80 to 0xc2 0x9f), which terminals obey as well.
    const bool control =
        lead < 0x20U || lead == 0x7fU || (length == 2 && lead == 0xc2U && Byte(bytes, 1) < 0xa0U);
    const auto shown = (length == 0 || control) ? std::string_view("?") : bytes.substr(0, length);
    if (out.size() + shown.size() > bytes_max) {
      break;
    }
    out.append(shown);
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace paddock::protocol
