#include "sql/rows.h"

namespace paddock::sql {

void Rows::Add(CellType type, std::string_view text) {
  if (cells_.empty()) {
    cells_.reserve(column_count_);  // many a result is one row
  }
  cells_.push_back(
      {.begin = text_.size(), .size = static_cast<std::uint32_t>(text.size()), .type = type});
  text_.append(text);
}

Cell Rows::At(std::size_t row, std::size_t column) const noexcept {
  const Place& place = cells_[(row * column_count_) + column];
  return {.type = place.type, .text = std::string_view(text_).substr(place.begin, place.size)};
}

void Rows::Clear() noexcept {
  text_.clear();
  cells_.clear();
}

}  // namespace paddock::sql
