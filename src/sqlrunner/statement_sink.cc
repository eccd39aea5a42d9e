#include "sqlrunner/statement_sink.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sqlrunner/row_text.h"
#include "sqlrunner/server_messages.h"

namespace paddock::sqlrunner {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};
/// A statement that has said enough may come to its end by itself, so that what it changed counts;
/// after this it is stopped.
constexpr std::chrono::seconds kDrainTimeMax{1};
constexpr std::size_t kMessageRowBytes = std::size_t{256} * 1024;  // then the next message begins

std::unexpected<Error> Cancelled() { return Fail(Code::kCancelled, "cancelled by the client"); }

}  // namespace

StatementSink::StatementSink(SinkContext context)
    : context_(context), begun_at_(Clock::now()), progress_at_(begun_at_) {}

void StatementSink::Note(sql::Notice notice) {
  if (notice_count_ < kNoticesMax) {
    ++notice_count_;
    notices_.push_back(std::move(notice));
  }
}

aio::Task<Result<void>> StatementSink::SendNotices() {
  const auto notices = std::exchange(notices_, {});
  for (const sql::Notice& notice : notices) {
    const std::string text = NoticeText(context_.execution.id, notice);
    auto sent = co_await context_.channel.Gather(text);
    if (!sent) {
      co_return sent;
    }
  }
  co_return Result<void>();
}

aio::Task<Result<void>> StatementSink::Columns(std::vector<sql::Column> columns) {
  columns_ = std::move(columns);
  has_columns_ = true;
  is_announced_ = false;
  number_.reset();
  stored_.reset();
  row_count_ = 0;
  truncated_ = {};
  co_return Result<void>();
}

void StatementSink::Cut(std::string_view by) {
  truncated_ = by;
  was_cut_ = true;
  cut_at_ = Clock::now();
}

/// An engine that types cells says nothing about columns: the first value of each does.
void StatementSink::GuessKinds(const sql::Rows& rows) {
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    for (std::size_t row = 0; row < rows.row_count(); ++row) {
      const sql::Cell cell = rows.At(row, column);
      if (!cell.is_null()) {
        columns_[column].cell_type = cell.type;
        break;
      }
    }
  }
}

aio::Task<Result<void>> StatementSink::Announce(const sql::Rows& rows) {
  is_announced_ = true;
  if (context_.dialect == sql::Dialect::kSqlite) {
    GuessKinds(rows);
  }
  if (context_.execution.store) {
    auto begun = context_.results.Begin(columns_);
    if (!begun) {
      co_return Fail(std::move(begun).error());
    }
    number_ = begun->first;
    stored_ = std::move(begun->second);
  }
  auto noted = co_await SendNotices();
  if (!noted) {
    co_return noted;
  }
  const std::string text = ColumnsText(context_.execution.id, number_, columns_);
  auto sent = co_await context_.channel.Gather(text);
  co_return sent;
}

Result<void> StatementSink::CheckRows(const sql::Rows& rows) const {
  if (rows.column_count() != columns_.size()) {
    return Fail(Code::kUnavailable, "the database sent rows that do not fit their columns");
  }
  for (std::size_t row = 0; rows.byte_count() > kRowBytesMax && row < rows.row_count(); ++row) {
    std::size_t size = 0;
    for (std::size_t column = 0; column < rows.column_count(); ++column) {
      size += rows.At(row, column).text.size();
    }
    if (size > kRowBytesMax) {
      return Fail(Code::kExhausted,
                  fmt::format("a row of {} bytes is longer than a session shows ({}): select parts "
                              "of its values, with substr() for example",
                              size, kRowBytesMax));
    }
  }
  return {};
}

aio::Task<Result<void>> StatementSink::Append(sql::Rows rows) {
  if (context_.execution.is_cancelled) {
    co_return Cancelled();
  }
  auto checked = CheckRows(rows);
  if (!checked) {
    co_return checked;
  }
  if (!is_announced_) {
    auto announced = co_await Announce(rows);
    if (!announced) {
      co_return announced;
    }
  }
  if (!truncated_.empty()) {
    const bool may_drain = Clock::now() - cut_at_ < kDrainTimeMax;
    co_return may_drain ? Result<void>() : Fail(Code::kExhausted, "enough rows");
  }
  if (context_.execution.store) {
    auto stored = co_await Store(std::move(rows));
    co_return stored;
  }
  auto streamed = co_await Stream(std::move(rows));
  co_return streamed;
}

aio::Task<Result<void>> StatementSink::Store(sql::Rows rows) {
  auto appended = co_await stored_->Append(std::move(rows), context_.execution.rows_max);
  if (!appended) {
    co_return appended;
  }
  row_count_ = stored_->row_count();
  const auto now = Clock::now();
  if (stored_->truncation() != StoredResult::Truncation::kNone) {
    Cut(stored_->truncation() == StoredResult::Truncation::kRows ? "rows" : "bytes");
  }
  if (now - progress_at_ < kProgressInterval) {
    co_return Result<void>();
  }
  progress_at_ = now;
  const std::string text = ProgressText(context_.execution.id, *number_, row_count_);
  auto sent = co_await context_.channel.Gather(text);
  co_return sent;
}

/// How many rows may be sent now.
aio::Task<Result<std::uint64_t>> StatementSink::AwaitCredit() {
  Execution& execution = context_.execution;
  while (execution.credit == 0 && !execution.is_cancelled) {
    auto woken = co_await execution.changed.Wait(context_.deadline);
    if (!woken) {
      co_return Fail(std::move(woken).error());
    }
  }
  if (execution.is_cancelled) {
    co_return Cancelled();
  }
  co_return execution.credit;
}

aio::Task<Result<void>> StatementSink::Stream(sql::Rows rows) {
  Execution& execution = context_.execution;
  for (std::size_t row = 0; row < rows.row_count();) {
    if (row_count_ >= execution.rows_max || execution.rows_sent >= kStreamRowsMax) {
      Cut("rows");
    } else if (execution.bytes_sent >= kStreamBytesMax) {
      Cut("bytes");
    }
    if (!truncated_.empty()) {
      co_return Result<void>();
    }
    auto credit = co_await AwaitCredit();
    if (!credit) {
      co_return Fail(std::move(credit).error());
    }
    const std::uint64_t most =
        std::min({*credit, execution.rows_max - row_count_, kStreamRowsMax - execution.rows_sent});
    std::string text = RowsHead(execution.id, number_);
    text.reserve(text.size() + (2 * rows.byte_count()));
    std::uint64_t count = 0;
    for (; count < most && row < rows.row_count() && text.size() < kMessageRowBytes; ++row) {
      text.append(count == 0 ? 0 : 1, ',');
      AppendRowJson(text, rows, row);
      ++count;
    }
    text += "]}";
    execution.credit -= count;
    execution.rows_sent += count;
    execution.bytes_sent += text.size();
    row_count_ += count;
    auto sent = co_await SendRows(std::move(text), row_count_ == count);
    if (!sent) {
      co_return sent;
    }
  }
  co_return Result<void>();
}

// The first rows may be the last, and wait for what ends them; but in a stream, or when the client
// has to give credit first, a wait would be one for each message.
aio::Task<Result<void>> StatementSink::SendRows(std::string text, bool are_first) {
  if (are_first && context_.execution.credit > 0) {
    auto gathered = co_await context_.channel.Gather(text);
    co_return gathered;
  }
  auto sent = co_await context_.channel.Send(text);
  co_return sent;
}

std::string StatementSink::CompletionOf(const sql::CommandResult& result) const {
  const auto elapsed = Clock::now() - begun_at_;
  return CompleteText(context_.execution.id,
                      {.result = number_,
                       .tag = result.tag,
                       .rows = has_columns_ ? std::optional(row_count_) : std::nullopt,
                       .affected = result.affected_rows,
                       .truncated = truncated_,
                       .elapsed = std::chrono::duration_cast<std::chrono::microseconds>(elapsed)});
}

aio::Task<Result<void>> StatementSink::Complete(sql::CommandResult result) {
  if (has_columns_ && !is_announced_) {
    const sql::Rows none(columns_.size());
    auto announced = co_await Announce(none);
    if (!announced) {
      co_return announced;
    }
  }
  auto noted = co_await SendNotices();
  if (!noted) {
    co_return noted;
  }
  if (stored_) {
    stored_->SetComplete();
  }
  const std::string text = CompletionOf(result);
  has_columns_ = false;
  number_.reset();
  stored_.reset();
  truncated_ = {};
  begun_at_ = Clock::now();  // of the statement's next result, if there is one
  auto sent = co_await context_.channel.Gather(text);
  co_return sent;
}

aio::Task<Result<void>> StatementSink::Finish() {
  if (has_columns_ && !truncated_.empty()) {
    sql::CommandResult stopped;
    auto completed = co_await Complete(std::move(stopped));
    co_return completed;
  }
  if (stored_) {
    stored_->SetComplete();  // what there is of it
  }
  auto noted = co_await SendNotices();
  co_return noted;
}

}  // namespace paddock::sqlrunner
