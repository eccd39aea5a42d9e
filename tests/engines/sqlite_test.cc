// What is SQLite's alone: files, locks, extensions' absence, and plans that were run.

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "sql/testing/engine_fixture.h"
#include "sqlite_engine_host.h"

namespace paddock::sql::testing {
namespace {

class SqliteTest : public EngineFixture {
 protected:
  Result<Explanation> Explain(std::string statement, bool analyze) {
    return Await(session_->Explain(std::move(statement), analyze, Soon()));
  }
};

const EngineUnderTest kSqlite{.name = "Sqlite", .make = [] {
                                return std::make_unique<paddock::testing::SqliteEngineHost>();
                              }};
INSTANTIATE_TEST_SUITE_P(Sqlite, SqliteTest, ::testing::Values(kSqlite));

TEST_P(SqliteTest, EachSessionInMemoryIsADatabaseOfItsOwn) {
  auto first = *Open({.database = ":memory:"}, dialer_);
  auto second = *Open({.database = ":memory:"}, dialer_);
  MustRun(*first, "CREATE TABLE a (n)");
  MustFail(*second, "SELECT * FROM a");
}

TEST_P(SqliteTest, ADatabaseOpenedToReadCannotBeChanged) {
  MakeTables();
  auto spec = host_->spec();
  spec.read_only = true;
  auto reader = *Open(spec, dialer_);
  EXPECT_EQ(RowsOf(*reader, "SELECT COUNT(*) FROM items"), std::vector<Row>{{"3"}});
  EXPECT_EQ(MustFail(*reader, "DELETE FROM items").code, "SQLITE_READONLY");
}

TEST_P(SqliteTest, AWriterThatAnotherKeepsOutCanBeCancelled) {
  MakeTables();
  const auto other = MustOpen();
  MustRun("BEGIN IMMEDIATE");
  RecordingSink sink;
  const auto brief = Deadline::After(std::chrono::milliseconds(100));
  EXPECT_EQ(CodeOf(Await(other->Execute("DELETE FROM parts", sink, brief))),
            Code::kDeadlineExceeded);
  MustRun("COMMIT");
  MustRun(*other, "DELETE FROM parts");
}

TEST_P(SqliteTest, ValuesOfOneColumnMayHaveManyTypes) {
  const auto sink = MustRun("SELECT 1 AS v UNION ALL SELECT 'a' UNION ALL SELECT NULL");
  EXPECT_EQ(sink.results.front().rows, (std::vector<Row>{{"1"}, {"a"}, {std::nullopt}}));
}

TEST_P(SqliteTest, ReturningGivesRowsAndSaysHowManyWereChanged) {
  MakeTables();
  const auto sink = MustRun("UPDATE items SET name = name || '!' WHERE id < 3 RETURNING id");
  EXPECT_EQ(sink.results.front().rows, (std::vector<Row>{{"1"}, {"2"}}));
  EXPECT_EQ(sink.results.front().command.affected_rows, 2U);
  EXPECT_EQ(sink.results.front().command.tag, "UPDATE 2");
}

TEST_P(SqliteTest, ARowThatIsTooLargeFailsAlone) {
  const auto error = MustFail("SELECT zeroblob(10000000)");
  EXPECT_EQ(error.code, "SQLITE_TOOBIG");
  ExpectUsable(*session_);
}

TEST_P(SqliteTest, AnAnalyzedPlanSaysWhatTheRunTook) {
  MakeTables();
  const auto explained = Explain("SELECT * FROM items", true);
  ASSERT_TRUE(explained && explained->plan);
  EXPECT_TRUE(explained->plan->analyzed);
  EXPECT_EQ(explained->plan->root.actual_rows, 3.0);
  EXPECT_GE(explained->plan->execution_time.value_or(-1), 0.0);
}

TEST_P(SqliteTest, WhatCannotBeTakenBackIsNotAnalyzed) {
  MakeTables();
  for (const std::string statement : {"VACUUM", "COMMIT", "ATTACH ':memory:' AS other"}) {
    const auto explained = Explain(statement, true);
    ASSERT_TRUE(explained);
    EXPECT_FALSE(explained->plan) << statement;
    EXPECT_TRUE(explained->error) << statement;
  }
  MustRun("BEGIN");
  const auto change = Explain("INSERT OR ROLLBACK INTO items VALUES (1, 'one')", true);
  ASSERT_TRUE(change);
  ASSERT_TRUE(change->error);
  EXPECT_FALSE(change->error->hint.empty());
  EXPECT_EQ(session_->transaction(), TransactionState::kOpen);
  const auto reading = Explain("SELECT * FROM items", true);
  ASSERT_TRUE(reading);
  EXPECT_TRUE(reading->plan);
}

TEST_P(SqliteTest, ThePositionOfAnErrorInAPlanIsTheStatementsOwn) {
  MakeTables();
  const auto explained = Explain("SELECT missing FROM items", false);
  ASSERT_TRUE(explained && explained->error);
  EXPECT_EQ(explained->error->position, 7U);
}

TEST_P(SqliteTest, AViewThatHasLostItsTableIsStillInTheCatalog) {
  MakeTables();
  MustRun("CREATE VIEW broken AS SELECT * FROM parts");
  MustRun("CREATE VIEW whole AS SELECT id FROM items");
  MustRun(R"(CREATE TABLE "it's" ("a 'b'" TEXT, PRIMARY KEY ("a 'b'")))");
  MustRun("PRAGMA legacy_alter_table = ON");
  MustRun("DROP TABLE parts");
  const auto catalog = Await(session_->Describe(Soon()));
  ASSERT_TRUE(catalog) << catalog.error().message;
  std::map<std::string, std::size_t> columns;
  for (const CatalogTable& table : catalog->tables) {
    columns[table.name] = table.columns.size();
  }
  EXPECT_EQ(columns, (std::map<std::string, std::size_t>{
                         {"broken", 0}, {"whole", 1}, {"items", 2}, {"it's", 1}}));
}

TEST_P(SqliteTest, AHelperThatIsKilledEndsItsSessionAndLosesNothingCommitted) {
  MakeTables();
  auto dialer = std::make_shared<paddock::testing::HelperDialer>(PADDOCK_SQLITE_HELPER);
  auto victim = *Open(host_->spec(), dialer);
  MustRun(*victim, "INSERT INTO items VALUES (4, 'four')");
  MustRun(*victim, "BEGIN");
  MustRun(*victim, "INSERT INTO items VALUES (5, 'five')");
  dialer->KillLast();
  RecordingSink sink;
  EXPECT_EQ(CodeOf(Execute(*victim, "SELECT 1", sink)), Code::kUnavailable);
  EXPECT_FALSE(victim->is_open());
  EXPECT_EQ(RowsOf("SELECT id FROM items WHERE id > 3"), std::vector<Row>{{"4"}});
}

}  // namespace
}  // namespace paddock::sql::testing
