// Statement: one prepared statement of SQLite, stepped through by its owner.
//
// Made by Connection, which outlives it. Threading: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <vector>

#include "sql/rows.h"
#include "sql/statement_error.h"

struct sqlite3_stmt;

namespace paddock::engines::sqlite {

class Connection;

template <class T>
using SqlResult = std::expected<T, sql::StatementError>;

class Statement {
 public:
  /// Nothing to be done: the text held no statement.
  [[nodiscard]] bool is_blank() const noexcept { return handle_ == nullptr; }
  /// Whether it can change no database by itself.
  [[nodiscard]] bool is_read_only() const noexcept;

  /// None for a command. `cell_type` is that of no column: each cell has its own.
  [[nodiscard]] std::vector<sql::Column> Columns() const;

  /// Whether there is another row; false when the statement is done, and for a blank one.
  [[nodiscard]] SqlResult<bool> Step();
  /// Bytes that the present row's values take, about.
  [[nodiscard]] std::size_t RowBytes() const;
  void AppendRow(sql::Rows& rows) const;

  /// Rows that the last change of the connection made, inserted or removed.
  [[nodiscard]] std::uint64_t ChangedRows() const;

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const noexcept;
  };

  explicit Statement(Connection& connection) : connection_(&connection) {}
  void AppendCell(sql::Rows& rows, int column) const;

  Connection* connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

}  // namespace paddock::engines::sqlite
