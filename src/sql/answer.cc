#include "sql/answer.h"

#include <utility>

#include <fmt/format.h>

namespace paddock::sql {

std::string_view AnswerRow::Text(std::size_t column) const {
  return column < rows_->column_count() ? rows_->At(index_, column).text : std::string_view();
}

bool AnswerRow::IsNull(std::size_t column) const {
  return column >= rows_->column_count() || rows_->At(index_, column).is_null();
}

std::vector<AnswerRow> AnswerTable::rows() const {
  std::vector<AnswerRow> all;
  for (const Rows& batch : batches) {
    for (std::size_t index = 0; index < batch.row_count(); ++index) {
      all.emplace_back(batch, index);
    }
  }
  return all;
}

std::optional<std::size_t> AnswerTable::Find(std::string_view column) const {
  for (std::size_t index = 0; index < columns.size(); ++index) {
    if (columns[index].name == column) {
      return index;
    }
  }
  return std::nullopt;
}

aio::Task<Result<void>> Answer::Columns(std::vector<Column> columns) {
  if (tables_.size() == kAnswerResultsMax) {
    co_return Fail(Code::kExhausted,
                   fmt::format("the database gave more than {} results", kAnswerResultsMax));
  }
  tables_.push_back({.columns = std::move(columns)});
  co_return Result<void>();
}

aio::Task<Result<void>> Answer::Append(Rows rows) {
  byte_count_ += rows.byte_count();
  if (byte_count_ > kAnswerBytesMax) {
    co_return Fail(Code::kExhausted,
                   fmt::format("the database's answer is larger than {} bytes", kAnswerBytesMax));
  }
  tables_.back().batches.push_back(std::move(rows));
  co_return Result<void>();
}

aio::Task<Result<void>> Answer::Complete(CommandResult /*result*/) { co_return Result<void>(); }

void Answer::Note(Notice notice) {
  if (notices_.size() < kAnswerNoticesMax) {
    notices_.push_back(std::move(notice));
  }
}

const AnswerTable& Answer::table(std::size_t index) const {
  static const AnswerTable none;
  return index < tables_.size() ? tables_[index] : none;
}

std::string Answer::value() const {
  for (const Rows& batch : table(0).batches) {
    if (!batch.empty()) {
      return std::string(batch.At(0, 0).text);
    }
  }
  return "";
}

}  // namespace paddock::sql
