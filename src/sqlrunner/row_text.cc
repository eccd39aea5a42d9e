#include "sqlrunner/row_text.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/json_text.h"

namespace paddock::sqlrunner {
namespace {

void AppendCellJson(std::string& out, sql::Cell cell) {
  if (cell.is_null()) {
    out += "null";
  } else {
    AppendJsonText(out, cell.text);
  }
}

void AppendCellsJson(std::string& out, std::span<const sql::Cell> cells) {
  out += '[';
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) {
      out += ',';
    }
    AppendCellJson(out, cells[i]);
  }
  out += ']';
}

std::string_view TakeDigits(std::string_view& text) {
  const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

/// Whether JSON reads it as the number that the database wrote.
bool IsJsonNumber(std::string_view text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  const auto whole = TakeDigits(text);
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) {
    return false;
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (TakeDigits(text).empty()) {
      return false;
    }
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) {
      text.remove_prefix(1);
    }
    return !TakeDigits(text).empty() && text.empty();
  }
  return text.empty();
}

void AppendJsonValue(std::string& out, sql::Cell cell) {
  const bool is_number = cell.type == sql::CellType::kInteger ||
                         cell.type == sql::CellType::kReal || cell.type == sql::CellType::kDecimal;
  const bool is_boolean =
      cell.type == sql::CellType::kBoolean && (cell.text == "true" || cell.text == "false");
  if (is_boolean || (is_number && IsJsonNumber(cell.text))) {
    out += cell.text;
  } else {
    AppendCellJson(out, cell);
  }
}

/// RFC 4180. NULL is nothing at all, and so told apart from "".
void AppendCsvText(std::string& out, std::string_view text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    out += c;
    if (c == '"') {
      out += '"';
    }
  }
  out += '"';
}

std::vector<std::string> DistinctNames(const std::vector<sql::Column>& columns) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const sql::Column& column : columns) {
    std::string name = column.name;
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = fmt::format("{}_{}", column.name, number);
    }
    names.push_back(std::move(name));
  }
  return names;
}

std::uint64_t CountOf(const SpillSnapshot& snapshot, const RowOrder& order) {
  return order ? order->size() : snapshot.row_count;
}

}  // namespace

void AppendRowJson(std::string& out, const sql::Rows& rows, std::size_t row) {
  out += '[';
  for (std::size_t column = 0; column < rows.column_count(); ++column) {
    if (column > 0) {
      out += ',';
    }
    AppendCellJson(out, rows.At(row, column));
  }
  out += ']';
}

Result<Window> ReadWindow(const SpillSnapshot& snapshot,
                          const RowOrder& order,
                          std::uint64_t offset,
                          std::uint64_t limit) {
  auto map = SpillMap::Open(snapshot);
  if (!map) {
    return Fail(std::move(map).error());
  }
  Window window{.rows = {}, .total = CountOf(snapshot, order)};
  const std::uint64_t end = offset + std::min(limit, window.total - std::min(offset, window.total));
  std::vector<sql::Cell> cells;
  std::uint64_t place = 0;
  for (std::uint64_t row = offset; row < end && window.rows.size() < kWindowBytesMax; ++row) {
    if (order) {
      place = map->OffsetOf(snapshot, (*order)[row]);
    } else {
      place = row == offset ? map->OffsetOf(snapshot, row) : map->After(place);
    }
    map->ReadRow(place, cells);
    if (row > offset) {
      window.rows += ',';
    }
    AppendCellsJson(window.rows, cells);
  }
  return window;
}

ExportText::ExportText(SpillSnapshot snapshot, RowOrder order, ExportFormat format)
    : snapshot_(std::move(snapshot)),
      order_(std::move(order)),
      format_(format),
      names_(DistinctNames(snapshot_.columns)) {}

void ExportText::AppendHead(std::string& out) const {
  if (format_ == ExportFormat::kJson) {
    out += "[\n";
    return;
  }
  for (std::size_t i = 0; i < snapshot_.columns.size(); ++i) {
    if (i > 0) {
      out += ',';
    }
    AppendCsvText(out, snapshot_.columns[i].name);
  }
  out += "\r\n";
}

void ExportText::AppendRow(std::string& out, std::span<const sql::Cell> cells) const {
  const bool is_csv = format_ == ExportFormat::kCsv;
  if (!is_csv) {
    out += next_ == 0 ? "{" : ",\n{";
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) {
      out += ',';
    }
    if (!is_csv) {
      AppendJsonText(out, names_[i]);
      out += ':';
      AppendJsonValue(out, cells[i]);
    } else if (!cells[i].is_null()) {
      AppendCsvText(out, cells[i].text);
    }
  }
  out += is_csv ? "\r\n" : "}";
}

Result<std::string> ExportText::Next() {
  std::string piece;
  if (has_ended_) {
    return piece;
  }
  auto map = SpillMap::Open(snapshot_);
  if (!map) {
    return Fail(std::move(map).error());
  }
  if (next_ == 0) {
    AppendHead(piece);
  }
  const std::uint64_t end = CountOf(snapshot_, order_);
  std::vector<sql::Cell> cells;
  for (; next_ < end && piece.size() < kChunkBytes; ++next_) {
    const std::uint64_t place = order_ ? map->OffsetOf(snapshot_, (*order_)[next_]) : next_offset_;
    map->ReadRow(place, cells);
    AppendRow(piece, cells);
    next_offset_ = map->After(place);
  }
  has_ended_ = next_ == end;
  if (has_ended_ && format_ == ExportFormat::kJson) {
    piece += "\n]\n";
  }
  return piece;
}

}  // namespace paddock::sqlrunner
