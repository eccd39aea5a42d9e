// tests/grading/cases.yaml: what an answer is graded as, case by case.
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "base/check.h"
#include "questions/grading.h"
#include "questions/testing/sqlite_runner.h"
#include "yaml/document.h"

namespace paddock::questions {
namespace {

struct Case {
  std::string name;
  std::string answer;
  std::string rule;
  Grader::Question question;
};

std::string TextOf(const yaml::Node& node, std::string_view key) {
  const yaml::Node* value = node.Find(key);
  return value == nullptr ? std::string() : value->scalar;
}

/// The question of a case, read as everybody's documents are.
Grader::Question QuestionOf(const yaml::Node& node, const std::string& schema) {
  std::string document =
      "id: q\ntitle: T\ndescription: D\ndifficulty: easy\ncategory: C\nreferences:\n  - |-\n    " +
      TextOf(node, "reference") + "\n";
  if (const auto check = TextOf(node, "check"); !check.empty()) {
    document += "check:\n  - |-\n    " + check + "\n";
  }
  if (const yaml::Node* compare = node.Find("compare")) {
    document += "compare:\n";
    for (const yaml::Entry& entry : compare->entries) {
      document += fmt::format("  {}: {}\n", entry.key, entry.value.scalar);
    }
  }
  yaml::Problems problems("case");
  RunnableQuestion question{.document = ParseQuestion(document, problems),
                            .datasets = {challenges::MakeSchema(sql::Dialect::kSqlite, schema)}};
  PADDOCK_CHECK(problems.empty());
  return std::make_shared<const RunnableQuestion>(std::move(question));
}

std::vector<Case> ReadCases() {
  std::ifstream file(PADDOCK_GRADING_CASES);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto document = yaml::Parse(text, "cases.yaml");
  if (!document) {
    fmt::print(stderr, "{}\n", document.error().message);
  }
  PADDOCK_CHECK(document.has_value());
  const std::string schema = TextOf(*document, "schema");
  std::vector<Case> cases;
  for (const yaml::Node& node : document->Find("cases")->items) {
    cases.push_back({.name = TextOf(node, "name"),
                     .answer = TextOf(node, "answer"),
                     .rule = TextOf(node, "rule"),
                     .question = QuestionOf(node, schema)});
  }
  return cases;
}

TEST(GradingCases, EachIsGradedAsItSays) {
  const auto cases = ReadCases();
  EXPECT_GE(cases.size(), 30U);
  testing::SqliteRunner runner;
  Grader grader(runner);
  boost::asio::io_context loop;
  for (const Case& one : cases) {
    auto grade = aio::testing::RunOn(
        loop, grader.Judge(one.question, one.answer, Deadline::After(std::chrono::seconds(20))));
    const std::string rule = grade ? grade->rule : std::string(Name(grade.error().code));
    EXPECT_EQ(rule, one.rule) << one.name;
  }
}

}  // namespace
}  // namespace paddock::questions
