// MatchRows: which rows of two results belong together, whatever their order.
//
// Used by comparison.cc only. A row that is there twice must be there twice: results are multisets.
// Sorting and hashing, so that ten thousand rows take milliseconds. Threading: pure.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "challenges/cell_value.h"
#include "challenges/runner.h"

namespace paddock::challenges {

/// A result read once: its cells as values, with its columns in the order of the other side.
class ValueTable {
 public:
  /// Column i of the table is column `columns[i]` of `result`.
  ValueTable(const ResultSet& result, const std::vector<std::size_t>& columns, bool trim_text);

  [[nodiscard]] std::size_t row_count() const noexcept { return row_count_; }
  [[nodiscard]] std::size_t column_count() const noexcept { return column_count_; }
  [[nodiscard]] const CellValue& At(std::size_t row, std::size_t column) const noexcept {
    return values_[(row * column_count_) + column];
  }

 private:
  std::size_t row_count_;
  std::size_t column_count_;
  std::vector<CellValue> values_;
};

/// What makes two numbers one.
struct Closeness {
  double tolerance = 0;
  bool rounded = false;  // IsRounded, and `tolerance` does not matter

  [[nodiscard]] bool Joins(const CellValue& expected, const CellValue& actual) const {
    return rounded ? IsRounded(expected, actual) : IsSame(expected, actual, tolerance);
  }
};

struct Unmatched {
  std::vector<std::size_t> missing;  // rows of the expected side, ascending
  std::vector<std::size_t> extra;    // rows of the actual side, ascending
};

[[nodiscard]] Unmatched MatchRows(const ValueTable& expected,
                                  const ValueTable& actual,
                                  Closeness closeness);

}  // namespace paddock::challenges
