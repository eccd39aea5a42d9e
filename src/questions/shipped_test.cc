// What is shipped and what people made of it, on every store: see testing/questions_fixture.h.
#include "questions/shipped.h"

#include <set>

#include "aio/task_scope.h"
#include "questions/testing/questions_fixture.h"

namespace paddock::questions::testing {
namespace {

constexpr std::string_view kSchema = "id: shop\ntitle: Shop\nsql: CREATE TABLE t (a)\n";

std::string Question(std::string_view title) {
  return fmt::format(
      "id: one\nnumber: 3\ntitle: {}\ndescription: D\ndifficulty: easy\ncategory: C\n"
      "references: [SELECT 1 AS a]\n",
      title);
}

Sources SourcesOf(std::string question, std::string schema = std::string(kSchema)) {
  return ReadSources({{.path = "shop/schema.yaml", .text = std::move(schema)},
                      {.path = "shop/one.yaml", .text = std::move(question)}});
}

std::string Summary(const Result<ShippedCount>& count) {
  return count ? fmt::format("{} added, {} renewed, {} kept", count->added, count->renewed,
                             count->kept)
               : count.error().message;
}

TEST_P(QuestionsTest, WhatIsShippedIsAddedOnceAndRenewedWhenItIsNewer) {
  const auto put = [&](Sources sources) {
    return Summary(
        Await(PutShipped(database(), kNameSpace, services_->bank, std::move(sources), Soon())));
  };
  EXPECT_EQ(put(SourcesOf(Question("First"))), "2 added, 0 renewed, 0 kept");
  EXPECT_EQ(put(SourcesOf(Question("First"))), "0 added, 0 renewed, 0 kept");
  EXPECT_EQ(put(SourcesOf(Question("Second"), std::string(kSchema) + "description: New\n")),
            "0 added, 2 renewed, 0 kept");
  const auto catalogue = Await(services_->bank.Get(Soon()));
  ASSERT_TRUE(catalogue);
  const auto question = (*catalogue)->questions.at(3);
  EXPECT_EQ(question->document().title.english, "Second");
  EXPECT_EQ(question->record.version, 2);
  EXPECT_FALSE(question->record.author.has_value());
}

TEST_P(QuestionsTest, WhatSomebodyEditedOrDeletedStaysSo) {
  const auto put = [&](Sources sources) {
    return Summary(
        Await(PutShipped(database(), kNameSpace, services_->bank, std::move(sources), Soon())));
  };
  ASSERT_EQ(put(SourcesOf(Question("First"))), "2 added, 0 renewed, 0 kept");
  auto catalogue = Await(services_->bank.Get(Soon()));
  auto edited = Await(services_->authoring.ChangeQuestion(
      By(author_), (*catalogue)->questions.at(3), Question("Mine"), 1, Soon()));
  ASSERT_TRUE(edited) << edited.error().message;
  EXPECT_EQ(put(SourcesOf(Question("Second"))), "0 added, 0 renewed, 1 kept");
  EXPECT_EQ((*Await(services_->bank.Get(Soon())))->questions.at(3)->document().title.english,
            "Mine");
  ASSERT_TRUE(Await(services_->authoring.DeleteQuestion(By(author_), *edited, Soon())));
  EXPECT_EQ(put(SourcesOf(Question("Third"))), "0 added, 0 renewed, 1 kept");
  EXPECT_TRUE((*Await(services_->bank.Get(Soon())))->questions.empty());
}

TEST_P(QuestionsTest, ANumberThatSomebodyUsesIsLeftToThem) {
  static_cast<void>(AddQuestion("mine", "number: 3\n"));
  EXPECT_EQ(Summary(Await(PutShipped(database(), kNameSpace, services_->bank,
                                     SourcesOf(Question("First")), Soon()))),
            "1 added, 0 renewed, 1 kept");
}

// One reader beside the writer, as the question service is: it sees nothing, and then everything.
TEST_P(QuestionsTest, WhatIsShippedIsThereAllAtOnce) {
  Bank reader(database(), kNameSpace);
  const auto sources = ReadSources(ShippedFiles());
  aio::TaskScope scope(loop_.get_executor());
  bool is_written = false;
  auto put = [](store::Database& database, Bank& bank, Sources what,
                bool& done) -> aio::Task<void> {
    auto count = co_await PutShipped(database, kNameSpace, bank, std::move(what), Soon());
    EXPECT_TRUE(count);
    done = true;
  };
  scope.Spawn(put(database(), services_->bank, sources, is_written));
  std::set<std::size_t> seen;
  while (!is_written) {
    reader.Expire();
    const auto catalogue = Await(reader.Get(Soon()));
    ASSERT_TRUE(catalogue) << catalogue.error().message;
    seen.insert((*catalogue)->questions.size());
  }
  loop_.restart();
  while (scope.running_count() > 0) {
    loop_.run_one();
  }
  seen.erase(0);
  seen.erase(sources.questions.size());
  EXPECT_TRUE(seen.empty()) << *seen.begin() << " of " << sources.questions.size();
}

TEST_P(QuestionsTest, AllThatIsShippedGoesIn) {
  const auto sources = ReadSources(ShippedFiles());
  const auto count = Await(PutShipped(database(), kNameSpace, services_->bank, sources, Soon()));
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(static_cast<std::size_t>(count->added),
            sources.schemas.size() + sources.questions.size());
  const auto catalogue = Await(services_->bank.Get(Soon()));
  ASSERT_TRUE(catalogue);
  EXPECT_EQ((*catalogue)->questions.size(), sources.questions.size());
}

}  // namespace
}  // namespace paddock::questions::testing
