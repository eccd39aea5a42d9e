// QuestionClient: importing into a running server, through its API.
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "app/question_client.h"
#include "gateway/routes/testing/people_api_test.h"
#include "oidc/curl/curl_client.h"
#include "questions/seed.h"

namespace paddock::app {
namespace {

using questions::SourceFile;

std::string Question(std::string_view title, std::string_view answer = "SELECT a FROM t") {
  return fmt::format(
      "id: one\ntitle: {}\ndescription: D\ndifficulty: easy\ncategory: C\nreferences: [{}]\n",
      title, answer);
}

class QuestionClientTest : public gateway::PeopleApiTest {
 protected:
  /// What came of each schema and question: "added", "changed", "unchanged" or the reason.
  std::vector<std::string> Put(questions::Sources sources) {
    std::vector<std::string> outcomes;
    outcomes.reserve(sources.schemas.size() + sources.questions.size());
    for (auto& schema : sources.schemas) {
      outcomes.push_back(Name(RunOn(client_.PutSchema(std::move(schema)))));
    }
    for (auto& question : sources.questions) {
      outcomes.push_back(Name(RunOn(client_.PutQuestion(std::move(question)))));
    }
    return outcomes;
  }
  static std::string Name(const Result<PutOutcome>& outcome) {
    if (!outcome) {
      return outcome.error().message;
    }
    switch (*outcome) {
      case PutOutcome::kAdded: return "added";
      case PutOutcome::kChanged: return "changed";
      case PutOutcome::kUnchanged: return "unchanged";
    }
    return {};
  }
  template <class T>
  T RunOn(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  static questions::Sources SourcesOf(std::string question,
                                      std::string sql = "CREATE TABLE t (a);\n") {
    return questions::ReadSources(
        {SourceFile{.path = "s/schema.yaml", .text = "id: s\ntitle: S\nscript: s.sql\n"},
         SourceFile{.path = "s/s.sql", .text = std::move(sql)},
         SourceFile{.path = "s/one.yaml", .text = std::move(question)}});
  }

  using Outcomes = std::vector<std::string>;
  std::string ada_ = SignIn("ada", Role::kAdmin);
  boost::asio::io_context loop_;
  oidc::CurlClient http_{""};
  QuestionClient client_{http_, fmt::format("http://127.0.0.1:{}", port()),
                         NewToken(ada_, R"("manage:class","manage:server","read:question")")};
};

TEST_F(QuestionClientTest, AFolderIsAddedThenUnchangedThenChanged) {
  EXPECT_EQ(Put(SourcesOf(Question("First"))), (Outcomes{"added", "added"}));
  EXPECT_EQ(Put(SourcesOf(Question("First"))), (Outcomes{"unchanged", "unchanged"}));
  EXPECT_EQ(Put(SourcesOf(Question("Second"), "CREATE TABLE t (a, b);\n")),
            (Outcomes{"changed", "changed"}));
  const auto listed = RunOn(client_.List(""));
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().title, "Second");
  EXPECT_EQ(listed->front().slug, "one");
}

TEST_F(QuestionClientTest, WhatDoesNotHoldIsRefusedWithTheReasonAndTheRestGoesOn) {
  const auto outcomes = Put(SourcesOf(Question("First", "SELECT nothing FROM t")));
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0], "added");
  EXPECT_NE(outcomes[1].find("references[0]"), std::string::npos) << outcomes[1];
  EXPECT_NE(outcomes[1].find("nothing"), std::string::npos) << outcomes[1];
}

TEST_F(QuestionClientTest, ASeedOfDatabasePlaygroundGoesIn) {
  const auto seed = questions::ParseSeed(
      {SourceFile{.path = "seed.sql",
                  .text = "INSERT INTO dp_schemas (schema_id, initial_sql) VALUES ('bikes', "
                          "'CREATE TABLE b (id)');\n"
                          "INSERT INTO dp_questions (question_id, schema_id, type, difficulty, "
                          "title, answer) VALUES\n"
                          "(1, 'bikes', 'Basics', 'easy', 'All', 'SELECT id FROM b'),\n"
                          "(16, 'bikes', 'Basics', 'easy', 'Odd', 'SELECT id \\\nFROM b');"}});
  ASSERT_TRUE(seed);
  const auto outcomes = Put(*seed);
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[1], "added");
  EXPECT_NE(outcomes[2].find("unrecognized token"), std::string::npos) << outcomes[2];
}

TEST_F(QuestionClientTest, WhoMayNotIsToldSo) {
  const auto liu = SignIn("liu", Role::kLearner);
  QuestionClient learner(http_, fmt::format("http://127.0.0.1:{}", port()),
                         NewToken(liu, R"("read:question")"));
  auto sources = SourcesOf(Question("First"));
  const auto refused = RunOn(learner.PutSchema(std::move(sources.schemas.front())));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDenied);
}

}  // namespace
}  // namespace paddock::app
