// What is shipped passes what authoring asks of everybody, with real workers: references agree on
// every dataset, and wrong answers are wrong somewhere.
#include "questions/shipped.h"

#include <optional>

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "questions/testing/questions_fixture.h"
#include "runners/sqlite/sqlite_runner.h"
#include "stores/sqlite/testing/sqlite_host.h"

namespace paddock::questions::testing {
namespace {

class ShippedContentTest : public QuestionsTest {
 protected:
  void SetUp() override {
    QuestionsTest::SetUp();
    pool_.emplace(loop_.get_executor(),
                  runners::sqlite::SqliteRunnerConfig{.command = {PADDOCK_WORKER_PROBE, "real"}});
    const auto started = Await(pool_->Start(Soon()));
    ASSERT_TRUE(started) << started.error().message;
    real_.emplace(database(), kNameSpace, *pool_, *audit_);
  }
  void TearDown() override {
    real_.reset();
    Await(Stop());
    QuestionsTest::TearDown();
  }

  std::optional<runners::sqlite::SqliteRunner> pool_;
  std::optional<Services> real_;

 private:
  aio::Task<bool> Stop() {
    co_await pool_->Stop();
    co_return true;
  }
};

TEST_P(ShippedContentTest, AllThatIsShippedIsSound) {
  const auto sources = ReadSources(ShippedFiles());
  ASSERT_TRUE(sources.problems.empty()) << fmt::format("{}", fmt::join(sources.problems, "\n"));
  for (const SourceSchema& schema : sources.schemas) {
    const auto problems = Await(real_->authoring.CheckSchema(schema.document, Soon()));
    ASSERT_TRUE(problems) << schema.file << ": " << problems.error().message;
    EXPECT_TRUE(problems->empty()) << schema.file << ": " << ErrorOf(*problems).message;
  }
  ASSERT_TRUE(Await(PutShipped(database(), kNameSpace, real_->bank, sources, Soon())));
  for (const SourceQuestion& question : sources.questions) {
    const auto checked = Await(real_->authoring.Check(question.document, question.schema, Soon()));
    ASSERT_TRUE(checked) << question.file << ": " << checked.error().message;
    EXPECT_TRUE(checked->problems.empty())
        << question.file << ": " << ErrorOf(checked->problems).message;
  }
}

INSTANTIATE_TEST_SUITE_P(Stores,
                         ShippedContentTest,
                         ::testing::Values(stores::sqlite::testing::SqliteUnderTest()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace paddock::questions::testing
