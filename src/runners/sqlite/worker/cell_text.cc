#include "runners/sqlite/worker/cell_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace paddock::runners::sqlite {
namespace {

// Between these, digits are easier to read than an exponent.
constexpr double kPlainMin = 1e-4;
constexpr double kPlainMax = 1e15;
constexpr std::size_t kTextBytesMax = 40;

}  // namespace

std::string RealText(double number) {
  if (std::isinf(number)) {
    return number < 0 ? "-Inf" : "Inf";
  }
  const double size = std::abs(number);
  if (size == 0) {
    return "0.0";  // of both zeros
  }
  const bool plain = size >= kPlainMin && size < kPlainMax;
  std::array<char, kTextBytesMax> space{};
  const auto [end, failure] =
      std::to_chars(space.data(), space.data() + space.size(), number,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(space.data(), end);
  if (text.find('.') == std::string::npos) {
    const auto exponent = text.find('e');
    text.insert(exponent == std::string::npos ? text.size() : exponent, ".0");
  }
  return text;
}

void HexText(std::string& out, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out.clear();
  out.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    out += kDigits[value >> 4U];
    out += kDigits[value & 0xFU];
  }
}

}  // namespace paddock::runners::sqlite
