// ReadTablePlan: makes a plan of what EXPLAIN of KWDB gives, a table with a drawn tree in it.
//
// Its columns are tree, field and description: the name of a step stands below its parent, behind
// lines of box-drawing characters, and its fields in the rows that follow. Used by KwdbSession.
// Threading: pure.
#pragma once

#include "base/result.h"
#include "sql/answer.h"
#include "sql/plan.h"

namespace paddock::engines::postgres {

/// Fails with kUnavailable: that is no such table, or a too large one.
[[nodiscard]] Result<sql::Plan> ReadTablePlan(const sql::AnswerTable& answer);

}  // namespace paddock::engines::postgres
