// NumberPlaceholders: `?` for each value, as the port has it, into PostgreSQL's $1, $2, ….
//
// Used for every statement. Threading: pure function.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace paddock::stores::postgres {

struct NumberedSql {
  std::string sql;
  std::size_t count = 0;  // of placeholders
};

/// Leaves alone what stands in '…', E'…', "…", $tag$…$tag$, -- and (nested) /* */. kInternal: one
/// of these does not end, or `sql` is longer than store::kSqlSizeMax.
[[nodiscard]] Result<NumberedSql> NumberPlaceholders(std::string_view sql);

}  // namespace paddock::stores::postgres
