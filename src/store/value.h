// Value, Row, Rows: what goes into a statement and what comes out of it.
//
// The types are those that both dialects share. A truth value is an integer, 0 or 1; a time is an
// integer of milliseconds since 1970, UTC; an id and JSON are text.
//
// Threading: plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace paddock::store {

using SystemTime = std::chrono::system_clock::time_point;

/// Bytes that need not be UTF-8, which text must be.
struct Bytes {
  std::string bytes;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

using Value = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;
using Row = std::vector<Value>;

struct Rows {
  std::vector<Row> rows;           // of a SELECT, or of RETURNING
  std::int64_t changed_count = 0;  // rows that INSERT, UPDATE or DELETE touched
};

[[nodiscard]] Value ToValue(SystemTime time);
[[nodiscard]] Value ToValue(std::optional<SystemTime> time);   // absent: NULL
[[nodiscard]] Value ToValue(std::optional<std::string> text);  // absent: NULL
[[nodiscard]] inline Value ToValue(bool truth) { return std::int64_t{truth ? 1 : 0}; }

/// Reads one row's columns in order. Whatever does not fit the asked type is remembered as a fault
/// and read as empty, so that a repository checks once, at the end: a database that says something
/// else than its schema is corrupt.
class RowReader {
 public:
  explicit RowReader(const Row& row) : row_(row) {}

  [[nodiscard]] std::string Text();
  [[nodiscard]] std::optional<std::string> OptionalText();
  [[nodiscard]] std::int64_t Integer();
  [[nodiscard]] std::optional<std::int64_t> OptionalInteger();
  [[nodiscard]] bool Truth();
  [[nodiscard]] SystemTime Time();
  [[nodiscard]] std::optional<SystemTime> OptionalTime();
  [[nodiscard]] std::string Blob();

  /// kInternal when a column was missing, of another type, or left unread.
  [[nodiscard]] Result<void> Finish() const;

 private:
  [[nodiscard]] const Value* Next();
  template <class T>
  [[nodiscard]] std::optional<T> Take(bool optional);

  const Row& row_;
  std::size_t next_ = 0;
  bool fault_ = false;
};

}  // namespace paddock::store
