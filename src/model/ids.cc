#include "model/ids.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/random.h"

namespace paddock {
namespace {

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr int kBitsPerCharacter = 5;

}  // namespace

std::string NewIdText() {
  std::array<std::uint8_t, 16> random{};
  FillRandom(random);
  std::string text;
  text.reserve(kIdLength);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const std::uint8_t byte : random) {
    bits = (bits << 8U) | byte;
    bit_count += 8;
    while (bit_count >= kBitsPerCharacter) {
      bit_count -= kBitsPerCharacter;
      text.push_back(kAlphabet[(bits >> static_cast<unsigned>(bit_count)) & 31U]);
    }
  }
  // 128 = 25 * 5 + 3: the last character holds three bits, shifted to the top of its five.
  text.push_back(kAlphabet[(bits << 2U) & 31U]);
  PADDOCK_CHECK(text.size() == kIdLength);
  return text;
}

bool IsIdText(std::string_view text) noexcept {
  return text.size() == kIdLength && text.find_first_not_of(kAlphabet) == std::string_view::npos &&
         (kAlphabet.find(text.back()) & 3U) == 0;
}

}  // namespace paddock
