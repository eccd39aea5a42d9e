#include "challenges/comparison.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "challenges/cell_value.h"
#include "challenges/row_matching.h"

namespace paddock::challenges {
namespace {

using Places = std::vector<std::size_t>;

char Lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool IsSameName(std::string_view one, std::string_view other, bool any_case) {
  if (!any_case) {
    return one == other;
  }
  return std::ranges::equal(one, other, {}, Lower, Lower);
}

/// For each column of `expected` the one of `actual` with its name: the n-th of that name to the
/// n-th. Nothing when the names are not the same ones.
std::optional<Places> MatchNames(const ResultSet& expected,
                                 const ResultSet& actual,
                                 bool any_case) {
  Places places;
  std::vector<bool> taken(actual.columns.size(), false);
  for (const sql::Column& column : expected.columns) {
    std::size_t at = 0;
    while (at < taken.size() &&
           (taken[at] || !IsSameName(column.name, actual.columns[at].name, any_case))) {
      ++at;
    }
    if (at == taken.size()) {
      return std::nullopt;
    }
    taken[at] = true;
    places.push_back(at);
  }
  return places;
}

Places InOrder(std::size_t count) {
  Places places(count);
  for (std::size_t at = 0; at < count; ++at) {
    places[at] = at;
  }
  return places;
}

std::optional<std::string> TextOf(const sql::Cell& cell) {
  return cell.is_null() ? std::nullopt : std::optional<std::string>(cell.text);
}

/// Two results whose columns belong together.
class RowComparison {
 public:
  RowComparison(const ResultSet& expected,
                const ResultSet& actual,
                const ComparisonPolicy& policy,
                Places columns)
      : expected_(expected),
        actual_(actual),
        policy_(policy),
        columns_(std::move(columns)),
        expected_values_(expected, InOrder(expected.columns.size()), policy.trim_text),
        actual_values_(actual, columns_, policy.trim_text),
        closeness_{.tolerance = policy.tolerance} {}

  [[nodiscard]] Verdict Run() const {
    const bool same_count = expected_values_.row_count() == actual_values_.row_count();
    const auto different = same_count ? FirstDifference(closeness_) : std::nullopt;
    if (same_count && !different) {
      return {};  // also the same in whatever order is asked for
    }
    const auto unmatched = MatchRows(expected_values_, actual_values_, closeness_);
    if (unmatched.missing.empty() && unmatched.extra.empty()) {
      return OrderVerdict(*different);
    }
    return DifferenceVerdict(unmatched, different);
  }

 private:
  struct Place {
    std::size_t row = 0;
    std::size_t column = 0;
  };

  [[nodiscard]] std::optional<std::size_t> DifferentColumn(std::size_t expected_row,
                                                           std::size_t actual_row) const {
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      if (!closeness_.Joins(expected_values_.At(expected_row, column),
                            actual_values_.At(actual_row, column))) {
        return column;
      }
    }
    return std::nullopt;
  }

  // Row by row, as far as both have rows.
  [[nodiscard]] std::optional<Place> FirstDifference(Closeness closeness) const {
    const auto rows = std::min(expected_values_.row_count(), actual_values_.row_count());
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < columns_.size(); ++column) {
        if (!closeness.Joins(expected_values_.At(row, column), actual_values_.At(row, column))) {
          return Place{.row = row, .column = column};
        }
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] CellDifference Describe(std::size_t expected_row,
                                        std::size_t actual_row,
                                        std::size_t column) const {
    return {.row = actual_row,
            .column = columns_[column],
            .expected = TextOf(expected_.rows.At(expected_row, column)),
            .actual = TextOf(actual_.rows.At(actual_row, columns_[column]))};
  }

  // The rows are the right ones. Those that are equal in the keys may stand in any order, and do:
  // with the keys right at each place, every run of equal keys has its own rows.
  [[nodiscard]] Verdict OrderVerdict(Place different) const {
    if (policy_.rows == RowOrder::kAny) {
      return {};
    }
    if (policy_.rows == RowOrder::kKeys) {
      const auto wrong_key = FirstWrongKey();
      if (!wrong_key) {
        return {};
      }
      different = *wrong_key;
    }
    return {.rule = Rule::kRowOrder,
            .first = Describe(different.row, different.row, different.column)};
  }

  [[nodiscard]] std::optional<Place> FirstWrongKey() const {
    for (std::size_t row = 0; row < expected_values_.row_count(); ++row) {
      for (const std::size_t key : policy_.order_keys) {
        if (key < columns_.size() &&
            !closeness_.Joins(expected_values_.At(row, key), actual_values_.At(row, key))) {
          return Place{.row = row, .column = key};
        }
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] Verdict DifferenceVerdict(const Unmatched& unmatched,
                                          std::optional<Place> different) const {
    const bool same_count = expected_values_.row_count() == actual_values_.row_count();
    Verdict verdict{.missing_rows = unmatched.missing.size(), .extra_rows = unmatched.extra.size()};
    verdict.rule =
        same_count ? (IsOnlyRounding() ? Rule::kRounding : Rule::kCells) : Rule::kRowCount;
    verdict.missing = Some(unmatched.missing);
    verdict.extra = Some(unmatched.extra);
    if (policy_.rows == RowOrder::kExact && !different) {
      different = FirstDifference(closeness_);
    }
    if (policy_.rows == RowOrder::kExact && different) {
      verdict.first = Describe(different->row, different->row, different->column);
    } else if (policy_.rows != RowOrder::kExact) {
      verdict.first = Nearest(verdict.missing, unmatched.extra);
    }
    return verdict;
  }

  [[nodiscard]] bool IsOnlyRounding() const {
    const Closeness rounded{.rounded = true};
    if (!FirstDifference(rounded)) {
      return true;
    }
    if (policy_.rows == RowOrder::kExact) {
      return false;
    }
    const auto unmatched = MatchRows(expected_values_, actual_values_, rounded);
    return unmatched.missing.empty() && unmatched.extra.empty();
  }

  // The first row that should not be there, beside the missing one that is most like it.
  [[nodiscard]] std::optional<CellDifference> Nearest(const Places& missing,
                                                      const Places& extra) const {
    if (missing.empty() || extra.empty()) {
      return std::nullopt;
    }
    const auto likeness = [&](std::size_t expected_row) {
      std::size_t same = 0;
      for (std::size_t column = 0; column < columns_.size(); ++column) {
        const bool joins = closeness_.Joins(expected_values_.At(expected_row, column),
                                            actual_values_.At(extra.front(), column));
        same += joins ? 1U : 0U;
      }
      return same;
    };
    const std::size_t nearest = *std::ranges::max_element(missing, {}, likeness);
    return Describe(nearest, extra.front(),
                    DifferentColumn(nearest, extra.front()).value_or(std::size_t{0}));
  }

  static Places Some(const Places& rows) {
    const auto count = std::min(rows.size(), kDifferingRowsMax);
    return {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count)};
  }

  const ResultSet& expected_;
  const ResultSet& actual_;
  const ComparisonPolicy& policy_;
  Places columns_;
  ValueTable expected_values_;
  ValueTable actual_values_;
  Closeness closeness_;
};

std::optional<CellDifference> FirstWrongName(const ResultSet& expected,
                                             const ResultSet& actual,
                                             bool any_case) {
  for (std::size_t at = 0; at < expected.columns.size(); ++at) {
    const std::string& wanted = expected.columns[at].name;
    const std::string& given = actual.columns[at].name;
    if (!IsSameName(wanted, given, any_case)) {
      return CellDifference{.row = 0, .column = at, .expected = wanted, .actual = given};
    }
  }
  return std::nullopt;
}

/// With the columns at their places: what is wrong with their names, if anything that counts.
std::optional<Verdict> NameVerdict(const ResultSet& expected,
                                   const ResultSet& actual,
                                   const ComparisonPolicy& policy,
                                   bool names_fit) {
  if (policy.names == ColumnNames::kIgnored) {
    return std::nullopt;
  }
  auto first = FirstWrongName(expected, actual, policy.names == ColumnNames::kAnyCase);
  if (!first) {
    return std::nullopt;
  }
  const auto rule = names_fit ? Rule::kColumnOrder : Rule::kColumnNames;
  return Verdict{.rule = rule, .first = std::move(first)};
}

}  // namespace

std::string_view Name(Rule rule) noexcept {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"same", "no_result", "column_count", "column_names", "column_order", "row_count",
       "row_order", "rounding", "cells", "state"});
  static_assert(kNames.size() == static_cast<std::size_t>(kLastRule) + 1);
  return kNames.at(static_cast<std::size_t>(rule));
}

Verdict Compare(const ResultSet& expected,
                const ResultSet& actual,
                const ComparisonPolicy& policy) {
  if (expected.columns.size() != actual.columns.size()) {
    return {.rule = actual.columns.empty() ? Rule::kNoResult : Rule::kColumnCount};
  }
  const auto matched = MatchNames(expected, actual, policy.names != ColumnNames::kExact);
  const auto in_order = InOrder(expected.columns.size());
  if (policy.columns == ColumnOrder::kAny && matched) {
    return RowComparison(expected, actual, policy, *matched).Run();
  }
  if (auto wrong = NameVerdict(expected, actual, policy, matched.has_value())) {
    return *std::move(wrong);
  }
  auto verdict = RowComparison(expected, actual, policy, in_order).Run();
  // Where names do not count, the values may still stand under the right names, elsewhere.
  if (!verdict.same() && matched && *matched != in_order &&
      RowComparison(expected, actual, policy, *matched).Run().same()) {
    return {.rule = Rule::kColumnOrder, .first = FirstWrongName(expected, actual, true)};
  }
  return verdict;
}

}  // namespace paddock::challenges
