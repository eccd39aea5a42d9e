// What is written into the bank, on every store: see testing/questions_fixture.h.
#include "questions/authoring.h"

#include "questions/testing/questions_fixture.h"

namespace paddock::questions::testing {
namespace {

TEST_P(QuestionsTest, AQuestionGetsANumberAndKeepsIt) {
  const auto first = AddQuestion("one");
  const auto second = AddQuestion("two");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->record.number, store::kFirstFreeNumber);
  EXPECT_EQ(second->record.number, store::kFirstFreeNumber + 1);
  EXPECT_EQ(AddQuestion("three", "number: 7\n")->record.number, 7);
  auto changed = Await(services_->authoring.ChangeQuestion(
      By(author_), first, UsersQuestion("renamed"), first->record.version, Soon()));
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ((*changed)->record.number, first->record.number);
  EXPECT_EQ((*changed)->record.version, 2);
}

TEST_P(QuestionsTest, ASlugAndANumberAreTakenOnce) {
  static_cast<void>(AddQuestion("one", "number: 7\n"));
  for (const auto& document : {UsersQuestion("one"), UsersQuestion("two", "number: 7\n")}) {
    auto again = Await(services_->authoring.CreateQuestion(By(author_), document, "", Soon()));
    EXPECT_EQ(CodeOf(again), Code::kConflict);
  }
}

TEST_P(QuestionsTest, WhoChangesAnOldVersionIsToldSo) {
  const auto question = AddQuestion("one");
  const auto version = question->record.version;
  ASSERT_TRUE(Await(services_->authoring.ChangeQuestion(By(author_), question, UsersQuestion("one"),
                                                        version, Soon())));
  auto late = Await(services_->authoring.ChangeQuestion(By(author_), question, UsersQuestion("one"),
                                                        version, Soon()));
  EXPECT_EQ(CodeOf(late), Code::kConflict);
}

TEST_P(QuestionsTest, WhatDoesNotHoldIsRefusedWithTheReason) {
  auto document = UsersQuestion("one");
  document.replace(document.find("FROM users"), 10, "FROM usres");
  auto refused = Await(services_->authoring.CreateQuestion(By(author_), document, "", Soon()));
  ASSERT_EQ(CodeOf(refused), Code::kInvalid);
  EXPECT_NE(refused.error().message.find("references[0]"), std::string::npos);
  EXPECT_NE(refused.error().message.find("usres"), std::string::npos);
  auto nowhere = Await(
      services_->authoring.Check("id: x\nschema: nowhere\n" + document.substr(24), "", Soon()));
  ASSERT_TRUE(nowhere);
  EXPECT_FALSE(nowhere->problems.empty());
}

TEST_P(QuestionsTest, AFunctionThatTheGrammarLacksIsNotPromised) {
  const auto checked = Await(services_->authoring.Check(
      UsersQuestion("one", "shims: [YEAR, LEFT]\ncheck: ['SELECT 1 FROM nowhere']\n"), "", Soon()));
  ASSERT_TRUE(checked);
  ASSERT_FALSE(checked->problems.empty());
  const yaml::Problem& problem = checked->problems.front();
  EXPECT_EQ(problem.field, "shims");
  EXPECT_EQ(problem.line, 8);
  EXPECT_NE(problem.message.find("has no LEFT( and RIGHT( in its grammar: run this question on "
                                 "MariaDB, or use substr"),
            std::string::npos)
      << problem.message;
}

TEST_P(QuestionsTest, AChangedSchemaMustLeaveItsQuestionsSound) {
  static_cast<void>(AddQuestion("one"));
  const auto catalogue = Await(services_->bank.Get(Soon()));
  ASSERT_TRUE(catalogue);
  const auto schema = (*catalogue)->schemas.at("users");
  std::string document(kUsersSchema);
  document.replace(document.find("TABLE users"), 11, "TABLE people");
  auto refused = Await(services_->authoring.ChangeSchema(By(author_), schema, document,
                                                         schema->record.version, Soon()));
  EXPECT_EQ(CodeOf(refused), Code::kInvalid);
  document = std::string(kUsersSchema);
  document.replace(document.find("'Jane'"), 6, "'Janet'");
  auto changed = Await(services_->authoring.ChangeSchema(By(author_), schema, document,
                                                         schema->record.version, Soon()));
  ASSERT_TRUE(changed) << changed.error().message;
  // The questions run on the new one.
  const auto after = Await(services_->bank.Get(Soon()));
  ASSERT_TRUE(after);
  const auto question = (*after)->FindSlug("one");
  ASSERT_NE(question, nullptr);
  EXPECT_NE(question->runnable->datasets.at(0)->script.find("Janet"), std::string::npos);
}

TEST_P(QuestionsTest, AUsedSchemaStaysAndADeletedQuestionKeepsItsNumber) {
  const auto question = AddQuestion("one");
  auto schema_of = [&] { return (*Await(services_->bank.Get(Soon())))->schemas.at("users"); };
  auto kept = Await(services_->authoring.DeleteSchema(By(author_), schema_of(), Soon()));
  EXPECT_EQ(CodeOf(kept), Code::kConflict);
  ASSERT_TRUE(Await(services_->authoring.DeleteQuestion(By(author_), question, Soon())));
  const auto gone = Await(services_->bank.Get(Soon()));
  EXPECT_EQ((*gone)->Find(question->record.number, {.may_author = true}), nullptr);
  EXPECT_TRUE((*gone)->deleted_questions.contains("one"));
  EXPECT_EQ(AddQuestion("one")->record.number, question->record.number);
  ASSERT_TRUE(Await(services_->authoring.DeleteQuestion(By(author_), AddQuestion("two"), Soon())));
}

TEST_P(QuestionsTest, WhatAnotherProcessWroteIsSeen) {
  static_cast<void>(AddQuestion("one"));
  Bank other(database(), kNameSpace);
  ASSERT_EQ(Await(other.Get(Soon())).value()->questions.size(), 1U);
  static_cast<void>(AddQuestion("two"));
  EXPECT_EQ(Await(other.Get(Soon())).value()->questions.size(), 1U) << "fresh enough";
  other.Expire();
  EXPECT_EQ(Await(other.Get(Soon())).value()->questions.size(), 2U);
}

TEST_P(QuestionsTest, EveryChangeByHandIsAudited) {
  const auto question = AddQuestion("one");
  ASSERT_TRUE(Await(services_->authoring.DeleteQuestion(By(author_), question, Soon())));
  const auto rows = Await(audit_->List({}, Soon()));
  ASSERT_TRUE(rows);
  std::vector<std::string> actions;
  for (const auto& row : *rows) {
    actions.insert(actions.begin(), row.entry.action);
  }
  EXPECT_EQ(actions,
            (std::vector<std::string>{"schema.made", "question.made", "question.deleted"}));
}

}  // namespace
}  // namespace paddock::questions::testing
