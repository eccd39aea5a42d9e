#include "engines/sqlite/statement.h"

#include <sqlite3.h>

#include <array>
#include <charconv>
#include <string_view>

#include "engines/sqlite/connection.h"
#include "sql/sqlite/value_text.h"

namespace paddock::engines::sqlite {
namespace {

constexpr std::size_t kIntegerDigitsMax = 24;

std::string_view TextOf(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* handle) const noexcept {
  sqlite3_finalize(handle);
}

bool Statement::is_read_only() const noexcept {
  return is_blank() || sqlite3_stmt_readonly(handle_.get()) != 0 ||
         sqlite3_stmt_isexplain(handle_.get()) != 0;  // which is not what it explains
}

std::vector<sql::Column> Statement::Columns() const {
  std::vector<sql::Column> columns;
  const int count = is_blank() ? 0 : sqlite3_column_count(handle_.get());
  columns.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    columns.push_back({.name = std::string(TextOf(sqlite3_column_name(handle_.get(), i))),
                       .type = std::string(TextOf(sqlite3_column_decltype(handle_.get(), i)))});
  }
  return columns;
}

SqlResult<bool> Statement::Step() {
  if (is_blank()) {
    return false;
  }
  const int outcome = sqlite3_step(handle_.get());
  if (outcome == SQLITE_ROW || outcome == SQLITE_DONE) {
    return outcome == SQLITE_ROW;
  }
  return std::unexpected(connection_->LastError(0));
}

std::size_t Statement::RowBytes() const {
  std::size_t bytes = 0;
  const int count = sqlite3_column_count(handle_.get());
  for (int i = 0; i < count; ++i) {
    const int type = sqlite3_column_type(handle_.get(), i);
    const bool is_long = type == SQLITE_TEXT || type == SQLITE_BLOB;
    const std::size_t each = is_long
                                 ? static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), i))
                                 : kIntegerDigitsMax;
    bytes += type == SQLITE_BLOB ? 2 * each : each;
  }
  return bytes;
}

void Statement::AppendRow(sql::Rows& rows) const {
  const int count = sqlite3_column_count(handle_.get());
  for (int i = 0; i < count; ++i) {
    AppendCell(rows, i);
  }
}

void Statement::AppendCell(sql::Rows& rows, int column) const {
  sqlite3_stmt* const handle = handle_.get();
  // The bytes are asked for after the value itself, which may convert it.
  const auto bytes = [handle, column] {
    const void* const begin = sqlite3_column_blob(handle, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle, column));
    return begin == nullptr ? std::string_view()
                            : std::string_view(static_cast<const char*>(begin), size);
  };
  switch (sqlite3_column_type(handle, column)) {
    case SQLITE_INTEGER: {
      std::array<char, kIntegerDigitsMax> digits{};
      const auto number = sqlite3_column_int64(handle, column);
      const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
      rows.Add(sql::CellType::kInteger, {digits.begin(), end});
      break;
    }
    case SQLITE_FLOAT:
      rows.Add(sql::CellType::kReal, sql::RealText(sqlite3_column_double(handle, column)));
      break;
    case SQLITE_TEXT: rows.Add(sql::CellType::kText, bytes()); break;
    case SQLITE_BLOB: rows.Add(sql::CellType::kBytes, sql::HexText(bytes())); break;
    default: rows.AddNull();
  }
}

std::uint64_t Statement::ChangedRows() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(connection_->handle_.get()));
}

}  // namespace paddock::engines::sqlite
