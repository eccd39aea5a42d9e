#include "engines/helper/sqlite_session.h"

#include <algorithm>
#include <array>
#include <vector>

#include "engines/helper/catalog.h"
#include "engines/helper/command_tag.h"
#include "engines/helper/exchange.h"
#include "engines/helper/query_plan.h"
#include "sql/catalog_builder.h"

namespace paddock::engines::helper {
namespace {

// What can be run and taken back; others end transactions, or work outside of any.
constexpr std::array<std::string_view, 7> kUndoable{"SELECT", "WITH",   "VALUES", "INSERT",
                                                    "UPDATE", "DELETE", "REPLACE"};
constexpr std::chrono::seconds kUndoTimeMax{10};

sql::StatementOutcome Check(std::string_view statement) {
  if (statement.size() > sql::kStatementBytesMax) {
    return sql::StatementError{.code = "SQLITE_TOOBIG",
                               .message = "the statement is larger than 1 MiB",
                               .hint = "Load large data with sqlite3 in a terminal."};
  }
  if (const auto zero = statement.find('\0'); zero != std::string_view::npos) {
    return sql::StatementError{
        .code = "SQLITE_ERROR", .message = "the statement has a zero byte in it", .position = zero};
  }
  return std::nullopt;
}

sql::StatementError NotUndoable(std::string_view command) {
  return {.code = "SQLITE_MISUSE",
          .message = "to analyze a statement is to run it, and " + std::string(command) +
                     " could not be taken back",
          .hint = "Explain it without analyzing."};
}

sql::StatementError InTransaction() {
  return {.code = "SQLITE_MISUSE",
          .message = "to analyze a change is to run it, which could end your open transaction",
          .hint = "COMMIT or ROLLBACK first, or explain without analyzing."};
}

// Counts rows and forgets them.
class CountingSink final : public sql::ResultSink {
 public:
  aio::Task<Result<void>> Columns(std::vector<sql::Column> /*columns*/) override {
    co_return Result<void>();
  }
  aio::Task<Result<void>> Append(sql::Rows rows) override {
    row_count_ += rows.row_count();
    co_return Result<void>();
  }
  aio::Task<Result<void>> Complete(sql::CommandResult result) override {
    row_count_ = std::max(row_count_, result.affected_rows.value_or(0));
    co_return Result<void>();
  }
  void Note(sql::Notice /*notice*/) override {}

  [[nodiscard]] std::uint64_t row_count() const noexcept { return row_count_; }

 private:
  std::uint64_t row_count_ = 0;
};

}  // namespace

aio::Task<Result<sql::StatementOutcome>> SqliteSession::Execute(std::string statement,
                                                                sql::ResultSink& sink,
                                                                Deadline deadline) {
  if (auto wrong = Check(statement)) {
    co_return wrong;
  }
  auto outcome = co_await Converse(std::move(statement), Use::kAny, sink, deadline);
  co_return outcome;
}

aio::Task<Result<sql::StatementOutcome>> SqliteSession::Converse(std::string statement,
                                                                 Use use,
                                                                 sql::ResultSink& sink,
                                                                 Deadline deadline) {
  if (!link_->is_open()) {
    co_return Fail(Lost());
  }
  number_ = std::max(number_ + 1, 1U);  // 0 is none
  sqlite_helper::ExecuteMessage execute{
      .number = number_, .only_reads = use == Use::kOnlyReads, .text = std::move(statement)};
  Exchange exchange(*link_, sink);
  is_running_ = true;
  auto outcome = co_await exchange.Run(std::move(execute), deadline);
  is_running_ = false;
  if (exchange.in_transaction()) {
    transaction_ =
        *exchange.in_transaction() ? sql::TransactionState::kOpen : sql::TransactionState::kNone;
  }
  co_return outcome;
}

aio::Task<Result<void>> SqliteSession::Cancel(Deadline deadline) {
  if (!is_running_) {
    co_return Result<void>();
  }
  std::string frame;
  sqlite_helper::AppendCancel(frame, number_);
  auto sent = co_await link_->Send(std::move(frame), deadline);
  co_return sent;
}

aio::Task<Result<std::unique_ptr<sql::Answer>>> SqliteSession::Ask(std::string statement,
                                                                   Deadline deadline) {
  auto answer = std::make_unique<sql::Answer>();
  auto outcome = co_await Converse(std::move(statement), Use::kOnlyReads, *answer, deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error());
  }
  if (*outcome) {
    const bool is_cancelled = (*outcome)->code == sql::kCancelledState;
    co_return Fail(is_cancelled ? Code::kCancelled : Code::kConflict, (*outcome)->message);
  }
  co_return answer;
}

aio::Task<Result<sql::Catalog>> SqliteSession::Describe(Deadline deadline) {
  sql::CatalogBuilder builder("main");
  for (CatalogQuery& query : CatalogQueries()) {
    auto answer = co_await Ask(std::move(query.text), deadline);
    if (!answer) {
      co_return Fail(std::move(answer).error());
    }
    query.read(**answer, builder);
  }
  auto named = co_await Ask(ViewsQuery(), deadline);
  if (!named) {
    co_return Fail(std::move(named).error());
  }
  for (const ViewName& view : ReadViews(**named)) {
    auto answer = co_await Ask(ViewColumnsQuery(view), deadline);
    if (answer) {
      ReadViewColumns(**answer, view, builder);
    } else if (answer.error().code != Code::kConflict) {  // else it has lost what it shows
      co_return Fail(std::move(answer).error());
    }
  }
  co_return std::move(builder).Take();
}

aio::Task<Result<sql::Explanation>> SqliteSession::Explain(std::string statement,
                                                           bool analyze,
                                                           Deadline deadline) {
  sql::Explanation explanation;
  if (auto wrong = Check(statement)) {
    explanation.error = std::move(wrong);
    co_return explanation;
  }
  sql::Answer answer;
  auto outcome =
      co_await Converse(std::string(kExplainPrefix) + statement, Use::kOnlyReads, answer, deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error());
  }
  if (*outcome) {
    auto& position = (*outcome)->position;
    if (position) {
      *position -= std::min(*position, kExplainPrefix.size());
    }
    explanation.error = *std::move(outcome);
    co_return explanation;
  }
  explanation.plan = ReadQueryPlan(answer);
  if (analyze) {
    auto analyzed = co_await Analyze(std::move(statement), explanation, deadline);
    if (!analyzed) {
      co_return Fail(std::move(analyzed).error());
    }
  }
  co_return explanation;
}

aio::Task<Result<void>> SqliteSession::Analyze(std::string statement,
                                               sql::Explanation& explanation,
                                               Deadline deadline) {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const auto command = CommandOf(statement);
  if (std::ranges::find(kUndoable, command) == kUndoable.end()) {
    explanation = {.error = NotUndoable(command)};
    co_return Result<void>();
  }
  CountingSink sink;
  const auto begun_at = std::chrono::steady_clock::now();
  auto outcome = co_await RunAndUndo(std::move(statement), sink, deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error());
  }
  if (*outcome) {
    explanation = {.error = *std::move(outcome)};
    co_return Result<void>();
  }
  const Milliseconds took = std::chrono::steady_clock::now() - begun_at;
  explanation.plan->analyzed = true;
  explanation.plan->execution_time = took.count();
  explanation.plan->root.actual_time = took.count();
  explanation.plan->root.actual_rows = static_cast<double>(sink.row_count());
  co_return Result<void>();
}

// In a transaction of its own; in the learner's it would have to be one that only reads, because a
// change may roll that back as a whole (INSERT OR ROLLBACK, a trigger's RAISE).
aio::Task<Result<sql::StatementOutcome>> SqliteSession::RunAndUndo(std::string statement,
                                                                   sql::ResultSink& sink,
                                                                   Deadline deadline) {
  if (transaction_ != sql::TransactionState::kNone) {
    auto outcome = co_await Converse(std::move(statement), Use::kOnlyReads, sink, deadline);
    if (outcome && *outcome && (*outcome)->code == "SQLITE_READONLY") {
      outcome = InTransaction();
    }
    co_return outcome;
  }
  auto begun = co_await Ask("BEGIN", deadline);
  if (!begun) {
    co_return Fail(std::move(begun).error());
  }
  auto outcome = co_await Converse(std::move(statement), Use::kAny, sink, deadline);
  if (transaction_ != sql::TransactionState::kNone && link_->is_open()) {
    auto undone = co_await Ask("ROLLBACK", Deadline::After(kUndoTimeMax));
    if (!undone) {
      link_->Close();  // what was changed must not stay
      co_return Fail(Lost());
    }
  }
  co_return outcome;
}

}  // namespace paddock::engines::helper
