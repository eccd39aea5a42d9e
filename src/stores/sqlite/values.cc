#include "stores/sqlite/values.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <variant>

namespace paddock::stores::sqlite {
namespace {

constexpr int kPrimaryCodeMask = 0xFF;
constexpr std::size_t kRowOverhead = 64;  // what a row costs in memory, whatever is in it

// SQLite's own SQLITE_STATIC, without its cast: the values outlive the statement's run.
constexpr sqlite3_destructor_type kStatic = nullptr;

struct Binder {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
  int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
  int operator()(const std::string& text) const {
    return sqlite3_bind_text64(statement, index, text.data(), text.size(), kStatic, SQLITE_UTF8);
  }
  int operator()(const store::Bytes& bytes) const {
    return sqlite3_bind_blob64(statement, index, bytes.bytes.data(), bytes.bytes.size(), kStatic);
  }
};

std::string BytesAt(sqlite3_stmt* statement, int column) {
  // The pointer first: to ask for it may convert, and so change the size.
  const void* bytes = sqlite3_column_blob(statement, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

store::Value ValueAt(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: return BytesAt(statement, column);
    case SQLITE_BLOB: return store::Bytes{BytesAt(statement, column)};
    default: return std::monostate();
  }
}

std::size_t SizeOf(const store::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sizeof value + text->size();
  }
  const auto* bytes = std::get_if<store::Bytes>(&value);
  return sizeof value + (bytes == nullptr ? 0 : bytes->bytes.size());
}

Code CodeOfInputError(int extended_code, int system_error) noexcept {
  // A sync that failed for want of room may have kept the commit all the same.
  const bool is_sync =
      extended_code == SQLITE_IOERR_FSYNC || extended_code == SQLITE_IOERR_DIR_FSYNC;
  const bool is_full = system_error == ENOSPC || system_error == EDQUOT;
  if (extended_code == SQLITE_IOERR_NOMEM) {
    return Code::kExhausted;
  }
  return is_full && !is_sync ? Code::kDiskFull : Code::kUnavailable;
}

}  // namespace

bool BindAll(sqlite3_stmt* statement, std::span<const store::Value> values) {
  if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) != values.size()) {
    return false;
  }
  int index = 0;
  for (const store::Value& value : values) {
    ++index;
    if (std::visit(Binder{.statement = statement, .index = index}, value) != SQLITE_OK) {
      return false;
    }
  }
  return true;
}

store::Row ReadRow(sqlite3_stmt* statement, std::size_t& size) {
  const int count = sqlite3_column_count(statement);
  store::Row row;
  row.reserve(static_cast<std::size_t>(count));
  size += kRowOverhead;
  for (int column = 0; column < count; ++column) {
    row.push_back(ValueAt(statement, column));
    size += SizeOf(row.back());
  }
  return row;
}

Code CodeOf(int extended_code, int system_error) noexcept {
  switch (extended_code & kPrimaryCodeMask) {
    case SQLITE_FULL: return Code::kDiskFull;
    case SQLITE_IOERR: return CodeOfInputError(extended_code, system_error);
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return Code::kUnavailable;
    case SQLITE_CANTOPEN: return CodeOfInputError(extended_code, system_error);
    case SQLITE_NOMEM: return Code::kExhausted;
    case SQLITE_TOOBIG: return Code::kInvalid;
    default: return Code::kInternal;
  }
}

}  // namespace paddock::stores::sqlite
