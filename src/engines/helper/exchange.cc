#include "engines/helper/exchange.h"

#include <chrono>
#include <utility>
#include <vector>

#include "engines/helper/command_tag.h"

namespace paddock::engines::helper {
namespace {

using sqlite_helper::Frame;
using sqlite_helper::FrameType;

// How long a statement may take to stop. SQLite looks often, but not while it waits for a disk.
constexpr std::chrono::seconds kStopTimeMax{10};

}  // namespace

aio::Task<Result<sql::StatementOutcome>> Exchange::Run(sqlite_helper::ExecuteMessage execute,
                                                       Deadline deadline) {
  deadline_ = deadline;
  number_ = execute.number;
  first_words_ = CommandOf(execute.text);
  std::string frame;
  AppendExecute(frame, execute);
  auto sent = co_await link_.Send(std::move(frame), deadline_);
  if (!sent) {
    co_return Fail(std::move(sent).error());
  }
  while (!has_ended_ && !lost_) {
    const auto next = link_.Next();
    if (!next) {
      lost_ = next.error();
    } else if (*next) {
      co_await Take(**next);
    } else {
      co_await AwaitFrames();
    }
  }
  if (lost_) {
    co_return Fail(*std::move(lost_));
  }
  if (stopped_) {
    co_return Fail(*std::move(stopped_));
  }
  co_return std::move(outcome_);
}

aio::Task<void> Exchange::Take(Frame frame) {
  switch (frame.type) {
    case FrameType::kColumns: co_await TakeColumns(frame.payload); break;
    case FrameType::kRows: co_await TakeRows(frame.payload); break;
    case FrameType::kComplete: co_await TakeComplete(frame.payload); break;
    case FrameType::kError: TakeError(frame.payload); break;
    default: lost_ = Broken(link_);
  }
}

aio::Task<void> Exchange::TakeColumns(std::string_view payload) {
  auto columns = sqlite_helper::DecodeColumns(payload);
  if (!columns || column_count_ != 0) {
    lost_ = Broken(link_);
    co_return;
  }
  column_count_ = columns->size();
  if (stopped_) {
    co_return;
  }
  auto taken = co_await sink_.Columns(*std::move(columns));
  if (!taken) {
    co_await Stop(std::move(taken).error());
  }
}

aio::Task<void> Exchange::TakeRows(std::string_view payload) {
  if (stopped_ && column_count_ != 0) {
    co_return;
  }
  auto rows = sqlite_helper::DecodeRows(payload, column_count_);
  if (!rows || column_count_ == 0 || rows->row_count() > sql::kBatchRowsMax) {
    lost_ = Broken(link_);
    co_return;
  }
  row_count_ += rows->row_count();
  auto taken = co_await sink_.Append(*std::move(rows));
  if (!taken) {
    co_await Stop(std::move(taken).error());
  }
}

aio::Task<void> Exchange::TakeComplete(std::string_view payload) {
  const auto complete = sqlite_helper::DecodeComplete(payload);
  if (!complete) {
    lost_ = Broken(link_);
    co_return;
  }
  has_ended_ = true;
  in_transaction_ = complete->in_transaction;
  // A text without a statement has no result.
  if (stopped_ || first_words_.empty()) {
    co_return;
  }
  sql::CommandResult result;
  if (complete->could_change && IsChange(first_words_)) {
    result.affected_rows = complete->changed_rows;
  }
  const bool has_rows = column_count_ != 0 && !result.affected_rows;
  result.tag = TagOf(first_words_, has_rows ? std::optional(row_count_) : result.affected_rows);
  auto taken = co_await sink_.Complete(std::move(result));
  if (!taken) {
    stopped_ = std::move(taken).error();
  }
}

void Exchange::TakeError(std::string_view payload) {
  auto error = sqlite_helper::DecodeError(payload);
  if (!error) {
    lost_ = Broken(link_);
    return;
  }
  has_ended_ = true;
  in_transaction_ = error->in_transaction;
  outcome_ = std::move(error->error);
}

aio::Task<void> Exchange::AwaitFrames() {
  auto filled = co_await link_.Fill(deadline_);
  if (filled) {
    co_return;
  }
  if (!link_.is_open()) {
    lost_ = std::move(filled).error();
  } else if (stopped_) {
    link_.Close();
    lost_ = Error{.code = Code::kUnavailable, .message = "the database did not stop a statement"};
  } else {
    co_await Stop(std::move(filled).error());
  }
}

// The helper is told, and its answer is read to the end without looking at it.
aio::Task<void> Exchange::Stop(Error why) {
  stopped_ = std::move(why);
  deadline_ = Deadline::After(kStopTimeMax);
  std::string frame;
  sqlite_helper::AppendCancel(frame, number_);
  auto sent = co_await link_.Send(std::move(frame), deadline_);
  if (!sent) {
    link_.Close();
    lost_ = Lost();
  }
}

}  // namespace paddock::engines::helper
