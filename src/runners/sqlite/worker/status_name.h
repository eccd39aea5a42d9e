// StatusName: what SQLite calls a result code, as learners find it in its documentation.
//
// Used by TextRun. Threading: pure.
#pragma once

#include <string_view>

namespace paddock::runners::sqlite {

/// "SQLITE_CONSTRAINT_UNIQUE" of an extended code; of one that is not known, its primary code's.
[[nodiscard]] std::string_view StatusName(int extended_status) noexcept;

}  // namespace paddock::runners::sqlite
