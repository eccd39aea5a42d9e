// Comparison: whether a learner's result is the one that was asked for, and if not, why.
//
// Used by grading. The policy is the question's. The verdict explains itself: which rule failed,
// where, and whether only order or rounding is wrong. Threading: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "challenges/runner.h"

namespace paddock::challenges {

enum class RowOrder : std::uint8_t {
  kExact,
  kKeys,  // equal in the columns that the reference orders by; ties in any order
  kAny,
};
enum class ColumnNames : std::uint8_t { kExact, kAnyCase, kIgnored };
enum class ColumnOrder : std::uint8_t { kExact, kAny };  // kAny: matched by name

struct ComparisonPolicy {
  RowOrder rows = RowOrder::kAny;
  std::vector<std::size_t> order_keys = {};  // NOLINT: of kKeys: columns of the reference's result
  ColumnNames names = ColumnNames::kAnyCase;
  ColumnOrder columns = ColumnOrder::kExact;
  double tolerance = 1e-9;  // of reals, relative to the greater of 1 and the expected; exact at 0
  bool trim_text = false;   // spaces at both ends
};

enum class Rule : std::uint8_t {
  kSame,
  kNoResult,  // the query gave no table at all
  kColumnCount,
  kColumnNames,
  kColumnOrder,  // the right columns in another order
  kRowCount,
  kRowOrder,  // the right rows in another order
  kRounding,  // nothing but rounding differs
  kCells,
  kState,  // the data that was left
};
inline constexpr auto kLastRule = Rule::kState;
[[nodiscard]] std::string_view Name(Rule rule) noexcept;  // "row_order", as the API says it

struct CellDifference {
  std::size_t row = 0;                  // from 0, of the learner's result
  std::size_t column = 0;               // the same
  std::optional<std::string> expected;  // absent: NULL
  std::optional<std::string> actual;
};

struct Verdict {
  Rule rule = Rule::kSame;
  // Of kColumnNames and kColumnOrder: the names. Where order is free: of the first row that should
  // not be there, beside the missing one that is most like it.
  std::optional<CellDifference> first = std::nullopt;
  std::size_t missing_rows = 0;  // expected and not there
  std::size_t extra_rows = 0;
  // Their places, at most kDifferingRowsMax of each: in the expected and in the actual result.
  std::vector<std::size_t> missing = {};  // NOLINT: may be left out
  std::vector<std::size_t> extra = {};    // NOLINT: may be left out

  [[nodiscard]] bool same() const noexcept { return rule == Rule::kSame; }
};
inline constexpr std::size_t kDifferingRowsMax = 100;

/// Row counts, rows and cells by the policy; numbers of any kind are one kind, NULL is only NULL.
[[nodiscard]] Verdict Compare(const ResultSet& expected,
                              const ResultSet& actual,
                              const ComparisonPolicy& policy);

}  // namespace paddock::challenges
