// StatusName: what SQLite calls a result code, as learners find it in its documentation.
//
// Used by the helper in a sandbox and by the workers of challenges. Threading: pure.
#pragma once

#include <string_view>

namespace paddock::sql {

/// "SQLITE_CONSTRAINT_UNIQUE" of an extended code; where that has no name here, its primary code's.
[[nodiscard]] std::string_view StatusName(int extended_status) noexcept;

}  // namespace paddock::sql
