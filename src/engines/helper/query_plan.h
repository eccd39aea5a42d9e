// SQLite's EXPLAIN QUERY PLAN as a tree. Used by SqliteSession. Threading: pure.
#pragma once

#include <string>
#include <string_view>

#include "sql/answer.h"
#include "sql/plan.h"

namespace paddock::engines::helper {

/// Before a statement, asks for its plan.
inline constexpr std::string_view kExplainPrefix = "EXPLAIN QUERY PLAN ";

/// The rows are (id, parent, not used, detail); a parent comes before its children. What is nested
/// too deep is drawn less deep.
[[nodiscard]] sql::Plan ReadQueryPlan(const sql::Answer& answer);

}  // namespace paddock::engines::helper
