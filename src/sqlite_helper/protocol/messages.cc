#include "sqlite_helper/protocol/messages.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "protocol/wire.h"

namespace paddock::sqlite_helper {
namespace {

using protocol::Put;
using protocol::PutText;
using protocol::WireReader;

constexpr unsigned kReadOnlyFlag = 1;
constexpr unsigned kInTransactionFlag = 1;
constexpr unsigned kCouldChangeFlag = 2;
constexpr unsigned kHasPositionFlag = 2;

std::unexpected<Error> Malformed(std::string_view what) {
  return Fail(Code::kInvalid, "malformed " + std::string(what));
}

void PutFlags(std::string& out, bool first, unsigned first_flag, bool second, unsigned flag) {
  Put(out, static_cast<std::uint8_t>((first ? first_flag : 0U) | (second ? flag : 0U)));
}

unsigned Flags(WireReader& in, unsigned known) {
  const unsigned flags = in.U8();
  in.Require((flags & ~known) == 0);
  return flags;
}

void PutError(std::string& out, const sql::StatementError& error) {
  PutText(out, std::string_view(error.code).substr(0, kNameBytesMax));
  PutText(out, std::string_view(error.message).substr(0, kMessageBytesMax));
}

sql::StatementError TakeError(WireReader& in) {
  sql::StatementError error;
  error.code = in.Text(kNameBytesMax);
  error.message = in.Text(kMessageBytesMax);
  return error;
}

// The types that a value of SQLite can have.
bool IsCellType(std::uint8_t type) {
  switch (static_cast<sql::CellType>(type)) {
    case sql::CellType::kNull:
    case sql::CellType::kInteger:
    case sql::CellType::kReal:
    case sql::CellType::kText:
    case sql::CellType::kBytes: return true;
    default: return false;
  }
}

}  // namespace

void AppendOpen(std::string& out, const OpenMessage& open) {
  PADDOCK_CHECK(open.path.size() <= kPathBytesMax);
  const auto begin = BeginFrame(out, FrameType::kOpen);
  Put(out, open.version);
  Put(out, static_cast<std::uint8_t>(open.read_only ? kReadOnlyFlag : 0U));
  PutText(out, open.path);
  EndFrame(out, begin);
}

void AppendExecute(std::string& out, const ExecuteMessage& execute) {
  PADDOCK_CHECK(execute.text.size() <= kTextBytesMax);
  const auto begin = BeginFrame(out, FrameType::kExecute);
  Put(out, execute.number);
  Put(out, static_cast<std::uint8_t>(execute.only_reads ? kReadOnlyFlag : 0U));
  out.append(execute.text);
  EndFrame(out, begin);
}

void AppendCancel(std::string& out, std::uint32_t number) {
  const auto begin = BeginFrame(out, FrameType::kCancel);
  Put(out, number);
  EndFrame(out, begin);
}

void AppendOpened(std::string& out, std::string_view version) {
  const auto begin = BeginFrame(out, FrameType::kOpened);
  PutText(out, version.substr(0, kNameBytesMax));
  EndFrame(out, begin);
}

void AppendRefused(std::string& out, const sql::StatementError& error) {
  const auto begin = BeginFrame(out, FrameType::kRefused);
  PutError(out, error);
  EndFrame(out, begin);
}

void AppendColumns(std::string& out, const std::vector<sql::Column>& columns) {
  PADDOCK_CHECK(columns.size() <= kColumnsMax);
  const auto begin = BeginFrame(out, FrameType::kColumns);
  Put(out, static_cast<std::uint16_t>(columns.size()));
  for (const sql::Column& column : columns) {
    PutText(out, std::string_view(column.name).substr(0, kNameBytesMax));
    PutText(out, std::string_view(column.type).substr(0, kNameBytesMax));
  }
  EndFrame(out, begin);
}

void AppendRows(std::string& out, const sql::Rows& rows) {
  const auto begin = BeginFrame(out, FrameType::kRows);
  Put(out, static_cast<std::uint32_t>(rows.row_count()));
  for (std::size_t row = 0; row < rows.row_count(); ++row) {
    for (std::size_t column = 0; column < rows.column_count(); ++column) {
      const sql::Cell cell = rows.At(row, column);
      Put(out, static_cast<std::uint8_t>(cell.type));
      if (!cell.is_null()) {
        Put(out, static_cast<std::uint32_t>(cell.text.size()));
        out.append(cell.text);
      }
    }
  }
  EndFrame(out, begin);
}

void AppendComplete(std::string& out, const CompleteMessage& complete) {
  const auto begin = BeginFrame(out, FrameType::kComplete);
  PutFlags(out, complete.in_transaction, kInTransactionFlag, complete.could_change,
           kCouldChangeFlag);
  Put(out, complete.changed_rows);
  EndFrame(out, begin);
}

void AppendError(std::string& out, const ErrorMessage& error) {
  const auto begin = BeginFrame(out, FrameType::kError);
  PutFlags(out, error.in_transaction, kInTransactionFlag, error.error.position.has_value(),
           kHasPositionFlag);
  Put(out, static_cast<std::uint64_t>(error.error.position.value_or(0)));
  PutError(out, error.error);
  EndFrame(out, begin);
}

Result<OpenMessage> DecodeOpen(std::string_view payload) {
  WireReader in(payload);
  OpenMessage open;
  open.version = in.U16();
  open.read_only = Flags(in, kReadOnlyFlag) != 0;
  open.path = in.Text(kPathBytesMax);
  in.Require(open.path == ":memory:" || open.path.starts_with('/'));
  in.Require(open.path.find('\0') == std::string::npos);
  if (!in.Done()) {
    return Malformed("OPEN");
  }
  return open;
}

Result<ExecuteMessage> DecodeExecute(std::string_view payload) {
  WireReader in(payload);
  ExecuteMessage execute;
  execute.number = in.U32();
  execute.only_reads = Flags(in, kReadOnlyFlag) != 0;
  execute.text = in.Rest();
  if (!in.Done() || execute.number == 0 || execute.text.size() > kTextBytesMax) {
    return Malformed("EXECUTE");
  }
  return execute;
}

Result<std::uint32_t> DecodeCancel(std::string_view payload) {
  WireReader in(payload);
  const auto number = in.U32();
  if (!in.Done()) {
    return Malformed("CANCEL");
  }
  return number;
}

Result<std::string> DecodeOpened(std::string_view payload) {
  WireReader in(payload);
  std::string version(in.Text(kNameBytesMax));
  if (!in.Done()) {
    return Malformed("OPENED");
  }
  return version;
}

Result<sql::StatementError> DecodeRefused(std::string_view payload) {
  WireReader in(payload);
  auto error = TakeError(in);
  if (!in.Done()) {
    return Malformed("REFUSED");
  }
  return error;
}

Result<std::vector<sql::Column>> DecodeColumns(std::string_view payload) {
  WireReader in(payload);
  const std::size_t count = in.U16();
  in.Require(count >= 1 && count <= kColumnsMax);
  std::vector<sql::Column> columns;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    sql::Column column;
    column.name = in.Text(kNameBytesMax);
    column.type = in.Text(kNameBytesMax);
    columns.push_back(std::move(column));
  }
  if (!in.Done()) {
    return Malformed("COLUMNS");
  }
  return columns;
}

Result<sql::Rows> DecodeRows(std::string_view payload, std::size_t column_count) {
  WireReader in(payload);
  const std::size_t row_count = in.U32();
  // Each cell takes at least a byte, so a count that is a lie costs nothing.
  in.Require(row_count >= 1 && row_count <= payload.size());
  sql::Rows rows(column_count);
  for (std::size_t i = 0; i < row_count * column_count && in.ok(); ++i) {
    const auto type = in.U8();
    in.Require(IsCellType(type));
    const auto cell_type = static_cast<sql::CellType>(type);
    const auto text = cell_type == sql::CellType::kNull ? std::string_view() : in.Bytes(in.U32());
    if (in.ok()) {
      rows.Add(cell_type, text);
    }
  }
  if (!in.Done()) {
    return Malformed("ROWS");
  }
  return rows;
}

Result<CompleteMessage> DecodeComplete(std::string_view payload) {
  WireReader in(payload);
  const auto flags = Flags(in, kInTransactionFlag | kCouldChangeFlag);
  CompleteMessage complete{.in_transaction = (flags & kInTransactionFlag) != 0,
                           .could_change = (flags & kCouldChangeFlag) != 0,
                           .changed_rows = in.U64()};
  if (!in.Done()) {
    return Malformed("COMPLETE");
  }
  return complete;
}

Result<ErrorMessage> DecodeError(std::string_view payload) {
  WireReader in(payload);
  const auto flags = Flags(in, kInTransactionFlag | kHasPositionFlag);
  const auto position = in.U64();
  ErrorMessage error{.in_transaction = (flags & kInTransactionFlag) != 0, .error = TakeError(in)};
  if ((flags & kHasPositionFlag) != 0) {
    in.Require(position <= kTextBytesMax);
    error.error.position = position;
  }
  if (!in.Done()) {
    return Malformed("ERROR");
  }
  return error;
}

}  // namespace paddock::sqlite_helper
