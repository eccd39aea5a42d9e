// SqlHistoryContract: what is kept of what people ran, on every Database.
//
// INSTANTIATE_TEST_SUITE_P it beside DatabaseContract.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "store/migrations.h"
#include "store/sql_history.h"
#include "store/testing/database_fixture.h"

namespace paddock::store::testing {

class SqlHistoryContract : public DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (database_ != nullptr) {
      ASSERT_TRUE(Migrate(Migrations()));
    }
  }
  SqlHistory History() { return {database(), "test"}; }
  void Add(const UserId& user, std::string text, std::int64_t at_ms, bool failed = false) {
    SqlHistory history = History();
    SqlHistoryEntry entry{.text = std::move(text),
                          .engine = "sqlite",
                          .database = "main",
                          .ran_at = SystemTime(std::chrono::milliseconds(at_ms)),
                          .elapsed_ms = 7,
                          .failed = failed};
    auto added = Await(history.Add(user, std::move(entry), Soon()));
    ASSERT_TRUE(added) << added.error().message;
  }
  std::vector<std::string> Texts(const UserId& user) {
    SqlHistory history = History();
    auto entries = Await(history.List(user, Soon()));
    EXPECT_TRUE(entries) << entries.error().message;
    std::vector<std::string> texts;
    for (const SqlHistoryEntry& entry : entries.value_or(std::vector<SqlHistoryEntry>())) {
      texts.push_back(entry.text);
    }
    return texts;
  }

  const UserId ann_ = NewId<UserId>();
  const UserId bob_ = NewId<UserId>();
};

TEST_P(SqlHistoryContract, EachTextIsThereOnceAsItRanLast) {
  Add(ann_, "SELECT 1", 1000);
  Add(ann_, "SELECT 2", 2000);
  Add(ann_, "SELECT 1", 3000, true);
  Add(ann_, "SELECT 2", 500, true);  // arrived late
  Add(bob_, "SELECT 3", 4000);
  EXPECT_EQ(Texts(ann_), (std::vector<std::string>{"SELECT 1", "SELECT 2"}));
  SqlHistory history = History();
  const auto entries = Await(history.List(ann_, Soon())).value();
  EXPECT_TRUE(entries.at(0).failed);
  EXPECT_FALSE(entries.at(1).failed);
  EXPECT_EQ(entries.at(1).ran_at, SystemTime(std::chrono::seconds(2)));
  EXPECT_EQ(entries.at(1).engine + entries.at(1).database, "sqlitemain");
  EXPECT_EQ(entries.at(1).elapsed_ms, 7);
}

TEST_P(SqlHistoryContract, TheOldestGoWhenThereAreTooMany) {
  for (std::int64_t i = 0; i < SqlHistory::kEntriesMax + 3; ++i) {
    Add(ann_, fmt::format("SELECT {}", i), 1000 + i);
  }
  const auto texts = Texts(ann_);
  ASSERT_EQ(texts.size(), static_cast<std::size_t>(SqlHistory::kEntriesMax));
  EXPECT_EQ(texts.front(), fmt::format("SELECT {}", SqlHistory::kEntriesMax + 2));
  EXPECT_EQ(texts.back(), "SELECT 3");
}

TEST_P(SqlHistoryContract, TheOldestGoWhenTheyAreTooLong) {
  const auto count =
      SqlHistory::kTextBytesMax / static_cast<std::int64_t>(SqlHistory::kEntryBytesMax);
  for (std::int64_t i = 0; i <= count; ++i) {
    std::string text = fmt::format("SELECT {} --", i);
    text.resize(SqlHistory::kEntryBytesMax, 'x');
    Add(ann_, std::move(text), 1000 + i);
  }
  const auto texts = Texts(ann_);
  ASSERT_EQ(texts.size(), static_cast<std::size_t>(count));
  EXPECT_TRUE(texts.back().starts_with("SELECT 1 --"));
}

TEST_P(SqlHistoryContract, AGuestsHistoryIsHandedOverAndWhatIsThereTwiceStays) {
  Add(ann_, "SELECT 1", 1000);
  Add(ann_, "SELECT 2", 2000);
  Add(bob_, "SELECT 2", 3000);
  ASSERT_TRUE(Write(History().MoveAll(ann_, bob_)));
  EXPECT_EQ(Texts(bob_), (std::vector<std::string>{"SELECT 2", "SELECT 1"}));
  EXPECT_TRUE(Texts(ann_).empty());
}

TEST_P(SqlHistoryContract, WhatIsClearedIsGoneForItsUserOnly) {
  Add(ann_, "SELECT 1", 1000);
  Add(bob_, "SELECT 2", 2000);
  SqlHistory history = History();
  ASSERT_TRUE(Await(history.Clear(ann_, Soon())));
  EXPECT_TRUE(Texts(ann_).empty());
  EXPECT_EQ(Texts(bob_), (std::vector<std::string>{"SELECT 2"}));
}

}  // namespace paddock::store::testing
