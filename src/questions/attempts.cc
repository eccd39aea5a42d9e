#include "questions/attempts.h"

#include <utility>

#include <fmt/format.h>

#include "model/ids.h"
#include "store/records.h"

namespace paddock::questions {
namespace {

using std::chrono::days;
using std::chrono::floor;

std::string DayOf(store::SystemTime now) {
  const std::chrono::year_month_day day{floor<days>(now)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

aio::Task<Result<std::vector<store::ProgressRecord>>> ReadProgress(
    store::Database& database,  // outlives the task
    store::Statement statement,
    Deadline deadline) {
  auto rows = co_await database.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  co_return store::AttemptTable::ReadProgress(*rows);
}

}  // namespace

std::optional<store::SystemTime> BeginOf(Period period, store::SystemTime now) {
  const auto day = floor<days>(now);
  switch (period) {
    case Period::kAll: return std::nullopt;
    case Period::kDay: return day;
    case Period::kWeek: break;
  }
  return day - (std::chrono::weekday(day) - std::chrono::Monday);
}

aio::Task<Result<Graded>> Attempts::Submit(UserId user,
                                           BankQuestionRef question,
                                           std::string query,
                                           Deadline deadline) {
  auto grade = co_await grader_.Judge(question->runnable, query, deadline);
  if (!grade) {
    co_return Fail(std::move(grade).error());
  }
  const auto now = clock_();
  const store::SubmissionRecord record{.id = NewIdText(),
                                       .user = std::move(user),
                                       .question = question->record.number,
                                       .question_version = question->record.version,
                                       .query = std::move(query),
                                       .rule = grade->rule,
                                       .passed = grade->passed(),
                                       .created_at = now};
  const store::SubmissionPoints points{.solved = question->document().points,
                                       .first = kFirstSolverPoints,
                                       .daily = kDailyPoints,
                                       .day = DayOf(now)};
  auto transaction = table_.Submit(record, points);
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  auto granted = store::AttemptTable::ReadGranted(*written);
  if (!granted) {
    co_return Fail(std::move(granted).error());
  }
  co_return Graded{
      .grade = *std::move(grade), .submission_id = record.id, .points_earned = *granted};
}

aio::Task<Result<std::vector<store::SubmissionRecord>>> Attempts::List(
    UserId user,
    std::optional<std::int64_t> question,
    std::optional<std::string> after,
    std::int64_t limit,
    Deadline deadline) {
  auto statement = table_.SelectSubmissions(user, question, after, limit);
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  co_return store::AttemptTable::ReadSubmissions(*rows);
}

aio::Task<Result<std::map<std::int64_t, store::ProgressRecord>>> Attempts::Progress(
    UserId user, Deadline deadline) {
  auto statement = table_.SelectProgress(user);
  auto records = co_await ReadProgress(database_, std::move(statement), deadline);
  if (!records) {
    co_return Fail(std::move(records).error());
  }
  std::map<std::int64_t, store::ProgressRecord> progress;
  for (store::ProgressRecord& record : *records) {
    progress.emplace(record.question, std::move(record));
  }
  co_return progress;
}

aio::Task<Result<store::ProgressRecord>> Attempts::ProgressWith(UserId user,
                                                                std::int64_t question,
                                                                Deadline deadline) {
  auto statement = table_.SelectProgressWith(user, question);
  auto records = co_await ReadProgress(database_, std::move(statement), deadline);
  if (!records) {
    co_return Fail(std::move(records).error());
  }
  if (records->empty()) {
    co_return store::ProgressRecord{.question = question};
  }
  co_return std::move(records->front());
}

aio::Task<Result<void>> Attempts::OpenHint(UserId user,
                                           std::int64_t question,
                                           std::int64_t hint,
                                           Deadline deadline) {
  store::Transaction transaction{table_.OpenHint(user, question, hint)};
  auto written = co_await Write(std::move(transaction), deadline);
  co_return written;
}

aio::Task<Result<void>> Attempts::GiveUp(UserId user, std::int64_t question, Deadline deadline) {
  store::Transaction transaction{table_.GiveUp(user, question, clock_())};
  auto written = co_await Write(std::move(transaction), deadline);
  co_return written;
}

aio::Task<Result<std::map<std::int64_t, store::PassCount>>> Attempts::PassCounts(
    Deadline deadline) {
  const auto now = std::chrono::steady_clock::now();
  if (counted_at_ && now - *counted_at_ < kPassCountsFreshFor) {
    co_return pass_counts_;
  }
  auto statement = table_.SelectPassCounts();
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  auto counts = store::AttemptTable::ReadPassCounts(*rows);
  if (counts) {
    pass_counts_ = *counts;
    counted_at_ = now;
  }
  co_return counts;
}

aio::Task<Result<Statistics>> Attempts::StatisticsOf(std::int64_t question, Deadline deadline) {
  auto totals_statement = table_.SelectTotals(question);
  auto totals_rows = co_await database_.Read(std::move(totals_statement), deadline);
  if (!totals_rows) {
    co_return Fail(std::move(totals_rows).error());
  }
  auto rules_statement = table_.SelectRules(question);
  auto rules_rows = co_await database_.Read(std::move(rules_statement), deadline);
  if (!rules_rows) {
    co_return Fail(std::move(rules_rows).error());
  }
  auto wrong_statement = table_.SelectWrong(question, kRecentWrongMax);
  auto wrong_rows = co_await database_.Read(std::move(wrong_statement), deadline);
  if (!wrong_rows) {
    co_return Fail(std::move(wrong_rows).error());
  }
  auto totals = store::AttemptTable::ReadTotals(*totals_rows);
  auto rules = store::AttemptTable::ReadRules(*rules_rows);
  auto wrong = store::AttemptTable::ReadWrong(*wrong_rows);
  if (!totals || !rules || !wrong) {
    co_return Fail(Code::kInternal, "submissions: the rows are of another form");
  }
  co_return Statistics{
      .totals = *totals, .rules = *std::move(rules), .recent_wrong = *std::move(wrong)};
}

aio::Task<Result<std::vector<store::LeaderboardRow>>> Attempts::Leaderboard(
    store::LeaderboardQuery query, Period period, Deadline deadline) {
  query.since = BeginOf(period, clock_());
  auto statement = points_.SelectLeaderboard(query);
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  co_return store::PointTable::ReadLeaderboard(*rows);
}

aio::Task<Result<std::int64_t>> Attempts::PointsOf(UserId user, Deadline deadline) {
  auto statement = points_.SelectSum(user);
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  co_return store::PointTable::ReadSum(*rows);
}

aio::Task<Result<std::vector<store::MemberProgress>>> Attempts::OfClass(ClassId id,
                                                                        Deadline deadline) {
  auto statement = table_.SelectClassProgress(id, kClassRowsMax);
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  co_return store::AttemptTable::ReadClassProgress(*rows);
}

aio::Task<Result<void>> Attempts::Reset(identity::AuditContext context,
                                        store::MemberRecord member,
                                        std::optional<std::int64_t> question,
                                        Deadline deadline) {
  auto transaction = table_.Reset(member.id, question);
  const std::string which = question ? fmt::format("{}", *question) : std::string("all");
  transaction.push_back(audit_.Entry(
      context, identity::AuditAction::kProgressReset,
      {.kind = identity::SubjectKind::kUser, .id = member.id.value(), .name = member.display_name},
      {{"question", which}}));
  auto written = co_await Write(std::move(transaction), deadline);
  co_return written;
}

aio::Task<Result<void>> Attempts::Write(store::Transaction transaction, Deadline deadline) {
  auto written = co_await database_.Write(std::move(transaction), deadline);
  co_return store::WithoutRows(std::move(written));
}

}  // namespace paddock::questions
