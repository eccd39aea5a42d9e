// ReadJsonPlan: makes a plan of what EXPLAIN (FORMAT JSON) of PostgreSQL gives.
//
// Used by PostgresSession. Threading: pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sql/plan.h"

namespace paddock::engines::postgres {

/// Fails with kUnavailable: that is no plan, or a too large one.
[[nodiscard]] Result<sql::Plan> ReadJsonPlan(std::string_view text, bool analyzed);

}  // namespace paddock::engines::postgres
