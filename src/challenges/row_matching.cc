#include "challenges/row_matching.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace paddock::challenges {
namespace {

using Class = CellValue::Class;

// Rows of one group are tried against each other in every way up to this many: beyond, in order.
constexpr std::size_t kExhaustiveRowsMax = 128;

bool HasReal(const ValueTable& table, std::size_t column) {
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    if (table.At(row, column).is_real) {
      return true;
    }
  }
  return false;
}

/// Numbers of one column that may be the same: neighbours in order without a gap greater than the
/// tolerance have one place. Those of one place are compared later; those of two never match.
class NumberPlaces {
 public:
  NumberPlaces(const ValueTable& expected,
               const ValueTable& actual,
               std::size_t column,
               double tolerance)
      : tolerance_(tolerance) {
    for (const ValueTable* table : {&expected, &actual}) {
      for (std::size_t row = 0; row < table->row_count(); ++row) {
        const CellValue& value = table->At(row, column);
        if (value.kind == Class::kNumber && !std::isnan(value.number)) {
          starts_.push_back(value.number);
        }
      }
    }
    std::ranges::sort(starts_);
    double last = 0;
    const auto joins = [&](double number) {
      const double allowed = tolerance_ * std::max({1.0, std::abs(last), std::abs(number)});
      const bool near = number - last <= allowed;
      last = number;
      return near;
    };
    if (!starts_.empty()) {
      last = starts_.front();
      starts_.erase(std::remove_if(starts_.begin() + 1, starts_.end(), joins), starts_.end());
    }
  }

  [[nodiscard]] std::size_t Of(double number) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(starts_, number) - starts_.begin());
  }

 private:
  double tolerance_;
  std::vector<double> starts_;  // the least number of each place
};

struct KeyedRow {
  std::size_t key = 0;
  std::size_t row = 0;
};

class Matching {
 public:
  Matching(const ValueTable& expected, const ValueTable& actual, Closeness closeness)
      : expected_(expected), actual_(actual), closeness_(closeness) {
    for (std::size_t column = 0; column < expected.column_count(); ++column) {
      const bool inexact =
          closeness.rounded || HasReal(expected, column) || HasReal(actual, column);
      if (inexact) {
        inexact_columns_.push_back(column);
      }
      places_.emplace_back();
      if (inexact && !closeness.rounded) {
        places_.back().emplace_back(expected, actual, column, closeness.tolerance);
      }
    }
  }

  Unmatched Run() {
    const auto expected = Keyed(expected_);
    const auto actual = Keyed(actual_);
    auto left = expected.begin();
    auto right = actual.begin();
    while (left != expected.end() || right != actual.end()) {
      const std::size_t key =
          right == actual.end() || (left != expected.end() && left->key <= right->key) ? left->key
                                                                                       : right->key;
      MatchGroup(TakeGroup(left, expected.end(), key), TakeGroup(right, actual.end(), key));
    }
    std::ranges::sort(unmatched_.missing);
    std::ranges::sort(unmatched_.extra);
    return std::move(unmatched_);
  }

 private:
  using Iterator = std::vector<KeyedRow>::const_iterator;
  using Group = std::vector<std::size_t>;

  static Group TakeGroup(Iterator& from, Iterator end, std::size_t key) {
    Group group;
    for (; from != end && from->key == key; ++from) {
      group.push_back(from->row);
    }
    return group;
  }

  // Rows that may match have the same key; others hardly ever have.
  [[nodiscard]] std::size_t KeyOf(const ValueTable& table, std::size_t row) const {
    constexpr std::size_t kFactor = 0x9E3779B97F4A7C15ULL;
    std::size_t key = 0;
    for (std::size_t column = 0; column < table.column_count(); ++column) {
      const CellValue& value = table.At(row, column);
      std::size_t part = 0;
      if (value.kind != Class::kNumber) {
        part = std::hash<std::string_view>{}(value.text);
      } else if (!places_[column].empty()) {
        part = places_[column].front().Of(value.number);
      } else if (!closeness_.rounded) {
        part = std::hash<std::string_view>{}(value.text);
      }
      key = ((key ^ part) * kFactor) + static_cast<std::size_t>(value.kind);
      key ^= key >> 29U;
    }
    return key;
  }

  [[nodiscard]] std::vector<KeyedRow> Keyed(const ValueTable& table) const {
    std::vector<KeyedRow> rows(table.row_count());
    for (std::size_t row = 0; row < rows.size(); ++row) {
      rows[row] = {.key = KeyOf(table, row), .row = row};
    }
    std::ranges::sort(rows, [](const KeyedRow& one, const KeyedRow& other) {
      return std::pair(one.key, one.row) < std::pair(other.key, other.row);
    });
    return rows;
  }

  [[nodiscard]] bool Joins(std::size_t expected_row, std::size_t actual_row) const {
    for (std::size_t column = 0; column < expected_.column_count(); ++column) {
      if (!closeness_.Joins(expected_.At(expected_row, column), actual_.At(actual_row, column))) {
        return false;
      }
    }
    return true;
  }

  // By the numbers that may differ a little, column by column.
  [[nodiscard]] int Order(const ValueTable& table,
                          std::size_t row,
                          const ValueTable& other,
                          std::size_t other_row) const {
    for (const std::size_t column : inexact_columns_) {
      const double one = table.At(row, column).number;
      const double two = other.At(other_row, column).number;
      if (one < two || two < one) {
        return one < two ? -1 : 1;
      }
    }
    return 0;
  }

  void Sort(const ValueTable& table, Group& group) const {
    std::ranges::sort(group, [&](std::size_t one, std::size_t other) {
      const int order = Order(table, one, table, other);
      return order < 0 || (order == 0 && one < other);
    });
  }

  void MatchGroup(Group missing, Group extra) {
    if (!missing.empty() && !extra.empty()) {
      Sort(expected_, missing);
      Sort(actual_, extra);
      if (std::max(missing.size(), extra.size()) <= kExhaustiveRowsMax) {
        MatchEveryWay(missing, extra);
      } else {
        MatchInOrder(missing, extra);
      }
    }
    unmatched_.missing.insert(unmatched_.missing.end(), missing.begin(), missing.end());
    unmatched_.extra.insert(unmatched_.extra.end(), extra.begin(), extra.end());
  }

  // Both are sorted: whoever is the lesser and does not fit finds no partner further on.
  void MatchInOrder(Group& missing, Group& extra) const {
    Group missing_left;
    Group extra_left;
    std::size_t left = 0;
    std::size_t right = 0;
    while (left < missing.size() && right < extra.size()) {
      if (Joins(missing[left], extra[right])) {
        ++left;
        ++right;
      } else if (Order(expected_, missing[left], actual_, extra[right]) < 0) {
        missing_left.push_back(missing[left++]);
      } else {
        extra_left.push_back(extra[right++]);
      }
    }
    missing_left.insert(missing_left.end(), missing.begin() + static_cast<std::ptrdiff_t>(left),
                        missing.end());
    extra_left.insert(extra_left.end(), extra.begin() + static_cast<std::ptrdiff_t>(right),
                      extra.end());
    missing = std::move(missing_left);
    extra = std::move(extra_left);
  }

  // The greatest matching by augmenting paths: nearness is not transitive, so that a first choice
  // may have to make room for a later one.
  void MatchEveryWay(Group& missing, Group& extra) const {
    std::vector<std::size_t> partner(extra.size(), missing.size());
    Group missing_left;
    for (std::size_t from = 0; from < missing.size(); ++from) {
      std::vector<bool> seen(extra.size(), false);
      if (!FindPartner(from, missing, extra, partner, seen)) {
        missing_left.push_back(missing[from]);
      }
    }
    Group extra_left;
    for (std::size_t at = 0; at < extra.size(); ++at) {
      if (partner[at] == missing.size()) {
        extra_left.push_back(extra[at]);
      }
    }
    missing = std::move(missing_left);
    extra = std::move(extra_left);
  }

  // Recursion no deeper than kExhaustiveRowsMax.
  bool FindPartner(std::size_t from,
                   const Group& missing,
                   const Group& extra,
                   std::vector<std::size_t>& partner,
                   std::vector<bool>& seen) const {
    for (std::size_t at = 0; at < extra.size(); ++at) {
      if (seen[at] || !Joins(missing[from], extra[at])) {
        continue;
      }
      seen[at] = true;
      if (partner[at] == missing.size() ||
          FindPartner(partner[at], missing, extra, partner, seen)) {
        partner[at] = from;
        return true;
      }
    }
    return false;
  }

  const ValueTable& expected_;
  const ValueTable& actual_;
  Closeness closeness_;
  std::vector<std::size_t> inexact_columns_;
  std::vector<std::vector<NumberPlaces>> places_;  // by column: none or one
  Unmatched unmatched_;
};

}  // namespace

ValueTable::ValueTable(const ResultSet& result,
                       const std::vector<std::size_t>& columns,
                       bool trim_text)
    : row_count_(result.rows.row_count()), column_count_(columns.size()) {
  values_.reserve(row_count_ * column_count_);
  for (std::size_t row = 0; row < row_count_; ++row) {
    for (const std::size_t column : columns) {
      values_.push_back(ReadCell(result.rows.At(row, column), trim_text));
    }
  }
}

Unmatched MatchRows(const ValueTable& expected, const ValueTable& actual, Closeness closeness) {
  return Matching(expected, actual, closeness).Run();
}

}  // namespace paddock::challenges
