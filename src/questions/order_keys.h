// OrderKeys: which columns of a result its query orders by.
//
// What `compare.rows: auto` and `keys` mean for a question: rows that are equal in these columns
// may come in any order. Only what is sure counts: a term is a column when it is the column's
// number, its name, or the very expression that stands in the select list. Whenever one term is
// none of these, the order of all rows is held to be wanted.
//
// Used by grading. Threading: pure. Linear in the size of the query.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect.h"
#include "sql/rows.h"

namespace paddock::questions {

struct Ordering {
  bool is_ordered = false;  // the last statement has an ORDER BY of its own, not of a subquery's
  std::optional<std::vector<std::size_t>> keys = std::nullopt;  // absent: not all are columns
};

/// `columns` are those of the query's result.
[[nodiscard]] Ordering OrderingOf(std::string_view query,
                                  const std::vector<sql::Column>& columns,
                                  sql::Dialect dialect);

}  // namespace paddock::questions
