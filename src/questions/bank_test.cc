// What the bank knows while others write, on every store: see testing/questions_fixture.h.
#include "questions/bank.h"

#include <functional>

#include "questions/testing/questions_fixture.h"

namespace paddock::questions::testing {
namespace {

/// A store in which something happens between a read and its answer.
class BusyDatabase final : public store::Database {
 public:
  explicit BusyDatabase(store::Database& database) : database_(database) {}

  std::function<aio::Task<void>()> meanwhile;  // once, after `reads_before` other reads
  int reads_before = 0;

  aio::Task<Result<void>> Migrate(std::span<const store::Migration> migrations,
                                  Deadline deadline) override {
    return database_.Migrate(migrations, deadline);
  }
  aio::Task<Result<store::Rows>> Read(store::Statement statement, Deadline deadline) override {
    auto rows = co_await database_.Read(std::move(statement), deadline);
    if (reads_before > 0) {
      --reads_before;
    } else if (auto happens = std::exchange(meanwhile, nullptr)) {
      co_await happens();
    }
    co_return rows;
  }
  aio::Task<Result<std::vector<store::Rows>>> Write(store::Transaction transaction,
                                                    Deadline deadline) override {
    return database_.Write(std::move(transaction), deadline);
  }
  aio::Task<Result<std::unique_ptr<store::Snapshot>>> OpenSnapshot(Deadline deadline) override {
    return database_.OpenSnapshot(deadline);
  }
  [[nodiscard]] store::DatabaseState state() const override { return database_.state(); }
  aio::Task<void> Close(Deadline deadline) override { return database_.Close(deadline); }

 private:
  store::Database& database_;
};

TEST_P(QuestionsTest, WhatIsDeletedWhileTheBankIsReadIsNotShownAfterwards) {
  const auto question = AddQuestion("one");
  BusyDatabase busy(database());
  Services services(busy, kNameSpace, runner_, *audit_);
  ASSERT_TRUE(Await(services.bank.Get(Soon())));
  services.bank.Expire();
  bool deleted = false;
  busy.meanwhile = [&]() -> aio::Task<void> {
    auto gone = co_await services.authoring.DeleteQuestion(By(author_), question, Soon());
    deleted = gone.has_value();
  };
  ASSERT_TRUE(Await(services.bank.Get(Soon())));
  ASSERT_TRUE(deleted);
  const auto catalogue = Await(services.bank.Get(Soon()));
  ASSERT_TRUE(catalogue);
  EXPECT_EQ((*catalogue)->FindSlug("one"), nullptr);
}

// Between the schemas and the questions somebody else adds one of each: the second without the
// first would be a question that nobody can run.
TEST_P(QuestionsTest, WhatIsAddedWhileTheBankIsReadIsThereWhollyOrNotAtAll) {
  static_cast<void>(AddQuestion("one"));
  BusyDatabase busy(database());
  Services services(busy, kNameSpace, runner_, *audit_);
  bool added = false;
  busy.reads_before = 1;  // the revision; the schemas come next
  busy.meanwhile = [&]() -> aio::Task<void> {
    auto schema = co_await services_->authoring.CreateSchema(
        By(author_), "id: second\ntitle: S\nsql: CREATE TABLE users (id, name)\n", Soon());
    auto question = co_await services_->authoring.CreateQuestion(By(author_), UsersQuestion("two"),
                                                                 "second", Soon());
    added = schema && question;
  };
  const auto catalogue = Await(services.bank.Get(Soon()));
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  ASSERT_TRUE(added);
  EXPECT_EQ((*catalogue)->schemas.size(), 2U);
  EXPECT_NE((*catalogue)->FindSlug("two"), nullptr);
}

}  // namespace
}  // namespace paddock::questions::testing
