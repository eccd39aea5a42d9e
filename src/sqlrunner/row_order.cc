#include "sqlrunner/row_order.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace paddock::sqlrunner {
namespace {

constexpr bool IsDigit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr char Lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool IsNumber(sql::CellType type) noexcept {
  return type == sql::CellType::kInteger || type == sql::CellType::kReal ||
         type == sql::CellType::kDecimal;
}

struct Decimal {
  bool is_number = false;
  bool is_negative = false;
  std::string_view whole;     // without zeros in front
  std::string_view fraction;  // without zeros at the end
};

Decimal ParseDecimal(std::string_view text) noexcept {
  Decimal decimal;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    decimal.is_negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const auto point = std::min(text.find('.'), text.size());
  decimal.whole = text.substr(0, point);
  decimal.fraction = text.substr(std::min(point + 1, text.size()));
  decimal.is_number = !text.empty() && std::ranges::all_of(decimal.whole, IsDigit) &&
                      std::ranges::all_of(decimal.fraction, IsDigit);
  decimal.whole.remove_prefix(std::min(decimal.whole.find_first_not_of('0'), decimal.whole.size()));
  decimal.fraction = decimal.fraction.substr(0, decimal.fraction.find_last_not_of('0') + 1);
  if (decimal.whole.empty() && decimal.fraction.empty()) {
    decimal.is_negative = false;  // there is but one zero
  }
  return decimal;
}

double ValueOf(std::string_view text) noexcept {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc::result_out_of_range) {
    const double most = std::numeric_limits<double>::infinity();
    return text.starts_with('-') ? -most : most;
  }
  return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
}

/// Of one cell that is sorted by: its place, and its value if it has one.
struct SortKey {
  std::uint64_t cell = 0;
  double value = 0;
};

class Sorter {
 public:
  Sorter(const SpillMap& map, const Arrangement& arrangement) : map_(map), by_(arrangement.sort) {
    keys_.resize(by_.size());
  }

  void Add(std::uint64_t row_offset) {
    for (std::size_t i = 0; i < by_.size(); ++i) {
      const std::uint64_t place = map_.CellOffset(row_offset, by_[i].column);
      const sql::Cell cell = map_.CellAt(place);
      keys_[i].push_back({.cell = place, .value = IsNumber(cell.type) ? ValueOf(cell.text) : 0});
    }
  }

  /// Of the rows that were added, counted from zero.
  [[nodiscard]] int Order(std::uint32_t a, std::uint32_t b) const {
    for (std::size_t i = 0; i < by_.size(); ++i) {
      const int order = Compare(keys_[i][a], keys_[i][b], by_[i].descending);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

 private:
  [[nodiscard]] int Compare(const SortKey& a, const SortKey& b, bool descending) const {
    const sql::Cell left = map_.CellAt(a.cell);
    const sql::Cell right = map_.CellAt(b.cell);
    if (left.is_null() || right.is_null()) {
      return static_cast<int>(left.is_null()) - static_cast<int>(right.is_null());
    }
    const int order = CompareValues(left, a.value, right, b.value);
    return descending ? -order : order;
  }

  static int CompareValues(sql::Cell left, double left_value, sql::Cell right, double right_value) {
    const bool left_number = IsNumber(left.type);
    if (left_number != IsNumber(right.type)) {
      return left_number ? -1 : 1;
    }
    if (!left_number) {
      return left.text.compare(right.text);
    }
    if (left_value != right_value) {
      return left_value < right_value ? -1 : 1;
    }
    return CompareDecimals(left.text, right.text);
  }

  const SpillMap& map_;
  const std::vector<SortColumn>& by_;
  std::vector<std::vector<SortKey>> keys_;  // by column, then by row
};

Result<void> CheckColumns(const SpillSnapshot& snapshot, const Arrangement& arrangement) {
  const std::size_t count = snapshot.columns.size();
  const auto exists = [count](const auto& one) { return one.column < count; };
  if (!std::ranges::all_of(arrangement.sort, exists) ||
      !std::ranges::all_of(arrangement.filter, exists)) {
    return Fail(Code::kInvalid, fmt::format("the result has {} columns, counted from 0", count));
  }
  return {};
}

std::vector<Filter> Lowered(std::vector<Filter> filters) {
  for (Filter& filter : filters) {
    std::ranges::transform(filter.contains, filter.contains.begin(), Lower);
  }
  return filters;
}

bool Stays(const SpillMap& map, std::uint64_t row_offset, const std::vector<Filter>& filters) {
  return std::ranges::all_of(filters, [&](const Filter& filter) {
    const sql::Cell cell = map.CellAt(map.CellOffset(row_offset, filter.column));
    return !cell.is_null() && ContainsIgnoringCase(cell.text, filter.contains);
  });
}

}  // namespace

int CompareDecimals(std::string_view a, std::string_view b) noexcept {
  const Decimal left = ParseDecimal(a);
  const Decimal right = ParseDecimal(b);
  if (!left.is_number || !right.is_number) {
    // A fixed place among its equals, or the order would run in circles.
    return static_cast<int>(right.is_number) - static_cast<int>(left.is_number);
  }
  if (left.is_negative != right.is_negative) {
    return left.is_negative ? -1 : 1;
  }
  int order = 0;
  if (left.whole.size() != right.whole.size()) {
    order = left.whole.size() < right.whole.size() ? -1 : 1;
  } else if (left.whole != right.whole) {
    order = left.whole < right.whole ? -1 : 1;
  } else if (left.fraction != right.fraction) {
    order = left.fraction < right.fraction ? -1 : 1;
  }
  return left.is_negative ? -order : order;
}

bool ContainsIgnoringCase(std::string_view text, std::string_view lower_part) noexcept {
  const auto found = std::ranges::search(text, lower_part, std::ranges::equal_to(), Lower);
  return lower_part.empty() || !found.empty();
}

Result<std::vector<std::uint32_t>> OrderRows(const SpillSnapshot& snapshot,
                                             const Arrangement& arrangement) {
  auto checked = CheckColumns(snapshot, arrangement);
  if (!checked) {
    return Fail(std::move(checked).error());
  }
  auto map = SpillMap::Open(snapshot);
  if (!map) {
    return Fail(std::move(map).error());
  }
  const std::vector<Filter> filters = Lowered(arrangement.filter);
  Sorter sorter(*map, arrangement);
  std::vector<std::uint32_t> rows;
  std::uint64_t offset = 0;
  for (std::uint64_t row = 0; row < snapshot.row_count; ++row) {
    if (Stays(*map, offset, filters)) {
      rows.push_back(static_cast<std::uint32_t>(row));
      sorter.Add(offset);
    }
    offset = map->After(offset);
  }
  std::vector<std::uint32_t> places(rows.size());
  std::ranges::generate(places, [next = std::uint32_t{0}]() mutable { return next++; });
  // Told apart by their place at last, which makes it stable.
  std::ranges::sort(places, [&sorter](std::uint32_t a, std::uint32_t b) {
    const int order = sorter.Order(a, b);
    return order != 0 ? order < 0 : a < b;
  });
  std::ranges::transform(places, places.begin(), [&rows](std::uint32_t at) { return rows[at]; });
  return places;
}

}  // namespace paddock::sqlrunner
