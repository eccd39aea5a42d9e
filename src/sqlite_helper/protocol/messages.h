// Messages between an engine and the helper: docs/protocol/sql-helper.md.
//
// Used by engines/helper and by the helper program. Encoders cut texts that are too long, which
// only names and messages can be; decoders never throw and fail with kInvalid. Threading: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/rows.h"
#include "sql/statement_error.h"
#include "sqlite_helper/protocol/frame.h"

namespace paddock::sqlite_helper {

struct OpenMessage {
  std::uint16_t version = kVersion;
  bool read_only = false;
  std::string path;  // absolute, or ":memory:"
  friend bool operator==(const OpenMessage&, const OpenMessage&) = default;
};

struct ExecuteMessage {
  std::uint32_t number = 0;  // for CANCEL; grows from one to the next
  bool only_reads = false;   // refuse a statement that could change something
  std::string text;
  friend bool operator==(const ExecuteMessage&, const ExecuteMessage&) = default;
};

struct CompleteMessage {
  bool in_transaction = false;
  bool could_change = false;  // the statement was not one that only reads
  std::uint64_t changed_rows = 0;
  friend bool operator==(const CompleteMessage&, const CompleteMessage&) = default;
};

struct ErrorMessage {
  bool in_transaction = false;
  sql::StatementError error;  // detail and hint do not travel
};

/// The path is at most kPathBytesMax, the text kTextBytesMax (checked: a caller's bug aborts).
void AppendOpen(std::string& out, const OpenMessage& open);
void AppendExecute(std::string& out, const ExecuteMessage& execute);
void AppendCancel(std::string& out, std::uint32_t number);

void AppendOpened(std::string& out, std::string_view version);
void AppendRefused(std::string& out, const sql::StatementError& error);
/// At most kColumnsMax (checked).
void AppendColumns(std::string& out, const std::vector<sql::Column>& columns);
/// Whole rows, of which the last alone may be larger than a batch.
void AppendRows(std::string& out, const sql::Rows& rows);
void AppendComplete(std::string& out, const CompleteMessage& complete);
void AppendError(std::string& out, const ErrorMessage& error);

[[nodiscard]] Result<OpenMessage> DecodeOpen(std::string_view payload);
[[nodiscard]] Result<ExecuteMessage> DecodeExecute(std::string_view payload);
[[nodiscard]] Result<std::uint32_t> DecodeCancel(std::string_view payload);

[[nodiscard]] Result<std::string> DecodeOpened(std::string_view payload);
[[nodiscard]] Result<sql::StatementError> DecodeRefused(std::string_view payload);
[[nodiscard]] Result<std::vector<sql::Column>> DecodeColumns(std::string_view payload);
[[nodiscard]] Result<sql::Rows> DecodeRows(std::string_view payload, std::size_t column_count);
[[nodiscard]] Result<CompleteMessage> DecodeComplete(std::string_view payload);
[[nodiscard]] Result<ErrorMessage> DecodeError(std::string_view payload);

}  // namespace paddock::sqlite_helper
