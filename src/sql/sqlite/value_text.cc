#include "sql/sqlite/value_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace paddock::sql {
namespace {

// As SQLite does it, numbers between these are written out, and others with an exponent.
constexpr double kWrittenOutMin = 1e-4;
constexpr double kWrittenOutEnd = 1e15;
constexpr std::size_t kTextBytesMax = 32;

}  // namespace

std::string RealText(double number) {
  if (std::isinf(number)) {
    return number < 0 ? "-Inf" : "Inf";
  }
  const double magnitude = std::abs(number);
  if (magnitude == 0) {
    return "0.0";  // SQLite shows no sign of it either
  }
  const auto format = magnitude >= kWrittenOutMin && magnitude < kWrittenOutEnd
                          ? std::chars_format::fixed
                          : std::chars_format::scientific;
  std::array<char, kTextBytesMax> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number, format).ptr;
  std::string text(digits.begin(), end);
  if (text.find('.') == std::string::npos) {
    text.insert(std::min(text.find('e'), text.size()), ".0");
  }
  return text;
}

std::string HexText(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text.push_back(kDigits[value >> 4U]);
    text.push_back(kDigits[value & 0xFU]);
  }
  return text;
}

}  // namespace paddock::sql
