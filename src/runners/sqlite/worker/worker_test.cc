#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runners/sqlite/worker/testing/worker_fixture.h"

namespace paddock::runners::sqlite {
namespace {

using challenges::LimitHit;
using challenges::MakeSchema;
using challenges::RunOutcome;
using challenges::RunRequest;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kEndless;
using testing::kPeople;
using testing::Shown;
using testing::WorkerTest;

TEST_F(WorkerTest, EveryStatementThatHasColumnsGivesAResult) {
  const auto outcome =
      Run("SELECT 1 AS a; UPDATE test SET name = 'C' WHERE id = 1; SELECT * FROM test");
  ASSERT_EQ(outcome.results.size(), 2U);
  EXPECT_EQ(outcome.results[0].columns[0].name, "a");
  EXPECT_EQ(Shown(outcome.results[1]), "1 'C';2 'Bob'");
  EXPECT_EQ(outcome.results[1].columns[0].type, "INTEGER");
  EXPECT_TRUE(outcome.changed_data);
}

TEST_F(WorkerTest, ASchemaIsAskedForWhenItIsNotKnown) {
  const RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, std::string(kPeople)),
                           .query = "SELECT 1"};
  EXPECT_TRUE(std::holds_alternative<SchemaWanted>(Ask(request, false)));
  EXPECT_TRUE(std::holds_alternative<RunOutcome>(Ask(request, true)));
  EXPECT_TRUE(std::holds_alternative<RunOutcome>(Ask(request, false)));
}

TEST_F(WorkerTest, AScriptThatFailsSaysWhy) {
  const RunRequest request{.schema =
                               MakeSchema(sql::Dialect::kSqlite, "INSERT INTO nowhere VALUES (1)")};
  const auto answer = Ask(request);
  EXPECT_THAT(std::get<SchemaFailed>(answer).message, HasSubstr("no such table: nowhere"));
}

TEST_F(WorkerTest, ValuesKeepTheirTypesAndDigits) {
  EXPECT_EQ(Says("SELECT 9007199254740993, 1.0, 1145141919.81, 1e300, 0.1+0.2, -0.0, 1e999, NULL, "
                 "'NULL', x'00ff', ''"),
            "9007199254740993 1.0 1145141919.81 1.0e+300 0.30000000000000004 0.0 Inf NULL 'NULL' "
            "x'00ff' ''");
}

TEST_F(WorkerTest, AnErrorHasItsCodeAndPlaceInTheWholeText) {
  const auto outcome = Run("SELECT 1;\nSELECT nope FROM test");
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code, "SQLITE_ERROR");
  EXPECT_EQ(outcome.error->message, "no such column: nope");
  EXPECT_EQ(outcome.error->position, 17U);
  const auto unique = Run("INSERT INTO test (name) VALUES ('Bob')");
  EXPECT_EQ(unique.error->code, "SQLITE_CONSTRAINT_UNIQUE");
}

// Before the first table is looked up, SQLite takes this for definitions that have changed.
TEST_F(WorkerTest, WhatIsNoSqlIsCalledThatFromTheFirstTextOn) {
  const auto outcome = Run("SELECT cross(1) FROM test");
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code, "SQLITE_ERROR");
}

TEST_F(WorkerTest, FunctionsThatTheGrammarLacksAreSaidToBeMissing) {
  const auto hint = [this](std::string_view text) {
    const auto outcome = Run(std::string(text));
    EXPECT_TRUE(outcome.error) << text;
    return outcome.error ? outcome.error->hint : std::string();
  };
  const std::string words = "no LEFT( and RIGHT( in its grammar: run this question on MariaDB";
  const bool is_callable =
      (Worker::Greeting().shims & static_cast<challenges::ShimSet>(challenges::Shim::kLeft)) != 0;
  if (!is_callable) {
    EXPECT_THAT(hint("SELECT LEFT(name, 1) FROM test"), HasSubstr(words));
    EXPECT_THAT(hint("SELECT 1; SELECT upper(right (name, 1)) FROM test"), HasSubstr(words));
  }
  EXPECT_EQ(hint("SELECT aleft (name) FROM test"), "");
  EXPECT_EQ(hint("SELECT (1 FROM test"), "");
  EXPECT_EQ(hint("SELECT 1 FROM test LEFT ()"), is_callable ? "" : hint("SELECT left(1)"));
}

TEST_F(WorkerTest, AParameterWithoutAValueIsAnError) {
  EXPECT_EQ(Says("SELECT * FROM test WHERE name = ?"), "error: the parameter ? has no value");
  EXPECT_EQ(Says("SELECT :x"), "error: the parameter :x has no value");
}

TEST_F(WorkerTest, AZeroByteIsNotTheEndOfTheText) {
  const auto outcome = Run(std::string("SELECT 1;\0 nonsense", 19));
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->position, 9U);
}

TEST_F(WorkerTest, WhatReachesOutsideIsRefused) {
  for (const std::string_view query : {"ATTACH '/tmp/other.db' AS o",
                                       "ATTACH ':memory:' AS o",
                                       "DETACH main",
                                       "VACUUM",
                                       "VACUUM INTO '/tmp/x'",
                                       "SELECT load_extension('x')",
                                       "SELECT fts3_tokenizer('simple')",
                                       "PRAGMA journal_mode=WAL",
                                       "PRAGMA foreign_keys=ON",
                                       "PRAGMA writable_schema=1",
                                       "PRAGMA temp_store_directory='/'",
                                       "PRAGMA mmap_size=1",
                                       "PRAGMA user_version=7",
                                       "PRAGMA hard_heap_limit=1",
                                       "PRAGMA threads=4",
                                       "SELECT * FROM sqlite_dbpage",
                                       "SELECT * FROM sqlite_stmt",
                                       "SELECT * FROM dbstat",
                                       "CREATE VIRTUAL TABLE v USING dbstat",
                                       "SELECT readfile('/etc/passwd')",
                                       "SELECT writefile('/tmp/x', 'y')",
                                       "SELECT edit('x')",
                                       "UPDATE sqlite_schema SET sql = ''",
                                       "DELETE FROM sqlite_master"}) {
    const auto outcome = Run(std::string(query));
    EXPECT_TRUE(outcome.error.has_value()) << query;
  }
  EXPECT_THAT(Run("ATTACH 'x' AS y").error->hint, HasSubstr("ATTACH"));
}

TEST_F(WorkerTest, WhatOnlyTellsIsAllowed) {
  EXPECT_EQ(Says("PRAGMA user_version"), "0");
  EXPECT_EQ(Says("SELECT name FROM pragma_table_info('test')"), "'id';'name'");
  EXPECT_THAT(Says("PRAGMA table_info(test)"), HasSubstr("'name'"));
  EXPECT_THAT(Says("SELECT sql FROM sqlite_schema WHERE name='test'"), HasSubstr("CREATE TABLE"));
  EXPECT_THAT(Says("EXPLAIN QUERY PLAN SELECT * FROM test"), HasSubstr("SCAN test"));
  EXPECT_EQ(Says("PRAGMA integrity_check"), "'ok'");
}

TEST_F(WorkerTest, AQueryThatNeverEndsIsStoppedAtItsTime) {
  RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, std::string(kPeople)),
                     .limits = {.time = std::chrono::milliseconds(30)}};
  for (const std::string_view query :
       {"* FROM c", "count(*) FROM c", "max(n) FROM c", "1 FROM c WHERE n < 0"}) {
    request.query = std::string(kEndless).append(query);
    request.limits.rows = 100'000'000;
    request.limits.bytes = kResultBytesMax;
    const auto outcome = Run(request);
    EXPECT_FALSE(outcome.is_whole()) << query;
  }
  request.query =
      "SELECT 1 UNION ALL SELECT count(*) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT "
      "n+1 FROM c) SELECT n FROM c)";
  EXPECT_EQ(Run(request).limit, LimitHit::kTime);
  EXPECT_EQ(Says("SELECT count(*) FROM test"), "2");
}

TEST_F(WorkerTest, EveryLimitIsSaid) {
  RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, std::string(kPeople))};
  const std::string endless = std::string(kEndless) + "n FROM c";
  const auto hit = [&](std::string query, challenges::RunLimits limits) {
    request.query = std::move(query);
    request.limits = limits;
    return Run(request).limit;
  };
  EXPECT_EQ(hit(endless, {.rows = 10}), LimitHit::kRows);
  EXPECT_EQ(hit(endless, {.rows = 1'000'000, .bytes = 1'000}), LimitHit::kBytes);
  EXPECT_EQ(hit("SELECT hex(zeroblob(100000000))", {}), LimitHit::kCell);
  EXPECT_EQ(hit("SELECT zeroblob(600000)", {}), LimitHit::kCell);
  EXPECT_EQ(hit("SELECT 1; SELECT 2; SELECT 3", {.results = 2}), LimitHit::kResults);
  EXPECT_EQ(hit("SELECT 1; SELECT 2", {.results = 2}), LimitHit::kNone);
  EXPECT_EQ(
      hit("WITH RECURSIVE c(n, t) AS (SELECT 1, zeroblob(500000) UNION ALL SELECT n+1, "
          "zeroblob(500000) FROM c LIMIT 1000) SELECT count(*) FROM (SELECT * FROM c ORDER BY t)",
          {.time = std::chrono::milliseconds(20'000)}),
      LimitHit::kMemory);
  EXPECT_EQ(Says("SELECT count(*) FROM test"), "2");
}

TEST_F(WorkerTest, RowsUpToALimitAreThere) {
  RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, std::string(kPeople)),
                     .query = "SELECT id FROM test",
                     .limits = {.rows = 1}};
  const auto outcome = Run(request);
  EXPECT_EQ(Shown(outcome.results.at(0)), "1");
  request.limits.rows = 2;
  EXPECT_TRUE(Run(request).is_whole());
}

TEST_F(WorkerTest, ChecksSeeWhatTheQueryLeft) {
  RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, std::string(kPeople)),
                     .query = "UPDATE test SET name = 'Z' WHERE id = 2",
                     .checks = {"SELECT name FROM test", "SELECT count(*) FROM test; SELECT 9"}};
  const auto outcome = Run(request);
  EXPECT_THAT(outcome.results, IsEmpty());
  ASSERT_EQ(outcome.checks.size(), 2U);
  EXPECT_EQ(Shown(outcome.checks[0]), "'Alice';'Z'");
  EXPECT_EQ(Shown(outcome.checks[1]), "2");
}

TEST_F(WorkerTest, WhatIsNotCommittedIsNotLeft) {
  RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, std::string(kPeople)),
                     .query = "BEGIN; DELETE FROM test",
                     .checks = {"SELECT count(*) FROM test"}};
  EXPECT_EQ(Shown(Run(request).checks.at(0)), "2");
  request.query = "BEGIN; DELETE FROM test; COMMIT";
  EXPECT_EQ(Shown(Run(request).checks.at(0)), "0");
}

TEST_F(WorkerTest, ACheckThatFailsIsSaidAndLeavesNoChecks) {
  RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, std::string(kPeople)),
                     .query = "SELECT 1; DROP TABLE test",
                     .checks = {"SELECT 1", "SELECT * FROM test"}};
  const auto outcome = Run(request);
  EXPECT_EQ(outcome.results.size(), 1U);
  EXPECT_THAT(outcome.checks, IsEmpty());
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->message, "no such table: test");
  EXPECT_THAT(outcome.error->detail, HasSubstr("left"));
}

TEST_F(WorkerTest, AnEmptySchemaIsOne) {
  EXPECT_EQ(Says("SELECT count(*) FROM sqlite_schema", "-- nothing"), "0");
  EXPECT_EQ(Says("CREATE TABLE t (x); INSERT INTO t VALUES (1); SELECT x FROM t", ""), "1");
}

TEST_F(WorkerTest, TheLeastUsedSchemaIsForgottenFirst) {
  RunClock clock;
  const auto build = [&] {
    return *PreparedSchema::Build("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000))",
                                  clock);
  };
  SchemaShelf shelf(3 * build().byte_count());
  for (const std::string_view digest : {"a", "b", "c"}) {
    shelf.Put(digest, build());
  }
  EXPECT_NE(shelf.Find("a"), nullptr);
  shelf.Put("d", build());
  EXPECT_NE(shelf.Find("a"), nullptr);
  EXPECT_EQ(shelf.Find("b"), nullptr);
  EXPECT_NE(shelf.Find("c"), nullptr);
  EXPECT_NE(shelf.Find("d"), nullptr);
}

TEST_F(WorkerTest, AScriptMayBeADump) {
  EXPECT_EQ(
      Says("SELECT * FROM t",
           "PRAGMA foreign_keys=OFF; BEGIN TRANSACTION; CREATE TABLE t (x); INSERT INTO t VALUES "
           "('a;b'); COMMIT;"),
      "'a;b'");
}

TEST_F(WorkerTest, TwoColumnsOfOneNameKeepTheirValues) {
  const auto outcome = Run("SELECT 1 AS n, 2 AS n");
  EXPECT_EQ(outcome.results.at(0).columns.at(1).name, "n");
  EXPECT_EQ(Shown(outcome.results.at(0)), "1 2");
}

TEST_F(WorkerTest, TextThatIsNotUtf8ArrivesAsText) {
  EXPECT_EQ(Says("SELECT CAST(x'41ff42' AS TEXT)"),
            "'A\xEF\xBF\xBD"
            "B'");
}

}  // namespace
}  // namespace paddock::runners::sqlite
