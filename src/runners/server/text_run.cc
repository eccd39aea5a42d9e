#include "runners/server/text_run.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "runners/server/text_kind.h"
#include "sql/splitter.h"

namespace paddock::runners::server {
namespace {

using challenges::LimitHit;

// PostgreSQL has no memory, or no more room for temporary files; MariaDB likewise.
constexpr auto kMemoryStates =
    std::to_array<std::string_view>({"53200", "53400", "1037", "1038", "1041", "1114"});
// The server ends, or has no room for anybody: no fault of whoever asked.
constexpr auto kFaultStates =
    std::to_array<std::string_view>({"53100", "53300", "57P01", "57P02", "57P03", "1021", "1053"});

template <std::size_t Size>
bool IsOneOf(std::string_view code, const std::array<std::string_view, Size>& list) {
  return std::ranges::find(list, code) != list.end();
}

}  // namespace

TextRun::TextRun(sql::Session& session,
                 const challenges::RunRequest& request,
                 std::chrono::steady_clock::time_point begin)
    : session_(session), request_(request), end_(Deadline::At(begin + request.limits.time)) {}

bool TextRun::is_time_over() const { return end_.Passed(); }

aio::Task<Result<challenges::RunOutcome>> TextRun::Run(Deadline deadline) {
  deadline_ = Deadline::At(std::min(deadline.when(), end_.when()));
  KeptResults kept(request_.limits);
  auto done = co_await RunText(request_.query, kept);
  outcome_.results = std::move(kept.results());
  if (done && is_whole() && !request_.checks.empty()) {
    done = co_await RunChecks();
  }
  if (!is_whole()) {
    outcome_.checks.clear();
  }
  if (!done) {
    co_return Fail(std::move(done).error());
  }
  if (outcome_.limit == LimitHit::kTime && !is_time_over()) {
    co_return Fail(Code::kDeadlineExceeded, "the time was over before the query ended");
  }
  co_return std::move(outcome_);
}

aio::Task<Result<void>> TextRun::RunText(std::string text, KeptResults& kept) {
  const sql::Dialect dialect = request_.schema->dialect;
  for (const sql::StatementSpan& span : sql::Split(text, dialect)) {
    std::string statement = text.substr(span.begin, span.end - span.begin);
    const bool changes = ChangesData(statement, dialect);
    auto done = co_await RunStatement(std::move(statement), span.begin, kept);
    if (!done || !is_whole()) {
      co_return done;
    }
    outcome_.changed_data = outcome_.changed_data || changes;
  }
  co_return Result<void>();
}

aio::Task<Result<void>> TextRun::RunStatement(std::string statement,
                                              std::size_t begin,
                                              KeptResults& kept) {
  auto outcome = co_await session_.Execute(std::move(statement), kept, deadline_);
  if (!outcome) {
    co_return Conclude(outcome.error(), kept);
  }
  if (*outcome && IsOneOf((*outcome)->code, kFaultStates)) {
    co_return Fail(Code::kUnavailable, (*outcome)->message);
  }
  if (*outcome) {
    TakeError(std::move(**outcome), begin);
  }
  co_return Result<void>();
}

Result<void> TextRun::Conclude(const Error& error, const KeptResults& kept) {
  if (kept.limit() != LimitHit::kNone) {
    outcome_.limit = kept.limit();
    return {};
  }
  // A session that did not stop in time is lost, and its run is over all the same.
  if (error.code == Code::kDeadlineExceeded ||
      (error.code == Code::kUnavailable && is_time_over())) {
    outcome_.limit = LimitHit::kTime;
    return {};
  }
  return Fail(error);
}

void TextRun::TakeError(sql::StatementError error, std::size_t begin) {
  if (IsOneOf(error.code, kMemoryStates)) {
    outcome_.limit = LimitHit::kMemory;
  } else if (error.code == sql::kCancelledState && is_time_over()) {
    outcome_.limit = LimitHit::kTime;
  } else {
    if (error.position) {
      *error.position += begin;
    }
    outcome_.error = std::move(error);
  }
}

aio::Task<Result<void>> TextRun::RunChecks() {
  // What was not committed is not left.
  if (session_.transaction() != sql::TransactionState::kNone) {
    KeptResults ignored(request_.limits);
    auto undone = co_await RunStatement("ROLLBACK", 0, ignored);
    if (!undone) {
      co_return undone;
    }
  }
  challenges::RunLimits limits = request_.limits;
  limits.results = request_.checks.size();
  KeptResults kept(limits);
  for (const std::string& check : request_.checks) {
    if (!is_whole()) {
      break;
    }
    auto done = co_await RunCheck(check, kept);
    if (!done) {
      co_return done;
    }
  }
  outcome_.checks = std::move(kept.results());
  co_return Result<void>();
}

aio::Task<Result<void>> TextRun::RunCheck(std::string check, KeptResults& kept) {
  const std::size_t count = kept.results().size();
  const bool changed = outcome_.changed_data;
  auto done = co_await RunText(std::move(check), kept);
  outcome_.changed_data = changed;
  if (done && is_whole() && kept.results().size() != count + 1) {
    outcome_.error = sql::StatementError{.code = "02000", .message = "the check has no one result"};
  }
  if (outcome_.error) {
    outcome_.error->detail = "This is about the data that the statements left.";
    outcome_.error->position.reset();
  }
  co_return done;
}

}  // namespace paddock::runners::server
