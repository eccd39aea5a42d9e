// Rows: cells of a result, packed, with the exact text of each.
//
// Used by the engines (who fill them), by live sessions (who send and spill them) and by challenges
// (who compare them). A cell keeps what the database said, digit by digit: nothing becomes a double
// on the way. Threading: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace paddock::sql {

/// What a cell is, beyond its text. Typed databases say it for a whole column, SQLite for each
/// cell.
enum class CellType : std::uint8_t {
  kNull,
  kInteger,
  kReal,     // binary floating point
  kDecimal,  // exact
  kText,
  kBytes,    // the text is lower-case hexadecimal
  kBoolean,  // "true" or "false"
  kTime,     // dates, times, timestamps and intervals
  kOther,    // arrays, JSON, ranges, whatever else: the database's text form
};
inline constexpr auto kLastCellType = CellType::kOther;

struct Column {
  std::string name;       // as the database says it; names may repeat
  std::string type = {};  // NOLINT: the engine's own name: "int8", "VARCHAR(20)"; may be empty
  CellType cell_type = CellType::kText;  // of cells that are not NULL, where the column decides

  friend bool operator==(const Column&, const Column&) = default;
};

struct Cell {
  CellType type = CellType::kNull;
  std::string_view text;  // empty when NULL

  [[nodiscard]] bool is_null() const noexcept { return type == CellType::kNull; }
  friend bool operator==(const Cell&, const Cell&) = default;
};

/// Row by row, left to right. Views returned by At live until the next change.
class Rows {
 public:
  explicit Rows(std::size_t column_count = 0) : column_count_(column_count) {}

  void Add(CellType type, std::string_view text);
  void AddNull() { Add(CellType::kNull, {}); }

  [[nodiscard]] std::size_t column_count() const noexcept { return column_count_; }
  [[nodiscard]] std::size_t row_count() const noexcept {
    return column_count_ == 0 ? 0 : cells_.size() / column_count_;
  }
  [[nodiscard]] bool empty() const noexcept { return cells_.empty(); }
  [[nodiscard]] Cell At(std::size_t row, std::size_t column) const noexcept;
  /// Memory that the cells hold: what limits count.
  [[nodiscard]] std::size_t byte_count() const noexcept {
    return text_.size() + (cells_.size() * sizeof(Place));
  }
  void Clear() noexcept;

 private:
  struct Place {
    std::uint64_t begin;
    std::uint32_t size;  // engines bound a cell far below
    CellType type;
  };

  std::size_t column_count_;
  std::string text_;
  std::vector<Place> cells_;
};

}  // namespace paddock::sql
