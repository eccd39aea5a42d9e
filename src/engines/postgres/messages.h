// Messages of PostgreSQL's protocol, version 3: what a session reads and writes once it is open.
//
// Used by Wire and Exchange. What a server sends is hostile: everything here is bounded by the
// message it is in. Threading: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/engine.h"
#include "sql/rows.h"

namespace paddock::engines::postgres {

/// A column as a RowDescription has it.
struct FieldDescription {
  std::string name;
  std::uint32_t type = 0;      // the type's OID
  std::int32_t modifier = -1;  // of the type: a length, a precision
};

/// An ErrorResponse or a NoticeResponse.
struct Report {
  std::string severity;  // "ERROR", "FATAL", "NOTICE", never translated where the server can
  std::string code;
  std::string message;
  std::string detail = {};                             // NOLINT: may be left out
  std::string hint = {};                               // NOLINT: may be left out
  std::optional<std::size_t> position = std::nullopt;  // characters, from 1

  /// The server ends the session with it.
  [[nodiscard]] bool is_fatal() const { return severity == "FATAL" || severity == "PANIC"; }
};

/// Nothing: the message is not well-formed.
[[nodiscard]] std::optional<std::vector<FieldDescription>> ParseRowDescription(
    std::string_view body);
[[nodiscard]] std::optional<Report> ParseReport(std::string_view body);
/// The text up to the first NUL.
[[nodiscard]] std::string_view ParseText(std::string_view body);

/// Adds one row to `rows`; false: it is not well-formed, or not of these columns. A boolean becomes
/// "true" or "false", bytes lower-case hexadecimal; everything else stays what the server wrote.
[[nodiscard]] bool AppendDataRow(std::string_view body,
                                 const std::vector<sql::Column>& columns,
                                 sql::Rows& rows);

/// "INSERT 0 3" changed three rows, "SELECT 10" none.
[[nodiscard]] sql::CommandResult ReadTag(std::string_view tag);

/// A simple query: any number of statements.
[[nodiscard]] std::string QueryMessage(std::string_view sql);
/// The same for exactly one statement: the server refuses several.
[[nodiscard]] std::string SingleStatementMessages(std::string_view sql);
[[nodiscard]] std::string CopyFailMessage(std::string_view reason);
[[nodiscard]] std::string TerminateMessage();

}  // namespace paddock::engines::postgres
