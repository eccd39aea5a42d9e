// ReadMysqlDate: what MySQL takes for a date.
//
// Used by the shims YEAR, MONTH and DAY. Threading: pure.
#pragma once

#include <optional>
#include <string_view>

namespace paddock::runners::sqlite {

struct MysqlDate {
  int year = 0;
  int month = 0;  // 0 as MySQL has it: "2024-00-00" is a date without month and day
  int day = 0;
};

/// "2024-2-9", "24.02.09", "20240209", "240209", and any of them before a time of day. Nothing for
/// what is no date, such as the 30th of February.
[[nodiscard]] std::optional<MysqlDate> ReadMysqlDate(std::string_view text) noexcept;

}  // namespace paddock::runners::sqlite
