// StatementSink: where the rows of one statement go: to the client by credit, or to a spill file.
//
// Used by StatementRunner, one for each statement. It also is where the limits of rows and bytes
// are kept, and where a cancelled statement stops that waits for credit.
//
// Threading: loop thread. Ownership: what its context refers to outlives it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/condition.h"
#include "base/deadline.h"
#include "sql/engine.h"
#include "sqlrunner/client_channel.h"
#include "sqlrunner/client_message.h"
#include "sqlrunner/results.h"

namespace paddock::sqlrunner {

inline constexpr std::uint64_t kInitialCredit = 1'000;
inline constexpr std::uint64_t kCreditMax = 100'000'000;
inline constexpr std::uint64_t kStreamRowsMax = 10'000'000;  // of one request
inline constexpr std::uint64_t kStreamBytesMax = std::uint64_t{4} * 1024 * 1024 * 1024;
inline constexpr std::size_t kRowBytesMax = std::size_t{8} * 1024 * 1024;
inline constexpr std::size_t kNoticesMax = 100;  // of one statement; the rest is dropped

/// What others change while a request runs, and what its statements have in common.
struct Execution {
  RequestId id = 0;
  bool store = false;
  std::uint64_t rows_max = kStoredRowsMax;
  std::uint64_t credit = kInitialCredit;
  std::uint64_t rows_sent = 0;
  std::uint64_t bytes_sent = 0;
  bool is_cancelled = false;
  aio::Condition changed;  // credit, or is_cancelled
};

struct SinkContext {
  ClientChannel& channel;
  Execution& execution;
  Results& results;
  sql::Dialect dialect;
  Deadline deadline;  // of the statement: rows do not wait longer for credit
};

class StatementSink final : public sql::ResultSink {
 public:
  explicit StatementSink(SinkContext context);

  aio::Task<Result<void>> Columns(std::vector<sql::Column> columns) override;
  /// Fails with kCancelled, kDeadlineExceeded, kExhausted (a limit: was_cut() tells, or the row is
  /// too long), kDiskFull, and like the channel.
  aio::Task<Result<void>> Append(sql::Rows rows) override;
  aio::Task<Result<void>> Complete(sql::CommandResult result) override;
  void Note(sql::Notice notice) override;

  /// Sends what is left to say when the statement has ended, however it did.
  [[nodiscard]] aio::Task<Result<void>> Finish();

  /// Whether rows were left out because of a limit.
  [[nodiscard]] bool was_cut() const noexcept { return was_cut_; }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] aio::Task<Result<void>> SendNotices();
  [[nodiscard]] aio::Task<Result<void>> Announce(const sql::Rows& rows);  // outlives the task
  [[nodiscard]] aio::Task<Result<void>> Store(sql::Rows rows);
  [[nodiscard]] aio::Task<Result<void>> Stream(sql::Rows rows);
  [[nodiscard]] aio::Task<Result<void>> SendRows(std::string text, bool are_first);
  [[nodiscard]] aio::Task<Result<std::uint64_t>> AwaitCredit();
  [[nodiscard]] Result<void> CheckRows(const sql::Rows& rows) const;
  [[nodiscard]] std::string CompletionOf(const sql::CommandResult& result) const;
  void GuessKinds(const sql::Rows& rows);
  void Cut(std::string_view by);

  SinkContext context_;
  std::vector<sql::Notice> notices_;
  std::size_t notice_count_ = 0;
  bool has_columns_ = false;
  bool is_announced_ = false;
  std::vector<sql::Column> columns_;
  std::optional<ResultNumber> number_;
  std::shared_ptr<StoredResult> stored_;
  std::uint64_t row_count_ = 0;
  std::string_view truncated_;  // of the result that is under way: "rows" or "bytes"
  bool was_cut_ = false;
  Clock::time_point cut_at_;
  Clock::time_point begun_at_;
  Clock::time_point progress_at_;
};

}  // namespace paddock::sqlrunner
