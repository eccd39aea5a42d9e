// Rendering: a cell in the text forms of Database Playground.
//
// Its two generations show the same value differently, and their front ends compare texts, so both
// forms are kept to the letter (docs/database-playground.md has the table). Threading: pure.
#pragma once

#include <optional>
#include <string>

#include "sql/rows.h"
#include "sql/statement_error.h"

namespace paddock::playground {

/// As the gateway shows it: NULL stays NULL, reals with an exponent from 1e+06 on, bytes as
/// "[104 101]", texts in DATE, DATETIME and TIMESTAMP columns as "2024-01-01 00:00:00 +0000 UTC".
[[nodiscard]] std::optional<std::string> GatewayCell(const sql::Column& column,
                                                     const sql::Cell& cell);

/// As the SQL runner shows it: always a text, "NULL" for NULL, reals without an exponent, bytes in
/// hexadecimal, times as "2024-01-01 00:00:00".
[[nodiscard]] std::string RunnerCell(const sql::Column& column, const sql::Cell& cell);

/// An error as the database driver of both words it: what SQLite calls its result code, its
/// message, and the code's number: "SQL logic error: no such table: x (1)".
[[nodiscard]] std::string ErrorText(const sql::StatementError& error);

}  // namespace paddock::playground
