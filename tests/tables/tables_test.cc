// Every case of every table of this folder, as a test of its own: "points.<the case's name>".
#include <cstdio>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "identity/policy.h"
#include "questions/grading.h"
#include "questions/testing/sqlite_runner.h"
#include "story_test.h"
#include "table.h"

namespace paddock::tables {
namespace {

/// A fixture for each way of reading: gtest wants one for all tests of a suite.
class GradingTest : public ::testing::Test {
 public:
  explicit GradingTest(Grading grading) : grading_(std::move(grading)) {}

 private:
  /// Read as everybody's documents are.
  [[nodiscard]] questions::Grader::Question Question() const {
    std::string document =
        "id: q\ntitle: T\ndescription: D\ndifficulty: easy\ncategory: C\nreferences:\n  - |-\n   "
        " " +
        grading_.reference + "\n";
    if (!grading_.check.empty()) {
      document += "check:\n  - |-\n    " + grading_.check + "\n";
    }
    document += grading_.compare.empty() ? "" : "compare:\n";
    for (const auto& [key, value] : grading_.compare) {
      document += fmt::format("  {}: {}\n", key, value);
    }
    yaml::Problems problems("case");
    questions::RunnableQuestion question{
        .document = questions::ParseQuestion(document, problems),
        .datasets = {challenges::MakeSchema(sql::Dialect::kSqlite, grading_.schema)}};
    EXPECT_TRUE(problems.empty()) << problems.Outcome().error().message;
    return std::make_shared<const questions::RunnableQuestion>(std::move(question));
  }
  void TestBody() override {
    questions::testing::SqliteRunner runner;
    questions::Grader grader(runner);
    boost::asio::io_context loop;
    auto grade = aio::testing::RunOn(
        loop, grader.Judge(Question(), grading_.answer, Deadline::After(std::chrono::seconds(20))));
    const std::string rule = grade ? grade->rule : std::string(Name(grade.error().code));
    EXPECT_EQ(rule, grading_.rule);
  }

  Grading grading_;
};

class GrantedTest : public ::testing::Test {
 public:
  explicit GrantedTest(Granted granted) : granted_(std::move(granted)) {}

 private:
  void TestBody() override {
    const identity::Principal principal{.user = NewId<UserId>(),
                                        .role = Role::kAdmin,
                                        .scopes = identity::ParseScopes(granted_.scopes)};
    const bool is_allowed =
        !granted_.needed || identity::RequireScope(principal, *granted_.needed).has_value();
    EXPECT_EQ(is_allowed, granted_.is_allowed);
  }

  Granted granted_;
};

#ifdef __clang_analyzer__  // which takes what gtest owns, in a header of gtest's, for a leak
void Register(const Table& /*table*/) {}
#else
::testing::Test* Make(const Story& story) { return new StoryTest(story); }          // gtest owns it
::testing::Test* Make(const Grading& grading) { return new GradingTest(grading); }  // so too
::testing::Test* Make(const Granted& granted) { return new GrantedTest(granted); }  // and this

void Register(const Table& table) {
  for (const Case& one : table.cases) {
    ::testing::RegisterTest(table.name.c_str(), one.name.c_str(), nullptr, nullptr, __FILE__,
                            __LINE__, [content = one.content]() -> ::testing::Test* {
                              return std::visit([](const auto& kind) { return Make(kind); },
                                                content);
                            });
  }
}
#endif

}  // namespace
}  // namespace paddock::tables

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const auto tables = paddock::tables::ReadTables(PADDOCK_TABLES);
  if (!tables) {
    fmt::print(stderr, "{}\n", tables.error().message);
    return 1;
  }
  for (const auto& table : *tables) {
    paddock::tables::Register(table);
  }
  return RUN_ALL_TESTS();
}
