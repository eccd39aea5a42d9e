// MigrationContract: how every Database brings its schema forward.
//
// INSTANTIATE_TEST_SUITE_P it beside DatabaseContract.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "store/migrations.h"
#include "store/tables.h"
#include "store/testing/database_fixture.h"
#include "store/testing/sample_rows.h"

namespace paddock::store::testing {

class MigrationContract : public DatabaseFixture {
 protected:
  static std::span<const Migration> Known() { return kTestMigrations; }
  static std::vector<Migration> With(Migration step) {
    std::vector<Migration> steps(kTestMigrations.begin(), kTestMigrations.end());
    step.version = static_cast<int>(steps.size()) + 1;
    steps.push_back(step);
    return steps;
  }
  static Migration Step(std::string_view name, std::string_view sql) {
    return {.version = 0, .name = name, .sqlite = sql, .postgres = sql};
  }
};

TEST_P(MigrationContract, GoesForwardFromEveryEarlierVersionWithDataInIt) {
  for (std::size_t from = 1; from <= Known().size(); ++from) {
    Close();
    host_ = GetParam().make();
    Open();
    ASSERT_TRUE(Migrate(Known().first(from)));
    ASSERT_TRUE(Write({InsertItem("a", std::int64_t{5}, std::string("kept"))}));
    Reopen();
    auto migrated = Migrate();
    ASSERT_TRUE(migrated) << migrated.error().message;
    EXPECT_EQ(ReadValue({.sql = "SELECT content FROM items WHERE data IS NULL AND number = 5"}),
              Value(std::string("kept")));
    // The last step makes a part for each item that it finds.
    EXPECT_EQ(ReadValue({.sql = "SELECT COUNT(*) FROM parts"}),
              Value(std::int64_t{from < Known().size() ? 1 : 0}));
    EXPECT_EQ(database().state().schema_version, 3);
  }
}

TEST_P(MigrationContract, TheRealSchemaGoesForwardFromEveryVersionWithDataInIt) {
  for (std::size_t from = 1; from < Migrations().size(); ++from) {
    Close();
    host_ = GetParam().make();
    Open();
    ASSERT_TRUE(Migrate(Migrations().first(from)));
    std::vector<std::string_view> filled;  // the tables that there were
    for (std::size_t i = 0; i < Tables().size(); ++i) {
      Transaction row{SampleRows("paddock", 1)[i]};
      if (Write(std::move(row))) {
        filled.push_back(Tables()[i].name);
      }
    }
    EXPECT_FALSE(filled.empty());
    Reopen();
    auto migrated = Migrate(Migrations());
    ASSERT_TRUE(migrated) << migrated.error().message;
    for (const Table& table : Tables()) {
      const bool was_there = std::ranges::find(filled, table.name) != filled.end();
      EXPECT_EQ(ReadValue({.sql = fmt::format("SELECT COUNT(*) FROM {}", table.name)}),
                Value(std::int64_t{was_there ? 1 : 0}))
          << table.name << " from " << from;
    }
    const auto all = SampleRows("other", 2);
    auto written = Write(all);
    EXPECT_TRUE(written) << written.error().message;
  }
}

TEST_P(MigrationContract, DoesNothingTheSecondTime) {
  MustMigrate();
  ASSERT_TRUE(Write({InsertItem("a")}));
  MustMigrate();
  Reopen();
  MustMigrate();
  EXPECT_EQ(ItemCount(), 1);
}

TEST_P(MigrationContract, ANewerDatabaseIsRefusedAndLeftAlone) {
  ASSERT_TRUE(Migrate());
  ASSERT_TRUE(Write({InsertItem("a")}));
  Reopen();
  auto older = Migrate(Known().first(2));
  ASSERT_EQ(CodeOf(older), Code::kConflict);
  EXPECT_NE(older.error().message.find('3'), std::string::npos) << older.error().message;
  EXPECT_NE(older.error().message.find('2'), std::string::npos) << older.error().message;
  Reopen();
  MustMigrate();
  EXPECT_EQ(ItemCount(), 1);
}

TEST_P(MigrationContract, AChangedHistoryIsRefused) {
  MustMigrate();
  std::vector<Migration> changed(Known().begin(), Known().end());
  changed[1].sqlite = "ALTER TABLE items ADD COLUMN data TEXT";
  changed[1].postgres = changed[1].sqlite;
  EXPECT_EQ(CodeOf(Migrate(changed)), Code::kConflict);
  changed.assign(Known().begin(), Known().end());
  changed[0].name = "renamed";
  EXPECT_EQ(CodeOf(Migrate(changed)), Code::kConflict);
}

TEST_P(MigrationContract, AStepThatFailsLeavesTheVersionBefore) {
  for (const std::string_view wrong :
       {"CREATE TABLE more (id TEXT); INSERT INTO nowhere VALUES (1)",
        "CREATE TABLE more (id TEXT); DELETE FROM items; CREATE TABL"}) {
    Close();
    host_ = GetParam().make();
    Open();
    ASSERT_TRUE(Migrate(Known().first(2)));
    ASSERT_TRUE(Write({InsertItem("a")}));
    auto steps = With(Step("wrong", wrong));
    EXPECT_EQ(CodeOf(Migrate(steps)), Code::kInternal) << wrong;
    Reopen();
    MustMigrate();  // the step before the wrong one had been done
    EXPECT_EQ(ItemCount(), 1) << wrong;
  }
}

TEST_P(MigrationContract, AnExpiredDeadlineChangesNothing) {
  EXPECT_EQ(CodeOf(Await(database().Migrate(Known(), Deadline::At({})))), Code::kDeadlineExceeded);
  MustMigrate();
}

}  // namespace paddock::store::testing
