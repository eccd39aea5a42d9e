// ReadJsonPlan: makes a plan of what EXPLAIN and ANALYZE FORMAT=JSON of MariaDB give.
//
// Used by MariadbSession. Threading: pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sql/plan.h"

namespace paddock::engines::mariadb {

/// Fails with kUnavailable: that is no plan, or a too large one.
[[nodiscard]] Result<sql::Plan> ReadJsonPlan(std::string_view text, bool analyzed);

}  // namespace paddock::engines::mariadb
