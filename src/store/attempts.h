// The tables of what learners do with questions: submissions, progress and the ledger of points.
//
// AttemptTable makes the statements and reads their rows; questions/ sends them. A submission is
// one transaction: itself, the learner's progress, and the points for it. Nothing is granted twice,
// because the ledger's key says so: two submissions at once wait for each other there.
//
// Threading: pure functions and plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

struct SubmissionRecord {
  std::string id;
  UserId user;
  std::int64_t question = 0;
  std::int64_t question_version = 1;
  std::string query;
  std::string rule;
  bool passed = false;
  SystemTime created_at;
};

/// What a submission may earn. Whoever gave the question up earns only `daily`.
struct SubmissionPoints {
  std::int64_t solved = 0;
  std::int64_t first = 0;  // for who solves it before all others
  std::int64_t daily = 0;  // for the first submission of a day, right or wrong
  std::string day;         // "2026-11-26"
};

struct ProgressRecord {
  std::int64_t question = 0;
  std::int64_t submission_count = 0;
  bool passed = false;
  bool gave_up = false;
  std::int64_t hints_opened = 0;
  std::optional<std::string> last_query = std::nullopt;
};

/// How many users tried a question, and how many of them solved it.
struct PassCount {
  std::int64_t attempted = 0;
  std::int64_t passed = 0;
};

struct QuestionTotals {
  std::int64_t submissions = 0;
  std::int64_t correct = 0;
  std::int64_t attempted_users = 0;
  std::int64_t passed_users = 0;
};
struct RuleCount {
  std::string rule;
  std::int64_t count = 0;
};
struct WrongAnswer {
  std::string query;
  std::string rule;
  std::int64_t count = 0;
};

struct MemberProgress {
  UserId user;
  std::string name;
  std::optional<std::int64_t> question = std::nullopt;  // absent: none was tried
  bool passed = false;
  std::int64_t points = 0;  // of the member, in each of their rows
};

class AttemptTable {
 public:
  explicit AttemptTable(std::string name_space) : name_space_(std::move(name_space)) {}

  /// Writes a submission with all that follows from it. The statements from kGrantsBegin on return
  /// the points that they granted.
  [[nodiscard]] Transaction Submit(const SubmissionRecord& record,
                                   const SubmissionPoints& points) const;
  static constexpr std::size_t kGrantsBegin = 2;
  [[nodiscard]] static Result<std::int64_t> ReadGranted(const std::vector<Rows>& written);

  /// Newest first; `after` is the id of the last of the page before.
  [[nodiscard]] Statement SelectSubmissions(const UserId& user,
                                            std::optional<std::int64_t> question,
                                            const std::optional<std::string>& after,
                                            std::int64_t limit) const;
  [[nodiscard]] static Result<std::vector<SubmissionRecord>> ReadSubmissions(const Rows& rows);

  /// Without the queries.
  [[nodiscard]] Statement SelectProgress(const UserId& user) const;
  [[nodiscard]] Statement SelectProgressWith(const UserId& user, std::int64_t question) const;
  [[nodiscard]] static Result<std::vector<ProgressRecord>> ReadProgress(const Rows& rows);

  [[nodiscard]] Statement OpenHint(const UserId& user,
                                   std::int64_t question,
                                   std::int64_t hint) const;
  /// Of a solved question nothing changes.
  [[nodiscard]] Statement GiveUp(const UserId& user, std::int64_t question, SystemTime now) const;

  /// By question.
  [[nodiscard]] Statement SelectPassCounts() const;
  [[nodiscard]] static Result<std::map<std::int64_t, PassCount>> ReadPassCounts(const Rows& rows);

  [[nodiscard]] Statement SelectTotals(std::int64_t question) const;
  [[nodiscard]] static Result<QuestionTotals> ReadTotals(const Rows& rows);
  /// Of submissions that did not pass.
  [[nodiscard]] Statement SelectRules(std::int64_t question) const;
  [[nodiscard]] static Result<std::vector<RuleCount>> ReadRules(const Rows& rows);
  [[nodiscard]] Statement SelectWrong(std::int64_t question, std::int64_t limit) const;
  [[nodiscard]] static Result<std::vector<WrongAnswer>> ReadWrong(const Rows& rows);

  /// A row for each member and question that they tried, and one for who tried none.
  [[nodiscard]] Statement SelectClassProgress(const ClassId& id, std::int64_t limit) const;
  [[nodiscard]] static Result<std::vector<MemberProgress>> ReadClassProgress(const Rows& rows);

  /// Takes back that `user` solved a question, or all, and the points for it. Submissions stay, and
  /// so does who was the first.
  [[nodiscard]] Transaction Reset(const UserId& user, std::optional<std::int64_t> question) const;

  /// Hands over all that a guest has done. What both have solved counts once.
  [[nodiscard]] Transaction MoveAll(const UserId& from, const UserId& to) const;
  /// Forgets what a user did who is deleted.
  [[nodiscard]] Transaction DeleteAll(const UserId& user) const;

 private:
  [[nodiscard]] Statement Grant(const SubmissionRecord& record,
                                std::string kind,
                                std::string subject,
                                std::int64_t points) const;

  std::string name_space_;
};

}  // namespace paddock::store
