// LocalQuestions on the bank of questions/testing/questions_fixture.h.
#include "playground/local_questions.h"

#include "questions/testing/questions_fixture.h"
#include "stores/sqlite/testing/sqlite_host.h"

namespace paddock::questions::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Stores,
                         QuestionsTest,
                         ::testing::Values(stores::sqlite::testing::SqliteUnderTest()),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(QuestionsTest, PagesAreSlicesOfTheListById) {
  constexpr int kCount = 12;
  std::vector<std::int64_t> all;
  all.reserve(kCount);
  for (int i = 0; i < kCount; ++i) {
    all.push_back(AddQuestion(fmt::format("q{}", i))->record.number);
  }
  playground::LocalQuestions questions(services_->bank);
  const auto page = [&](std::int64_t limit, std::int64_t offset) {
    std::vector<std::int64_t> ids;
    const playground::Cursor cursor{.limit = limit, .offset = offset};
    for (const auto& question : Await(questions.ListQuestions(cursor, Soon())).value()) {
      ids.push_back(question.id);
    }
    return ids;
  };
  EXPECT_EQ(page(100, 0), all);
  EXPECT_EQ(page(5, 0), std::vector(all.begin(), all.begin() + 5));
  EXPECT_EQ(page(5, 10), std::vector(all.begin() + 10, all.end()));
  EXPECT_TRUE(page(5, kCount).empty());
  EXPECT_EQ(page(0, 0).size(), 1U);
}

TEST_P(QuestionsTest, WhatNotEverybodySeesDoesNotExist) {
  const auto open = AddQuestion("open", "video: https://example.org/v\n")->record.number;
  const auto closed = AddQuestion("closed", "visibility: accounts\n")->record.number;
  playground::LocalQuestions questions(services_->bank);
  EXPECT_EQ(Await(questions.GetQuestion(open, Soon()))->type, "Basics");
  EXPECT_EQ(Await(questions.GetQuestionAnswer(open, Soon()))->answer, "SELECT * FROM users;");
  EXPECT_EQ(Await(questions.GetQuestionSolution(open, Soon())).value(), "https://example.org/v");
  for (const auto number : {closed, std::int64_t{99'999}}) {
    EXPECT_EQ(CodeOf(Await(questions.GetQuestion(number, Soon()))), Code::kNotFound);
    EXPECT_EQ(CodeOf(Await(questions.GetQuestionAnswer(number, Soon()))), Code::kNotFound);
    EXPECT_EQ(CodeOf(Await(questions.GetQuestionSolution(number, Soon()))), Code::kNotFound);
  }
  EXPECT_EQ(Await(questions.ListQuestions({}, Soon()))->size(), 1U);
}

TEST_P(QuestionsTest, ASchemaGivesItsVisibleScript) {
  playground::LocalQuestions questions(services_->bank);
  EXPECT_EQ(Await(questions.GetSchema("users", Soon()))->id, "users");
  const auto script = Await(questions.GetSchemaInitialSql("users", Soon())).value();
  EXPECT_NE(script.find("'Jane'"), std::string::npos);
  EXPECT_EQ(script.find("'Jim'"), std::string::npos);
  EXPECT_EQ(CodeOf(Await(questions.GetSchema("nowhere", Soon()))), Code::kNotFound);
}

}  // namespace
}  // namespace paddock::questions::testing
