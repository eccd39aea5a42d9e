#include "store/migrations.h"

#include <gtest/gtest.h>

#include "crypto/sha256.h"
#include "store/testing/test_schema.h"

namespace paddock::store {
namespace {

using testing::kTestMigrations;

std::vector<AppliedMigration> Applied(std::size_t count) {
  std::vector<AppliedMigration> applied;
  for (const Migration& step : std::span(kTestMigrations).first(count)) {
    applied.push_back({.version = step.version,
                       .name = std::string(step.name),
                       .checksum = crypto::Sha256Of(step.sqlite)});
  }
  return applied;
}

Code CodeOfPending(const std::vector<AppliedMigration>& applied) {
  auto pending = PendingMigrations(kTestMigrations, applied, &Migration::sqlite);
  return pending ? Code::kNotFound : pending.error().code;
}

TEST(Migrations, AreNumberedFromOneWithoutAGap) {
  int version = 0;
  for (const Migration& step : Migrations()) {
    EXPECT_EQ(step.version, ++version);
    EXPECT_FALSE(step.sqlite.empty());
    EXPECT_FALSE(step.postgres.empty());
  }
}

TEST(Migrations, WhatIsNotAppliedIsPending) {
  for (std::size_t done = 0; done <= kTestMigrations.size(); ++done) {
    auto pending = PendingMigrations(kTestMigrations, Applied(done), &Migration::sqlite);
    ASSERT_TRUE(pending);
    ASSERT_EQ(pending->size(), kTestMigrations.size() - done);
    if (!pending->empty()) {
      EXPECT_EQ(pending->front().version, static_cast<int>(done) + 1);
    }
  }
}

TEST(Migrations, AnyDifferenceOfTheHistoryIsAConflict) {
  auto history = Applied(2);
  history[1].checksum.back() ^= 1;
  EXPECT_EQ(CodeOfPending(history), Code::kConflict);
  history = Applied(2);
  history[0].name += "x";
  EXPECT_EQ(CodeOfPending(history), Code::kConflict);
  history = Applied(2);
  history.erase(history.begin());
  EXPECT_EQ(CodeOfPending(history), Code::kConflict);
  history = Applied(3);
  history.push_back({.version = 4, .name = "later", .checksum = "0"});
  EXPECT_EQ(CodeOfPending(history), Code::kConflict);
}

TEST(Migrations, AHistoryOfAnotherFormIsACorruptDatabase) {
  const Rows rows{.rows = {{std::string("1"), std::string("items"), std::string("0")}}};
  auto history = ReadHistory(rows);
  ASSERT_FALSE(history);
  EXPECT_EQ(history.error().code, Code::kInternal);
}

}  // namespace
}  // namespace paddock::store
