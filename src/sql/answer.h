// Answer: keeps what a small query gave, for whoever asks a database something for itself.
//
// Used by the engines, for catalogs and plans. What is larger than its limit fails the query.
// Threading: as ResultSink. Ownership: rows live as long as the answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/engine.h"

namespace paddock::sql {

inline constexpr std::size_t kAnswerBytesMax = std::size_t{32} * 1024 * 1024;
inline constexpr std::size_t kAnswerResultsMax = 64;
inline constexpr std::size_t kAnswerNoticesMax = 64;

/// One row of an answer; a NULL reads as empty, and so does a column that is not there.
class AnswerRow {
 public:
  AnswerRow(const Rows& rows, std::size_t index) : rows_(&rows), index_(index) {}
  [[nodiscard]] std::string_view Text(std::size_t column) const;
  [[nodiscard]] std::string String(std::size_t column) const { return std::string(Text(column)); }
  [[nodiscard]] bool IsNull(std::size_t column) const;

 private:
  const Rows* rows_;
  std::size_t index_;
};

struct AnswerTable {
  std::vector<Column> columns;
  std::vector<Rows> batches = {};  // NOLINT: may be left out

  [[nodiscard]] std::vector<AnswerRow> rows() const;
  [[nodiscard]] std::optional<std::size_t> Find(std::string_view column) const;
};

class Answer final : public ResultSink {
 public:
  /// Fails with kExhausted: more results than kAnswerResultsMax.
  [[nodiscard]] aio::Task<Result<void>> Columns(std::vector<Column> columns) override;
  /// Fails with kExhausted: more than kAnswerBytesMax.
  [[nodiscard]] aio::Task<Result<void>> Append(Rows rows) override;
  [[nodiscard]] aio::Task<Result<void>> Complete(CommandResult result) override;
  void Note(Notice notice) override;

  /// The n-th result with columns; an empty one when there are not so many.
  [[nodiscard]] const AnswerTable& table(std::size_t index) const;
  [[nodiscard]] const std::vector<AnswerTable>& tables() const noexcept { return tables_; }
  /// The first cell of the first row of the first result, or "".
  [[nodiscard]] std::string value() const;
  [[nodiscard]] const std::vector<Notice>& notices() const noexcept { return notices_; }

 private:
  std::vector<AnswerTable> tables_;
  std::vector<Notice> notices_;
  std::size_t byte_count_ = 0;
};

}  // namespace paddock::sql
