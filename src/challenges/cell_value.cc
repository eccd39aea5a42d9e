#include "challenges/cell_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

namespace paddock::challenges {
namespace {

using Class = CellValue::Class;

// A double has no more digits than these that mean anything.
constexpr int kFractionDigitsMax = 17;
// Two sums of the same numbers in another order are nearer than this, relatively.
constexpr double kRoundingNoise = 1e-6;
// Less than one unit of the last digit, with room for what binary fractions cannot say.
constexpr double kOneDigit = 0.9999;

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// "1.50" is 1.5 and "-0.0" is 0.
std::string_view WithoutTrailingZeros(std::string_view text) {
  if (text.find('.') != std::string_view::npos &&
      text.find_first_of("eE") == std::string_view::npos) {
    text.remove_suffix(text.size() - text.find_last_not_of('0') - 1);
    if (text.ends_with('.')) {
      text.remove_suffix(1);
    }
  }
  return text == "-0" ? text.substr(1) : text;
}

int FractionDigits(std::string_view text) {
  if (text.find_first_of("eE") != std::string_view::npos) {
    return kFractionDigitsMax;
  }
  const auto point = text.find('.');
  if (point == std::string_view::npos) {
    return 0;
  }
  return static_cast<int>(
      std::min<std::size_t>(text.size() - point - 1, std::size_t{kFractionDigitsMax}));
}

CellValue ReadNumber(const sql::Cell& cell) {
  CellValue value{.kind = Class::kNumber, .text = cell.text};
  const auto [rest, failure] =
      std::from_chars(cell.text.data(), cell.text.data() + cell.text.size(), value.number);
  if (failure != std::errc() || rest != cell.text.data() + cell.text.size()) {
    value.kind = Class::kText;
    return value;
  }
  value.is_real = cell.type == sql::CellType::kReal;
  value.text = WithoutTrailingZeros(cell.text);
  value.fraction_digits = FractionDigits(value.text);
  return value;
}

}  // namespace

CellValue ReadCell(const sql::Cell& cell, bool trim_text) {
  switch (cell.type) {
    case sql::CellType::kNull: return {};
    case sql::CellType::kInteger:
    case sql::CellType::kReal:
    case sql::CellType::kDecimal: return ReadNumber(cell);
    case sql::CellType::kBytes: return {.kind = Class::kBytes, .text = cell.text};
    case sql::CellType::kBoolean: return {.kind = Class::kBoolean, .text = cell.text};
    case sql::CellType::kText:
    case sql::CellType::kTime:
    case sql::CellType::kOther: break;
  }
  return {.kind = Class::kText, .text = trim_text ? Trimmed(cell.text) : cell.text};
}

bool IsSame(const CellValue& expected, const CellValue& actual, double tolerance) {
  if (expected.kind != actual.kind) {
    return false;
  }
  if (expected.text == actual.text) {
    return true;  // infinities and NaN too
  }
  if (expected.kind != Class::kNumber || (!expected.is_real && !actual.is_real)) {
    return false;
  }
  if (!std::isfinite(expected.number) || !std::isfinite(actual.number)) {
    return false;
  }
  const double allowed = tolerance * std::max(1.0, std::abs(expected.number));
  return std::abs(expected.number - actual.number) <= allowed;
}

bool IsRounded(const CellValue& expected, const CellValue& actual) {
  if (IsSame(expected, actual, kRoundingNoise)) {
    return true;
  }
  if (expected.kind != Class::kNumber || actual.kind != Class::kNumber) {
    return false;
  }
  const int digits = std::min(expected.fraction_digits, actual.fraction_digits);
  return std::abs(expected.number - actual.number) < kOneDigit * std::pow(10.0, -digits);
}

}  // namespace paddock::challenges
