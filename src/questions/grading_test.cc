#include "questions/grading.h"

#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "questions/testing/sqlite_runner.h"
#include "questions/validation.h"

namespace paddock::questions {
namespace {

constexpr std::string_view kUsers =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);"
    "INSERT INTO users (id, name) VALUES (1, 'John'), (2, 'Jane');";

class GradingTest : public ::testing::Test {
 protected:
  /// A question of the schema of users; `edit` changes it.
  static QuestionDocument Document(std::string reference) {
    QuestionDocument document;
    document.id = "q";
    document.references = {std::move(reference)};
    return document;
  }
  static Grader::Question Of(QuestionDocument document, std::vector<std::string> hidden = {}) {
    RunnableQuestion question{.document = std::move(document), .datasets = {}};
    question.datasets.push_back(challenges::MakeSchema(sql::Dialect::kSqlite, std::string(kUsers)));
    for (const std::string& more : hidden) {
      question.datasets.push_back(
          challenges::MakeSchema(sql::Dialect::kSqlite, std::string(kUsers) + more));
    }
    return std::make_shared<const RunnableQuestion>(std::move(question));
  }
  Result<Grade> Judge(Grader::Question question, std::string query) {
    const auto soon = Deadline::After(std::chrono::seconds(20));
    return aio::testing::RunOn(loop_, grader_.Judge(std::move(question), std::move(query), soon));
  }
  std::string RuleOf(Grader::Question question, std::string query) {
    auto grade = Judge(std::move(question), std::move(query));
    return grade ? grade->rule : grade.error().message;
  }
  std::vector<std::string> Validate(Grader::Question question) {
    yaml::Problems problems("q");
    const auto soon = Deadline::After(std::chrono::seconds(20));
    auto preview =
        aio::testing::RunOn(loop_, ValidateQuestion(grader_, std::move(question), problems, soon));
    EXPECT_TRUE(preview);
    std::vector<std::string> fields;
    for (const yaml::Problem& problem : problems.list()) {
      fields.push_back(problem.field);
    }
    return fields;
  }

  boost::asio::io_context loop_;
  testing::SqliteRunner runner_;
  Grader grader_{runner_};
};

TEST_F(GradingTest, TheSameRowsPass) {
  const auto question = Of(Document("SELECT * FROM users;"));
  EXPECT_EQ(RuleOf(question, "SELECT * FROM users;"), "same");
  EXPECT_EQ(RuleOf(question, "SELECT id, name FROM users ORDER BY id DESC"), "same");
}

TEST_F(GradingTest, AWrongAnswerSaysWhichRuleFailed) {
  const auto question = Of(Document("SELECT * FROM users"));
  EXPECT_EQ(RuleOf(question, "SELECT id FROM users;"), "column_count");
  EXPECT_EQ(RuleOf(question, "SELECT * FROM users WHERE id = 1"), "row_count");
  EXPECT_EQ(RuleOf(question, "DELETE FROM users"), "no_result");
  const auto failed = Judge(question, "SELECT * FROM nonexistent_table;");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->rule, "error");
  EXPECT_NE(failed->outcome->error->message.find("nonexistent_table"), std::string::npos);
}

TEST_F(GradingTest, EmptyResultsAreTheSame) {
  EXPECT_EQ(
      RuleOf(Of(Document("SELECT id FROM users WHERE 0")), "SELECT id FROM users WHERE id > 9"),
      "same");
}

TEST_F(GradingTest, TheReferencesOrderByDecidesWhetherOrderMatters) {
  const auto ordered = Of(Document("SELECT name FROM users ORDER BY name"));
  EXPECT_EQ(RuleOf(ordered, "SELECT name FROM users ORDER BY name DESC"), "row_order");
  // In what it is ordered by both rows are equal.
  const auto tied = Of(Document("SELECT name, 1 AS one FROM users ORDER BY one"));
  EXPECT_EQ(RuleOf(tied, "SELECT name, 1 AS one FROM users ORDER BY name DESC"), "same");
  const auto by_id = Of(Document("SELECT name FROM users ORDER BY id"));
  EXPECT_EQ(RuleOf(by_id, "SELECT name FROM users ORDER BY id DESC"), "row_order");
}

TEST_F(GradingTest, AReferenceThatDoesNotRunGradesNobody) {
  const auto grade = Judge(Of(Document("SELECT * FROM invalid_table")), "SELECT 1");
  ASSERT_FALSE(grade);
  EXPECT_EQ(grade.error().code, Code::kUnavailable);
}

TEST_F(GradingTest, AFaultOfTheRunnerIsNoVerdict) {
  runner_.failure = Error{.code = Code::kExhausted, .message = "no worker"};
  const auto grade = Judge(Of(Document("SELECT 1")), "SELECT 1");
  ASSERT_FALSE(grade);
  EXPECT_EQ(grade.error().code, Code::kExhausted);
}

TEST_F(GradingTest, AHiddenDatasetFindsWhatHappensToBeRight) {
  const auto question =
      Of(Document("SELECT COUNT(*) FROM users"), {"INSERT INTO users VALUES (3, 'Jim');"});
  EXPECT_EQ(RuleOf(question, "SELECT COUNT(*) FROM users"), "same");
  const auto grade = Judge(question, "SELECT 2 AS \"COUNT(*)\"");
  ASSERT_TRUE(grade);
  EXPECT_EQ(grade->rule, "hidden_dataset");
  EXPECT_TRUE(grade->verdict.same()) << "nothing of it is in the verdict";
  EXPECT_EQ(grade->outcome->results.at(0).rows.At(0, 0).text, "2");
}

TEST_F(GradingTest, AKnownMistakeGetsItsOwnWords) {
  auto document = Document("SELECT name FROM users WHERE id = 2");
  document.wrong = {
      {.query = "SELECT name FROM users WHERE id = 1", .feedback = {.english = "The other one."}}};
  const auto question = Of(std::move(document), {"INSERT INTO users VALUES (3, 'Jim');"});
  const auto grade = Judge(question, "SELECT name FROM users ORDER BY id LIMIT 1");
  ASSERT_TRUE(grade);
  EXPECT_EQ(grade->rule, "known_wrong");
  EXPECT_EQ(grade->feedback.english, "The other one.");
  EXPECT_EQ(RuleOf(question, "SELECT name FROM users WHERE id = 3"), "row_count");
}

TEST_F(GradingTest, ATaskThatChangesDataIsGradedByWhatItLeaves) {
  auto document = Document("UPDATE users SET name = 'X' WHERE id = 1");
  document.checks = {"SELECT id, name FROM users"};
  const auto question = Of(std::move(document));
  EXPECT_EQ(RuleOf(question, "UPDATE users SET name = 'X' WHERE name = 'John'"), "same");
  EXPECT_EQ(RuleOf(question, "UPDATE users SET name = 'X'"), "state");
  EXPECT_EQ(RuleOf(question, "SELECT 1"), "state");
}

TEST_F(GradingTest, ValidationRefusesWhatCannotGrade) {
  using FieldNames = std::vector<std::string>;
  EXPECT_EQ(Validate(Of(Document("SELECT id FROM users"))), FieldNames());
  EXPECT_EQ(Validate(Of(Document("SELECT id FROM nowhere"))), FieldNames{"references[0]"});
  EXPECT_EQ(Validate(Of(Document("SELECT random()"))), FieldNames{"references[0]"});
  EXPECT_EQ(Validate(Of(Document("UPDATE users SET id = 5 WHERE id = 1"))),
            FieldNames{"references[0]"});
  auto two = Document("SELECT id FROM users");
  two.references.emplace_back("SELECT id FROM users WHERE id < 3");
  EXPECT_EQ(Validate(Of(two)), FieldNames());
  EXPECT_EQ(Validate(Of(two, {"INSERT INTO users VALUES (3, 'Jim');"})),
            FieldNames{"references[1]"});
  auto wrong = Document("SELECT id FROM users");
  wrong.wrong = {{.query = "SELECT id FROM users WHERE id < 3", .feedback = {}}};
  EXPECT_EQ(Validate(Of(wrong)), FieldNames{"wrong[0]"});
  EXPECT_EQ(Validate(Of(wrong, {"INSERT INTO users VALUES (3, 'Jim');"})), FieldNames());
}

TEST_F(GradingTest, AReferenceThatIsCutShortIsRefused) {
  EXPECT_EQ(Validate(Of(Document("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                                 "WHERE i < 20000) SELECT i FROM n"))),
            std::vector<std::string>{"references[0]"});
}

}  // namespace
}  // namespace paddock::questions
