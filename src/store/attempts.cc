#include "store/attempts.h"

#include <utility>

#include <fmt/format.h>

#include "store/records.h"

namespace paddock::store {
namespace {

constexpr std::string_view kSolved = "solved";
constexpr std::string_view kFirst = "first";
constexpr std::string_view kDaily = "daily";

std::int64_t ReadNumber(RowReader& reader) { return reader.Integer(); }

SubmissionRecord ReadSubmission(RowReader& reader) {
  SubmissionRecord record{.id = reader.Text(),
                          .user = UserId(reader.Text()),
                          .question = reader.Integer(),
                          .question_version = reader.Integer(),
                          .query = reader.Text(),
                          .rule = reader.Text(),
                          .passed = reader.Truth(),
                          .created_at = reader.Time()};
  return record;
}

ProgressRecord ReadProgressRow(RowReader& reader) {
  ProgressRecord record;
  record.question = reader.Integer();
  record.submission_count = reader.Integer();
  record.passed = reader.OptionalInteger().has_value();
  record.gave_up = reader.OptionalInteger().has_value();
  record.hints_opened = reader.Integer();
  record.last_query = reader.OptionalText();
  return record;
}

std::pair<std::int64_t, PassCount> ReadPassCount(RowReader& reader) {
  const std::int64_t question = reader.Integer();
  PassCount count;
  count.attempted = reader.Integer();
  count.passed = reader.Integer();
  return {question, count};
}

QuestionTotals ReadTotalsRow(RowReader& reader) {
  QuestionTotals totals;
  totals.submissions = reader.Integer();
  totals.correct = reader.Integer();
  totals.attempted_users = reader.Integer();
  totals.passed_users = reader.Integer();
  return totals;
}

RuleCount ReadRule(RowReader& reader) {
  RuleCount count;
  count.rule = reader.Text();
  count.count = reader.Integer();
  return count;
}

WrongAnswer ReadWrongAnswer(RowReader& reader) {
  WrongAnswer answer;
  answer.query = reader.Text();
  answer.rule = reader.Text();
  answer.count = reader.Integer();
  return answer;
}

MemberProgress ReadMemberProgress(RowReader& reader) {
  MemberProgress progress{.user = UserId(reader.Text()),
                          .name = reader.Text(),
                          .question = reader.OptionalInteger(),
                          .passed = reader.OptionalInteger().has_value(),
                          .points = reader.Integer()};
  return progress;
}

}  // namespace

Statement AttemptTable::Grant(const SubmissionRecord& record,
                              std::string kind,
                              std::string subject,
                              std::int64_t points) const {
  return {.sql =
              "INSERT INTO point_grants (namespace, user_id, kind, subject, points, granted_at) "
              "SELECT p.namespace, p.user_id, ?, ?, CAST(? AS BIGINT), CAST(? AS BIGINT) "
              "FROM question_progress p "
              "WHERE p.namespace = ? AND p.user_id = ? AND p.question_number = ? "
              "AND p.gave_up_at IS NULL",
          .values = {std::move(kind), std::move(subject), points, ToValue(record.created_at),
                     name_space_, record.user.value(), record.question}};
}

Transaction AttemptTable::Submit(const SubmissionRecord& record,
                                 const SubmissionPoints& points) const {
  const Value now = ToValue(record.created_at);
  const Value passed_at = record.passed ? now : Value();
  const std::string number = fmt::format("{}", record.question);
  Transaction transaction{
      {.sql = "INSERT INTO submissions (namespace, id, user_id, question_number, "
              "question_version, query, rule, passed, created_at) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
       .values = {name_space_, record.id, record.user.value(), record.question,
                  record.question_version, record.query, record.rule, ToValue(record.passed), now}},
      {.sql = "INSERT INTO question_progress (namespace, user_id, question_number, "
              "submission_count, passed_at, last_query) VALUES (?, ?, ?, 1, ?, ?) "
              "ON CONFLICT (namespace, user_id, question_number) DO UPDATE SET "
              "submission_count = question_progress.submission_count + 1, "
              "passed_at = COALESCE(question_progress.passed_at, excluded.passed_at), "
              "last_query = excluded.last_query",
       .values = {name_space_, record.user.value(), record.question, passed_at, record.query}},
      {.sql = "INSERT INTO point_grants (namespace, user_id, kind, subject, points, granted_at) "
              "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING points",
       .values = {name_space_, record.user.value(), std::string(kDaily), points.day, points.daily,
                  now}}};
  if (!record.passed) {
    return transaction;
  }
  auto solved = Grant(record, std::string(kSolved), number, points.solved);
  solved.sql += " ON CONFLICT DO NOTHING RETURNING points";
  transaction.push_back(std::move(solved));
  transaction.push_back(
      {.sql = "INSERT INTO first_solvers (namespace, question_number, user_id, solved_at) "
              "SELECT p.namespace, p.question_number, p.user_id, CAST(? AS BIGINT) "
              "FROM question_progress p WHERE p.namespace = ? AND p.user_id = ? "
              "AND p.question_number = ? AND p.gave_up_at IS NULL ON CONFLICT DO NOTHING",
       .values = {now, name_space_, record.user.value(), record.question}});
  auto first = Grant(record, std::string(kFirst), number, points.first);
  first.sql +=
      " AND EXISTS (SELECT 1 FROM first_solvers f WHERE f.namespace = p.namespace "
      "AND f.question_number = p.question_number AND f.user_id = p.user_id) "
      "ON CONFLICT DO NOTHING RETURNING points";
  transaction.push_back(std::move(first));
  return transaction;
}

Result<std::int64_t> AttemptTable::ReadGranted(const std::vector<Rows>& written) {
  std::int64_t sum = 0;
  for (std::size_t i = kGrantsBegin; i < written.size(); ++i) {
    auto points = ReadAll<std::int64_t>(written[i], ReadNumber);
    if (!points) {
      return Fail(std::move(points).error().With("point_grants"));
    }
    for (const std::int64_t granted : *points) {
      sum += granted;
    }
  }
  return sum;
}

Statement AttemptTable::SelectSubmissions(const UserId& user,
                                          std::optional<std::int64_t> question,
                                          const std::optional<std::string>& after,
                                          std::int64_t limit) const {
  Statement statement{.sql =
                          "SELECT id, user_id, question_number, question_version, query, rule, "
                          "passed, created_at FROM submissions WHERE namespace = ? AND user_id = ?",
                      .values = {name_space_, user.value()}};
  if (question) {
    statement.sql += " AND question_number = ?";
    statement.values.emplace_back(*question);
  }
  if (after) {
    statement.sql +=
        " AND (created_at, id) < (SELECT a.created_at, a.id FROM submissions a "
        "WHERE a.namespace = ? AND a.user_id = ? AND a.id = ?)";
    statement.values.insert(statement.values.end(), {name_space_, user.value(), *after});
  }
  statement.sql += " ORDER BY created_at DESC, id DESC LIMIT ?";
  statement.values.emplace_back(limit);
  return statement;
}

Result<std::vector<SubmissionRecord>> AttemptTable::ReadSubmissions(const Rows& rows) {
  return ReadAll<SubmissionRecord>(rows, ReadSubmission);
}

Statement AttemptTable::SelectProgress(const UserId& user) const {
  return {.sql =
              "SELECT question_number, submission_count, passed_at, gave_up_at, hints_opened, "
              "NULL FROM question_progress WHERE namespace = ? AND user_id = ? "
              "ORDER BY question_number",
          .values = {name_space_, user.value()}};
}

Statement AttemptTable::SelectProgressWith(const UserId& user, std::int64_t question) const {
  return {.sql =
              "SELECT question_number, submission_count, passed_at, gave_up_at, hints_opened, "
              "last_query FROM question_progress "
              "WHERE namespace = ? AND user_id = ? AND question_number = ?",
          .values = {name_space_, user.value(), question}};
}

Result<std::vector<ProgressRecord>> AttemptTable::ReadProgress(const Rows& rows) {
  return ReadAll<ProgressRecord>(rows, ReadProgressRow);
}

Statement AttemptTable::OpenHint(const UserId& user,
                                 std::int64_t question,
                                 std::int64_t hint) const {
  return {.sql =
              "INSERT INTO question_progress (namespace, user_id, question_number, hints_opened) "
              "VALUES (?, ?, ?, ?) ON CONFLICT (namespace, user_id, question_number) DO UPDATE SET "
              "hints_opened = CASE WHEN excluded.hints_opened > question_progress.hints_opened "
              "THEN excluded.hints_opened ELSE question_progress.hints_opened END",
          .values = {name_space_, user.value(), question, hint}};
}

Statement AttemptTable::GiveUp(const UserId& user, std::int64_t question, SystemTime now) const {
  return {.sql =
              "INSERT INTO question_progress (namespace, user_id, question_number, gave_up_at) "
              "VALUES (?, ?, ?, ?) ON CONFLICT (namespace, user_id, question_number) DO UPDATE SET "
              "gave_up_at = COALESCE(question_progress.gave_up_at, excluded.gave_up_at) "
              "WHERE question_progress.passed_at IS NULL",
          .values = {name_space_, user.value(), question, ToValue(now)}};
}

Statement AttemptTable::SelectPassCounts() const {
  return {.sql =
              "SELECT question_number, CAST(COUNT(*) AS BIGINT), "
              "CAST(SUM(CASE WHEN passed_at IS NULL THEN 0 ELSE 1 END) AS BIGINT) "
              "FROM question_progress WHERE namespace = ? AND submission_count > 0 "
              "GROUP BY question_number",
          .values = {name_space_}};
}

Result<std::map<std::int64_t, PassCount>> AttemptTable::ReadPassCounts(const Rows& rows) {
  auto all = ReadAll<std::pair<std::int64_t, PassCount>>(rows, ReadPassCount);
  if (!all) {
    return Fail(std::move(all).error());
  }
  return std::map<std::int64_t, PassCount>(all->begin(), all->end());
}

Statement AttemptTable::SelectTotals(std::int64_t question) const {
  return {.sql =
              "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(passed), 0) AS BIGINT), "
              "CAST(COUNT(DISTINCT user_id) AS BIGINT), "
              "CAST(COUNT(DISTINCT CASE WHEN passed = 1 THEN user_id END) AS BIGINT) "
              "FROM submissions WHERE namespace = ? AND question_number = ?",
          .values = {name_space_, question}};
}

Result<QuestionTotals> AttemptTable::ReadTotals(const Rows& rows) {
  return ReadOne<QuestionTotals>(rows, ReadTotalsRow, "there are no totals");
}

Statement AttemptTable::SelectRules(std::int64_t question) const {
  return {.sql =
              "SELECT rule, CAST(COUNT(*) AS BIGINT) FROM submissions WHERE namespace = ? "
              "AND question_number = ? AND passed = 0 GROUP BY rule ORDER BY rule",
          .values = {name_space_, question}};
}

Result<std::vector<RuleCount>> AttemptTable::ReadRules(const Rows& rows) {
  return ReadAll<RuleCount>(rows, ReadRule);
}

Statement AttemptTable::SelectWrong(std::int64_t question, std::int64_t limit) const {
  return {.sql =
              "SELECT query, rule, CAST(COUNT(*) AS BIGINT) FROM submissions WHERE namespace = ? "
              "AND question_number = ? AND passed = 0 GROUP BY query, rule "
              "ORDER BY MAX(created_at) DESC, query LIMIT ?",
          .values = {name_space_, question, limit}};
}

Result<std::vector<WrongAnswer>> AttemptTable::ReadWrong(const Rows& rows) {
  return ReadAll<WrongAnswer>(rows, ReadWrongAnswer);
}

Statement AttemptTable::SelectClassProgress(const ClassId& id, std::int64_t limit) const {
  return {.sql =
              "SELECT u.id, u.display_name, p.question_number, p.passed_at, "
              "(SELECT CAST(COALESCE(SUM(g.points), 0) AS BIGINT) FROM point_grants g "
              "WHERE g.namespace = m.namespace AND g.user_id = m.user_id) "
              "FROM class_members m "
              "JOIN users u ON u.namespace = m.namespace AND u.id = m.user_id "
              "LEFT JOIN question_progress p ON p.namespace = m.namespace "
              "AND p.user_id = m.user_id AND p.submission_count > 0 "
              "WHERE m.namespace = ? AND m.class_id = ? "
              "ORDER BY u.display_name, u.id, p.question_number LIMIT ?",
          .values = {name_space_, id.value(), limit}};
}

Result<std::vector<MemberProgress>> AttemptTable::ReadClassProgress(const Rows& rows) {
  return ReadAll<MemberProgress>(rows, ReadMemberProgress);
}

Transaction AttemptTable::Reset(const UserId& user, std::optional<std::int64_t> question) const {
  Transaction transaction{
      {.sql = "DELETE FROM question_progress WHERE namespace = ? AND user_id = ?",
       .values = {name_space_, user.value()}},
      {.sql = "DELETE FROM point_grants WHERE namespace = ? AND user_id = ? AND kind = ?",
       .values = {name_space_, user.value(), std::string(kSolved)}}};
  if (question) {
    transaction[0].sql += " AND question_number = ?";
    transaction[0].values.emplace_back(*question);
    transaction[1].sql += " AND subject = ?";
    transaction[1].values.emplace_back(fmt::format("{}", *question));
  }
  return transaction;
}

Transaction AttemptTable::MoveAll(const UserId& from, const UserId& to) const {
  const auto copy = [&](std::string_view sql) {
    return Statement{.sql = std::string(sql), .values = {to.value(), name_space_, from.value()}};
  };
  Transaction transaction{
      copy("UPDATE submissions SET user_id = ? WHERE namespace = ? AND user_id = ?"),
      copy("INSERT INTO question_progress (namespace, user_id, question_number, submission_count, "
           "passed_at, gave_up_at, hints_opened, last_query) "
           "SELECT namespace, ?, question_number, submission_count, passed_at, gave_up_at, "
           "hints_opened, last_query FROM question_progress g "
           "WHERE g.namespace = ? AND g.user_id = ? "
           "ON CONFLICT (namespace, user_id, question_number) DO UPDATE SET "
           "submission_count = question_progress.submission_count + excluded.submission_count, "
           "passed_at = COALESCE(question_progress.passed_at, excluded.passed_at), "
           "gave_up_at = COALESCE(question_progress.gave_up_at, excluded.gave_up_at), "
           "last_query = COALESCE(excluded.last_query, question_progress.last_query)"),
      copy("UPDATE first_solvers SET user_id = ? WHERE namespace = ? AND user_id = ?"),
      copy("INSERT INTO point_grants (namespace, user_id, kind, subject, points, granted_at) "
           "SELECT namespace, ?, kind, subject, points, granted_at FROM point_grants g "
           "WHERE g.namespace = ? AND g.user_id = ? ON CONFLICT DO NOTHING")};
  for (Statement& statement : DeleteAll(from)) {
    transaction.push_back(std::move(statement));
  }
  return transaction;
}

Transaction AttemptTable::DeleteAll(const UserId& user) const {
  Transaction transaction;
  for (const std::string_view table : {"submissions", "question_progress", "point_grants"}) {
    transaction.push_back(
        {.sql = fmt::format("DELETE FROM {} WHERE namespace = ? AND user_id = ?", table),
         .values = {name_space_, user.value()}});
  }
  return transaction;
}

}  // namespace paddock::store
