#include "engines/postgres/exchange.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace paddock::engines::postgres {
namespace {

using std::chrono::milliseconds;

// What has come waits that long for more of it, so that a slow statement's rows are seen as they
// come and a fast one's make full batches.
constexpr milliseconds kBatchDelay{20};
constexpr std::chrono::seconds kStopTimeMax{5};  // until a statement that was stopped has ended
constexpr std::size_t kNoticesMax = 1'000;       // of one statement

constexpr const char* kCopyHint =
    "Use INSERT and SELECT here, or psql and its \\copy through a forwarded port.";

}  // namespace

aio::Task<Result<std::optional<Report>>> Exchange::Run(std::string request, Deadline deadline) {
  deadline_ = deadline;
  auto sent = co_await wire_.Send(std::move(request), deadline);
  if (!sent && !wire_.is_open()) {
    co_return Fail(std::move(sent).error());
  }
  while (!is_ready_ && !lost_) {
    auto message = wire_.Next();
    if (!message) {
      Lose(std::move(message).error());
      continue;
    }
    if (!*message) {
      co_await AwaitInput();
      continue;
    }
    const Step step = Take(**message);
    if (step != Step::kGoOn) {
      co_await Act(step);
    }
  }
  if (lost_) {
    co_return Fail(*std::move(lost_));
  }
  if (stopped_) {
    co_return Fail(*std::move(stopped_));
  }
  co_return std::move(report_);
}

Exchange::Step Exchange::Take(const Message& message) {
  switch (message.type) {
    case 'D': return TakeRow(message);
    case 'T': return TakeColumns(message.body);
    case 'C': result_ = ReadTag(ParseText(message.body)); return Step::kComplete;
    case 'I': result_ = {}; return Step::kComplete;
    case 'E': return TakeReport(message.body);
    case 'Z': return TakeReady(message.body);
    case 'N': TakeNotice(message.body); return Step::kGoOn;
    case 'A': TakeNotification(message.body); return Step::kGoOn;
    case 'G': return Step::kRefuseCopy;
    case 'H':
      Refuse("0A000", "COPY to standard output cannot be shown here", kCopyHint);
      return Step::kGoOn;
    // A setting, the data and the end of a copy, and what precedes a single statement's result.
    case 'S':
    case 'd':
    case 'c':
    case '1':
    case '2':
    case 'n': return Step::kGoOn;
    default: return Step::kBroken;
  }
}

Exchange::Step Exchange::TakeColumns(std::string_view body) {
  const auto fields = ParseRowDescription(body);
  if (!fields) {
    return Step::kBroken;
  }
  columns_ = types_.Describe(*fields);
  rows_ = sql::Rows(columns_.size());
  // A SELECT of nothing has rows of no columns, which nobody can see.
  return columns_.empty() ? Step::kGoOn : Step::kColumns;
}

Exchange::Step Exchange::TakeRow(const Message& message) {
  if (stopped_) {
    return Step::kGoOn;
  }
  if (message.is_too_large) {
    return Step::kTooLarge;
  }
  if (!AppendDataRow(message.body, columns_, rows_)) {
    return Step::kBroken;
  }
  const bool is_full =
      rows_.row_count() >= sql::kBatchRowsMax || rows_.byte_count() >= sql::kBatchBytes;
  return is_full ? Step::kBatch : Step::kGoOn;
}

Exchange::Step Exchange::TakeReport(std::string_view body) {
  auto report = ParseReport(body);
  if (!report) {
    return Step::kBroken;
  }
  if (!report_ || report->is_fatal()) {
    report_ = *std::move(report);
  }
  return Step::kBatch;  // the rows before it are its statement's
}

Exchange::Step Exchange::TakeReady(std::string_view body) {
  transaction_ = sql::TransactionState::kNone;
  if (body == "T") {
    transaction_ = sql::TransactionState::kOpen;
  } else if (body == "E") {
    transaction_ = sql::TransactionState::kFailed;
  }
  is_ready_ = true;
  return Step::kGoOn;
}

void Exchange::TakeNotice(std::string_view body) {
  auto report = ParseReport(body);
  if (report) {
    Note({.severity = std::move(report->severity),
          .code = std::move(report->code),
          .message = std::move(report->message)});
  }
}

// NOTIFY's: the number of a process, a channel, a payload.
void Exchange::TakeNotification(std::string_view body) {
  constexpr std::size_t kProcessSize = 4;
  body.remove_prefix(std::min(kProcessSize, body.size()));
  const std::string_view channel = ParseText(body);
  body.remove_prefix(std::min(channel.size() + 1, body.size()));
  Note({.severity = "NOTIFY",
        .code = "",
        .message = fmt::format("{}: {}", channel, ParseText(body))});
}

void Exchange::Note(sql::Notice notice) {
  if (!stopped_ && notice_count_ < kNoticesMax) {
    ++notice_count_;
    sink_.Note(std::move(notice));
  }
}

// In our words, unless the server has found something wrong before.
void Exchange::Refuse(std::string code, std::string message, std::string hint) {
  if (!report_) {
    report_ = Report{.severity = "ERROR",
                     .code = std::move(code),
                     .message = std::move(message),
                     .hint = std::move(hint)};
  }
}

aio::Task<void> Exchange::Act(Step step) {
  if (step == Step::kBroken) {
    wire_.Close();
    Lose({.code = Code::kUnavailable, .message = "the database broke its protocol"});
    co_return;
  }
  if (step == Step::kRefuseCopy) {
    Refuse("0A000", "COPY from standard input has no input here", kCopyHint);
    auto sent = co_await wire_.Send(CopyFailMessage("there is no input"), deadline_);
    co_return;  // when it was not sent, the next read finds out why
  }
  if (step == Step::kTooLarge) {
    Refuse("54000", fmt::format("a row is larger than {} MiB", kMessageBytesMax >> 20U),
           "Select fewer columns, or a part of the value with substring().");
    auto requested = co_await canceller_.RequestCancel(deadline_);
    co_return;  // what is not stopped is read to its end
  }
  co_await Flush();
  if (stopped_) {
    co_return;
  }
  Result<void> taken;
  if (step == Step::kColumns) {
    taken = co_await sink_.Columns(columns_);
  } else if (step == Step::kComplete && !report_) {
    taken = co_await sink_.Complete(std::move(result_));
  }
  if (!taken) {
    co_await Stop(std::move(taken).error());
  }
}

aio::Task<void> Exchange::Flush() {
  if (rows_.empty() || stopped_) {
    co_return;
  }
  sql::Rows batch = std::exchange(rows_, sql::Rows(columns_.size()));
  auto taken = co_await sink_.Append(std::move(batch));
  if (!taken) {
    co_await Stop(std::move(taken).error());
  }
}

aio::Task<void> Exchange::AwaitInput() {
  const bool has_rows = !rows_.empty() && !stopped_;
  const Deadline soon = Deadline::After(kBatchDelay);
  const bool hurries = has_rows && soon.when() < deadline_.when();
  auto filled = co_await wire_.Fill(hurries ? soon : deadline_);
  if (filled) {
    co_return;
  }
  Error why = std::move(filled).error();
  if (!wire_.is_open()) {
    Lose(std::move(why));
  } else if (hurries && why.code == Code::kDeadlineExceeded) {
    co_await Flush();
  } else if (stopped_) {
    wire_.Close();
    Lose({.code = Code::kUnavailable, .message = "the database did not stop a statement"});
  } else {
    co_await Stop(std::move(why));
  }
}

// What is under way is stopped at the server, and read to its end without looking at it.
aio::Task<void> Exchange::Stop(Error why) {
  stopped_ = std::move(why);
  rows_.Clear();
  deadline_ = Deadline::After(kStopTimeMax);
  auto requested = co_await canceller_.RequestCancel(deadline_);
  if (!requested && stopped_->code == Code::kCancelled) {
    wire_.Close();  // whoever is cancelled does not wait for long
  }
}

void Exchange::Lose(Error why) {
  lost_ = std::move(why);
  if (report_ && report_->is_fatal()) {
    lost_->message = fmt::format("the database ended the session: {}", report_->message);
  }
}

}  // namespace paddock::engines::postgres
