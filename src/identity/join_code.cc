#include "identity/join_code.h"

#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "base/random.h"

namespace paddock::identity {
namespace {

// Without 0 O, 1 I L, 2 Z, 5 S and 8 B: whatever of a pair is read, neither is in it.
constexpr std::string_view kAlphabet = "ACDEFGHJKMNPQRTUVWXY34679";
constexpr std::size_t kCodeLength = 8;
constexpr std::size_t kTypedBytesMax = 32;
// Bytes from here on would make the first letters likelier than the others.
constexpr std::size_t kByteLimit = 256 - 256 % kAlphabet.size();

constexpr char Upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::string NewJoinCode() {
  std::string code;
  std::array<std::uint8_t, 2 * kCodeLength> bytes{};
  while (code.size() < kCodeLength) {
    FillRandom(bytes);
    for (const std::uint8_t byte : bytes) {
      if (byte < kByteLimit && code.size() < kCodeLength) {
        code += kAlphabet[byte % kAlphabet.size()];
      }
    }
  }
  return code;
}

std::optional<std::string> ParseJoinCode(std::string_view typed) {
  if (typed.size() > kTypedBytesMax) {
    return std::nullopt;
  }
  std::string code;
  for (const char c : typed) {
    if (c == '-' || c == ' ') {
      continue;
    }
    if (!kAlphabet.contains(Upper(c))) {
      return std::nullopt;
    }
    code += Upper(c);
  }
  return code.size() == kCodeLength ? std::optional(std::move(code)) : std::nullopt;
}

std::string FormatJoinCode(std::string_view code) {
  const auto half = code.size() / 2;
  return fmt::format("{}-{}", code.substr(0, half), code.substr(half));
}

}  // namespace paddock::identity
