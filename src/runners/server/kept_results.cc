#include "runners/server/kept_results.h"

#include <utility>

namespace paddock::runners::server {
namespace {

using challenges::LimitHit;

constexpr std::size_t kCellOverheadBytes = 16;  // what a cell costs beside its text

}  // namespace

Result<void> KeptResults::Hit(LimitHit limit) {
  limit_ = limit;
  return Fail(Code::kExhausted, "a limit of the run is hit");
}

aio::Task<Result<void>> KeptResults::Columns(std::vector<sql::Column> columns) {
  if (results_.size() >= limits_.results) {
    co_return Hit(LimitHit::kResults);
  }
  std::size_t bytes = 0;
  for (const sql::Column& column : columns) {
    bytes += kCellOverheadBytes + column.name.size() + column.type.size();
  }
  if (bytes > bytes_left_) {
    co_return Hit(LimitHit::kBytes);
  }
  bytes_left_ -= bytes;
  const std::size_t count = columns.size();
  results_.push_back({.columns = std::move(columns), .rows = sql::Rows(count)});
  co_return Result<void>();
}

LimitHit KeptResults::Check(const sql::Rows& rows, std::size_t row) {
  if (rows_left_ == 0) {
    return LimitHit::kRows;
  }
  std::size_t bytes = 0;
  for (std::size_t column = 0; column < rows.column_count(); ++column) {
    const std::size_t size = rows.At(row, column).text.size();
    if (size > limits_.cell_bytes) {
      return LimitHit::kCell;
    }
    bytes += kCellOverheadBytes + size;
  }
  if (bytes > bytes_left_) {
    return LimitHit::kBytes;
  }
  --rows_left_;
  bytes_left_ -= bytes;
  return LimitHit::kNone;
}

aio::Task<Result<void>> KeptResults::Append(sql::Rows rows) {
  sql::Rows& kept = results_.back().rows;
  for (std::size_t row = 0; row < rows.row_count(); ++row) {
    const LimitHit hit = Check(rows, row);
    if (hit != LimitHit::kNone) {
      co_return Hit(hit);
    }
    for (std::size_t column = 0; column < rows.column_count(); ++column) {
      const sql::Cell cell = rows.At(row, column);
      kept.Add(cell.type, cell.text);
    }
  }
  co_return Result<void>();
}

aio::Task<Result<void>> KeptResults::Complete(sql::CommandResult /*result*/) {
  co_return Result<void>();
}

}  // namespace paddock::runners::server
