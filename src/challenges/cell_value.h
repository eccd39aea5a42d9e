// CellValue: a cell made ready to be compared: what class of value it is, and its number.
//
// Used by comparison.cc only. Views point into the Rows, which outlive the value. Threading: pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "sql/rows.h"

namespace paddock::challenges {

struct CellValue {
  /// Values of different classes are never the same, and NULL is like nothing but NULL. Text,
  /// times and whatever else a database prints are one class: their text is what a learner sees.
  enum class Class : std::uint8_t { kNull, kNumber, kText, kBytes, kBoolean };

  Class kind = Class::kNull;
  bool is_real = false;     // binary floating point: compared with tolerance
  int fraction_digits = 0;  // of a number, as printed, without zeros at the end
  double number = 0;        // of a number
  std::string_view text;    // of a number without zeros after its fraction; trimmed when asked
};

[[nodiscard]] CellValue ReadCell(const sql::Cell& cell, bool trim_text);

/// Equal, or for reals not further apart than `tolerance` relative to the greater of 1 and
/// `expected`. Integers and decimals are exact among themselves.
[[nodiscard]] bool IsSame(const CellValue& expected, const CellValue& actual, double tolerance);

/// Equal, or two numbers of which one is the other rounded or cut to fewer digits.
[[nodiscard]] bool IsRounded(const CellValue& expected, const CellValue& actual);

}  // namespace paddock::challenges
