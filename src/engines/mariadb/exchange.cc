#include "engines/mariadb/exchange.h"

#include <chrono>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engines/mariadb/types.h"

namespace paddock::engines::mariadb {
namespace {

// As for PostgreSQL: what has come waits that long for more of it.
constexpr std::chrono::milliseconds kBatchDelay{20};
constexpr std::chrono::seconds kStopTimeMax{5};  // until a statement that was stopped has ended
constexpr int kResultsMax = 10'000;              // of one CALL

}  // namespace

aio::Task<Result<std::optional<Report>>> Exchange::Run(std::string sql, Deadline deadline) {
  deadline_ = deadline;
  client_.BeginQuery(std::move(sql));
  for (int count = 0; count < kResultsMax; ++count) {
    co_await FinishStep();
    if (lost_ || TakeError()) {
      break;
    }
    co_await ReadResult();
    if (is_over() || !client_.has_more_results()) {
      break;
    }
    client_.BeginNextResult();
  }
  if (!is_over() && client_.has_more_results()) {
    client_.Close();
    Lose("the database gave too many results");
  }
  if (lost_) {
    co_return Fail(*std::move(lost_));
  }
  if (stopped_) {
    co_return Fail(*std::move(stopped_));
  }
  co_return std::move(report_);
}

// True when the step that has ended failed.
bool Exchange::TakeError() {
  if (client_.is_open() && client_.error_number() == 0) {
    return false;
  }
  if (client_.is_lost()) {
    std::string why = client_.is_open() ? mysql_error(client_.handle()) : "";
    client_.Close();
    Lose(fmt::format("the connection to the database was lost: {}", why));
    return true;
  }
  report_ = Report{.number = client_.error_number(),
                   .state = mysql_sqlstate(client_.handle()),
                   .message = mysql_error(client_.handle())};
  return true;
}

aio::Task<void> Exchange::ReadResult() {
  row_count_ = 0;
  const bool has_rows = client_.TakeResult();
  if (!has_rows && TakeError()) {
    co_return;
  }
  if (has_rows) {
    columns_ = DescribeColumns(*client_.result());
    rows_ = sql::Rows(columns_.size());
    if (!stopped_) {
      auto taken = co_await sink_.Columns(columns_);
      if (!taken) {
        co_await Stop(std::move(taken).error());
      }
    }
    co_await ReadRows();
    client_.DropResult();
  }
  if (is_over() || stopped_) {
    co_return;
  }
  warning_count_ = mysql_warning_count(client_.handle());
  // What a procedure says at its end is not a result of its own.
  auto taken = co_await sink_.Complete(Summary(has_rows));
  if (!taken) {
    co_await Stop(std::move(taken).error());
  }
}

aio::Task<void> Exchange::ReadRows() {
  for (;;) {
    client_.BeginRow();
    if (client_.is_waiting()) {
      co_await FinishStep();
    }
    if (lost_) {
      co_return;
    }
    if (client_.row() == nullptr) {
      break;
    }
    TakeRow();
    if (rows_.row_count() >= sql::kBatchRowsMax || rows_.byte_count() >= sql::kBatchBytes) {
      co_await Flush();
    }
  }
  co_await Flush();
  [[maybe_unused]] const bool failed = TakeError();
}

void Exchange::TakeRow() {
  if (stopped_) {
    return;
  }
  ++row_count_;
  MYSQL_ROW row = client_.row();
  const unsigned long* sizes = mysql_fetch_lengths(client_.result());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (row[i] == nullptr) {
      rows_.AddNull();
    } else {
      AddCell(columns_[i].cell_type, std::string_view(row[i], sizes[i]), rows_);
    }
  }
}

sql::CommandResult Exchange::Summary(bool has_rows) const {
  if (has_rows) {
    return {.tag = fmt::format("{} row{} in set", row_count_, row_count_ == 1 ? "" : "s")};
  }
  const my_ulonglong count = mysql_affected_rows(client_.handle());
  if (count == std::numeric_limits<my_ulonglong>::max()) {
    return {.tag = "Query OK"};
  }
  return {.tag = fmt::format("Query OK, {} row{} affected", count, count == 1 ? "" : "s"),
          .affected_rows = count};
}

aio::Task<void> Exchange::FinishStep() {
  while (client_.is_waiting() && !lost_) {
    const Deadline soon = Deadline::After(kBatchDelay);
    const bool hurries = !rows_.empty() && !stopped_ && soon.when() < deadline_.when();
    auto finished = co_await client_.Finish(hurries ? soon : deadline_);
    if (finished) {
      co_return;
    }
    Error why = std::move(finished).error();
    if (hurries && why.code == Code::kDeadlineExceeded) {
      co_await Flush();
    } else if (stopped_) {
      client_.Close();
      Lose("the database did not stop a statement");
    } else {
      co_await Stop(std::move(why));
    }
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

// What is under way is stopped at the server, and read to its end without looking at it.
aio::Task<void> Exchange::Stop(Error why) {
  stopped_ = std::move(why);
  rows_.Clear();
  deadline_ = Deadline::After(kStopTimeMax);
  auto requested = co_await canceller_.RequestCancel(deadline_);
  if (!requested && stopped_->code == Code::kCancelled) {
    client_.Close();  // whoever is cancelled does not wait for long
    Lose("the statement was given up");
  }
}

void Exchange::Lose(std::string why) {
  lost_ = Error{.code = Code::kUnavailable, .message = std::move(why)};
}

}  // namespace paddock::engines::mariadb
