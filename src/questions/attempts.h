// Attempts: what learners do with questions, and what they get for it.
//
// Points (docs/questions.md): a question's own, once, for solving it; kFirstSolverPoints more for
// who solves it before all others; kDailyPoints for the first submission of a day (UTC), right or
// wrong. Who gave a question up gets nothing for it. The store's keys see to "once".
//
// Whoever calls has asked that the reader may see the question. Threading: loop thread only.
// Ownership: what it refers to outlives it and its pending calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/audit_log.h"
#include "questions/bank.h"
#include "questions/grading.h"
#include "store/attempts.h"
#include "store/classes.h"
#include "store/points.h"

namespace paddock::questions {

inline constexpr std::int64_t kFirstSolverPoints = 5;
inline constexpr std::int64_t kDailyPoints = 2;
inline constexpr std::int64_t kRecentWrongMax = 20;
inline constexpr std::int64_t kClassRowsMax = 100'000;

struct Graded {
  Grade grade;
  std::string submission_id;
  std::int64_t points_earned = 0;
};

struct Statistics {
  store::QuestionTotals totals;
  std::vector<store::RuleCount> rules;
  std::vector<store::WrongAnswer> recent_wrong;
};

enum class Period : std::uint8_t { kAll, kWeek, kDay };

/// The beginning of the period that `now` is in: a week begins on Monday, a day at midnight, UTC.
[[nodiscard]] std::optional<store::SystemTime> BeginOf(Period period, store::SystemTime now);

class Attempts {
 public:
  using Clock = std::function<store::SystemTime()>;
  static constexpr std::chrono::seconds kPassCountsFreshFor{5};

  Attempts(store::Database& database,
           std::string name_space,
           Grader& grader,
           identity::AuditLog& audit,
           Clock clock = &std::chrono::system_clock::now)
      : database_(database),
        table_(name_space),
        points_(std::move(name_space)),
        grader_(grader),
        audit_(audit),
        clock_(std::move(clock)) {}

  // All fail like store::Database, besides what each says.

  /// Grades and remembers. Fails like Grader::Judge, and then nothing is remembered.
  [[nodiscard]] aio::Task<Result<Graded>> Submit(UserId user,
                                                 BankQuestionRef question,
                                                 std::string query,
                                                 Deadline deadline);

  [[nodiscard]] aio::Task<Result<std::vector<store::SubmissionRecord>>> List(
      UserId user,
      std::optional<std::int64_t> question,
      std::optional<std::string> after,
      std::int64_t limit,
      Deadline deadline);

  /// Where a user is, by question.
  [[nodiscard]] aio::Task<Result<std::map<std::int64_t, store::ProgressRecord>>> Progress(
      UserId user, Deadline deadline);
  /// The same of one question, with the last query; empty when nothing was done.
  [[nodiscard]] aio::Task<Result<store::ProgressRecord>> ProgressWith(UserId user,
                                                                      std::int64_t question,
                                                                      Deadline deadline);

  [[nodiscard]] aio::Task<Result<void>> OpenHint(UserId user,
                                                 std::int64_t question,
                                                 std::int64_t hint,
                                                 Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> GiveUp(UserId user,
                                               std::int64_t question,
                                               Deadline deadline);

  /// Of all questions, as it was within kPassCountsFreshFor.
  [[nodiscard]] aio::Task<Result<std::map<std::int64_t, store::PassCount>>> PassCounts(
      Deadline deadline);
  [[nodiscard]] aio::Task<Result<Statistics>> StatisticsOf(std::int64_t question,
                                                           Deadline deadline);

  [[nodiscard]] aio::Task<Result<std::vector<store::LeaderboardRow>>> Leaderboard(
      store::LeaderboardQuery query, Period period, Deadline deadline);
  [[nodiscard]] aio::Task<Result<std::int64_t>> PointsOf(UserId user, Deadline deadline);

  [[nodiscard]] aio::Task<Result<std::vector<store::MemberProgress>>> OfClass(ClassId id,
                                                                              Deadline deadline);
  /// Of one question or all; audited.
  [[nodiscard]] aio::Task<Result<void>> Reset(identity::AuditContext context,
                                              store::MemberRecord member,
                                              std::optional<std::int64_t> question,
                                              Deadline deadline);

 private:
  [[nodiscard]] aio::Task<Result<void>> Write(store::Transaction transaction, Deadline deadline);

  store::Database& database_;
  store::AttemptTable table_;
  store::PointTable points_;
  Grader& grader_;
  identity::AuditLog& audit_;
  Clock clock_;
  std::map<std::int64_t, store::PassCount> pass_counts_;
  std::optional<std::chrono::steady_clock::time_point> counted_at_ = std::nullopt;
};

}  // namespace paddock::questions
