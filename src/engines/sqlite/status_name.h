// StatusName: what SQLite's documentation calls a result code. Threading: pure.
#pragma once

#include <string_view>

namespace paddock::engines::sqlite {

/// "SQLITE_CONSTRAINT_UNIQUE" of an extended code; where that has no name here, its primary code's.
[[nodiscard]] std::string_view StatusName(int extended_status) noexcept;

}  // namespace paddock::engines::sqlite
