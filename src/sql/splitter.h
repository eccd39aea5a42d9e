// Splitter: finds the statements in a learner's text without changing a byte of it.
//
// Used by live sessions (statement by statement, positions in the whole text), by challenges and by
// the import of seeds. It knows strings, quoted names, comments (nested where the dialect nests
// them), dollar quotes, the bodies of triggers, and MariaDB's and KWDB's DELIMITER. It never
// fails: what is not closed reaches to the end, and the database says what is wrong with it.
// Threading: pure. Linear in the size of the text.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "sql/dialect.h"

namespace paddock::sql {

struct StatementSpan {
  std::size_t begin = 0;  // the first byte that is neither space nor comment
  std::size_t end = 0;    // after its last byte, without the delimiter
  friend bool operator==(const StatementSpan&, const StatementSpan&) = default;
};

/// In order; no empty ones. At most `statements_max`: the last then reaches to the end.
[[nodiscard]] std::vector<StatementSpan> Split(std::string_view text,
                                               Dialect dialect,
                                               std::size_t statements_max = 10'000);

}  // namespace paddock::sql
