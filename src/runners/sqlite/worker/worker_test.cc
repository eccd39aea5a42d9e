#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runners/sqlite/worker/connection.h"
#include "runners/sqlite/worker/serve.h"

namespace paddock::runners::sqlite {
namespace {

using challenges::LimitHit;
using challenges::MakeSchema;
using challenges::RunOutcome;
using challenges::RunRequest;
using challenges::Shim;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kPeople =
    "CREATE TABLE test (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);"
    "INSERT INTO test (name) VALUES ('Alice'), ('Bob');";
constexpr std::string_view kEndless =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT ";

// The engine is set up once in a process.
[[maybe_unused]] const bool kEngineIsUp = [] {
  SetUpEngine();
  return true;
}();

/// A cell as SQL writes it: 1, 1.5, 'text', x'00', NULL.
std::string Literal(const sql::Cell& cell) {
  switch (cell.type) {
    case sql::CellType::kNull: return "NULL";
    case sql::CellType::kText: return fmt::format("'{}'", cell.text);
    case sql::CellType::kBytes: return fmt::format("x'{}'", cell.text);
    default: return std::string(cell.text);
  }
}

std::string Shown(const challenges::ResultSet& set) {
  std::string text;
  for (std::size_t row = 0; row < set.rows.row_count(); ++row) {
    text += row == 0 ? "" : ";";
    for (std::size_t column = 0; column < set.rows.column_count(); ++column) {
      text += fmt::format("{}{}", column == 0 ? "" : " ", Literal(set.rows.At(row, column)));
    }
  }
  return text;
}

class WorkerTest : public ::testing::Test {
 protected:
  Answer Ask(const RunRequest& request, bool with_script = true) {
    std::string frame;
    AppendRequest(frame, request, with_script);
    const auto decoded = DecodeRequest(std::string_view(frame).substr(kFrameHeaderBytes));
    std::string answer;
    worker_.Answer(std::get<Request>(*decoded), answer);
    auto got = DecodeAnswer(std::string_view(answer).substr(kFrameHeaderBytes), request.limits);
    EXPECT_TRUE(got.has_value());
    return got ? *std::move(got) : Answer(SchemaWanted());
  }

  RunOutcome Run(const RunRequest& request) {
    auto answer = Ask(request);
    auto* const outcome = std::get_if<RunOutcome>(&answer);
    EXPECT_NE(outcome, nullptr);
    return outcome == nullptr ? RunOutcome() : std::move(*outcome);
  }

  RunOutcome Run(std::string query, std::string_view script = kPeople) {
    RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, std::string(script)),
                       .query = std::move(query)};
    return Run(request);
  }

  /// The only result, or what went wrong.
  std::string Says(std::string query, std::string_view script = kPeople) {
    const auto outcome = Run(std::move(query), script);
    if (outcome.error) {
      return "error: " + outcome.error->message;
    }
    if (outcome.limit != LimitHit::kNone) {
      return "limit";
    }
    return outcome.results.empty() ? "nothing" : Shown(outcome.results.back());
  }

  Worker worker_;
};

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

TEST_F(WorkerTest, WhetherARunSaysTheSameAgainIsKnown) {
  constexpr auto kSame = std::to_array<std::string_view>(
      {"SELECT * FROM test", "SELECT date('2024-01-01', '+1 day')",
       "SELECT strftime('%Y', name) FROM test", "SELECT upper(name), abs(-1) FROM test",
       "SELECT julianday('2024-01-01')", "SELECT datetime('2024-01-01 10:00', 'localtime')",
       "INSERT INTO test (name) VALUES ('x')", "EXPLAIN QUERY PLAN SELECT 1",
       "CREATE TABLE t (d TEXT DEFAULT CURRENT_DATE)"});
  constexpr auto kOther = std::to_array<std::string_view>(
      {"SELECT random()",
       "SELECT hex(randomblob(4))",
       "SELECT id FROM test ORDER BY random()",
       "SELECT current_date",
       "SELECT CURRENT_TIME",
       "SELECT current_timestamp",
       "SELECT date('now')",
       "SELECT date()",
       "SELECT time('n'||'ow')",
       "SELECT datetime()",
       "SELECT julianday('now')",
       "SELECT strftime('%s','now')",
       "SELECT unixepoch()",
       "SELECT unixepoch('now')",
       "SELECT strftime('%Y')",
       "SELECT changes()",
       "SELECT total_changes()",
       "SELECT last_insert_rowid()",
       "SELECT sqlite_version()",
       "SELECT sqlite_source_id()",
       "SELECT sqlite_compileoption_get(0)",
       "EXPLAIN SELECT 1",
       "CREATE TABLE t (a, d TEXT DEFAULT CURRENT_DATE); INSERT INTO t (a) VALUES (1)",
       "CREATE VIEW v AS SELECT random() AS r; SELECT * FROM v",
       "CREATE TRIGGER g AFTER INSERT ON test BEGIN DELETE FROM test WHERE id = random(); END; "
       "INSERT INTO test (name) VALUES ('y')"});
  for (const auto query : kSame) {
    const auto outcome = Run(std::string(query));
    EXPECT_TRUE(outcome.deterministic && !outcome.error) << query;
  }
  for (const auto query : kOther) {
    const auto outcome = Run(std::string(query));
    EXPECT_FALSE(outcome.deterministic) << query;
    EXPECT_FALSE(outcome.error) << query;
  }
  EXPECT_FALSE(Run("SELECT 1", "CREATE TABLE t AS SELECT random() AS r").deterministic);
  EXPECT_FALSE(Run("SELECT 1", "CREATE TABLE t AS SELECT date('now') AS d").deterministic);
}

// Whatever anybody does, everybody finds the same again. Each of these leaves something in a
// database or its connection that would be found by one of the probes.
TEST_F(WorkerTest, NothingIsCarriedOver) {
  constexpr std::string_view kScript =
      "PRAGMA foreign_keys=ON; CREATE TABLE test (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT "
      "UNIQUE); INSERT INTO test (name) VALUES ('Alice'), ('Bob'); CREATE TABLE child (t INTEGER "
      "REFERENCES test(id)); CREATE VIEW names AS SELECT name FROM test; CREATE TABLE log (n); "
      "CREATE "
      "TRIGGER gone AFTER DELETE ON test BEGIN INSERT INTO log VALUES (old.id); END;";
  constexpr auto kProbes = std::to_array<std::string_view>(
      {"SELECT * FROM test", "SELECT * FROM sqlite_sequence", "SELECT count(*) FROM log",
       "SELECT changes(), total_changes(), last_insert_rowid()",
       "SELECT type, name, sql FROM sqlite_schema ORDER BY name", "PRAGMA foreign_keys",
       "SELECT * FROM temp.sqlite_schema", "PRAGMA schema_version", "PRAGMA user_version",
       "INSERT INTO test (name) VALUES ('New') RETURNING id", "INSERT INTO child VALUES (99)",
       "SELECT 'a' LIKE 'A'", "SELECT year('2024-01-01')", "PRAGMA page_count",
       "PRAGMA integrity_check", "PRAGMA freelist_count", "PRAGMA cache_size",
       "SELECT name FROM names"});
  constexpr auto kDeeds = std::to_array<std::string_view>(
      {"INSERT INTO test (name) VALUES ('Eve')",
       "DELETE FROM test",
       "UPDATE test SET id = id + 100",
       "INSERT OR REPLACE INTO test VALUES (1, 'Bob')",
       "INSERT OR ROLLBACK INTO test VALUES (1, 'x')",
       "INSERT INTO test (name) VALUES ('a'); INSERT OR FAIL INTO test (name) VALUES ('a')",
       "DELETE FROM sqlite_sequence",
       "UPDATE sqlite_sequence SET seq = 1000",
       "DROP TABLE test",
       "DROP VIEW names",
       "DROP TRIGGER gone",
       "ALTER TABLE test ADD COLUMN x",
       "ALTER TABLE test RENAME TO t2",
       "CREATE TABLE other (x)",
       "CREATE TEMP TABLE test (id, name)",
       "CREATE TEMP VIEW names AS SELECT 'temp' AS name",
       "CREATE INDEX i ON test (name)",
       "CREATE TEMP TRIGGER tt AFTER INSERT ON test BEGIN DELETE FROM test; END",
       "ANALYZE",
       "REINDEX",
       "BEGIN; INSERT INTO test (name) VALUES ('open')",
       "SAVEPOINT s; DELETE FROM test",
       "BEGIN; DELETE FROM test; COMMIT",
       "COMMIT",
       "ROLLBACK",
       "RELEASE nothing",
       "PRAGMA foreign_keys=OFF",
       "PRAGMA case_sensitive_like=ON",
       "PRAGMA user_version=5",
       "PRAGMA cache_size=1",
       "PRAGMA recursive_triggers=1",
       "VACUUM",
       "CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('y')",
       "DELETE FROM test; SELECT nope",
       "INSERT INTO test (name) SELECT hex(zeroblob(100000000))",
       "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c LIMIT 20000) INSERT INTO test "
       "(name) SELECT n FROM c",
       "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) INSERT INTO log SELECT n "
       "FROM c",
       "INSERT INTO child VALUES (1); DELETE FROM test WHERE id = 1",
       "REPLACE INTO log VALUES (1)",
       "UPDATE test SET name = 'x' RETURNING *",
       "INSERT INTO names VALUES ('x')"});
  RunRequest probe{.schema = MakeSchema(sql::Dialect::kSqlite, std::string(kScript)),
                   .limits = {.time = std::chrono::milliseconds(40)}};
  const auto look = [&] {
    std::vector<std::string> seen;
    for (const auto query : kProbes) {
      probe.query = query;
      const auto outcome = Run(probe);
      seen.push_back(outcome.error
                         ? outcome.error->message
                         : (outcome.results.empty() ? "" : Shown(outcome.results.back())));
    }
    return seen;
  };
  const auto before = look();
  for (const auto deed : kDeeds) {
    probe.query = deed;
    (void)Run(probe);
    EXPECT_EQ(look(), before) << deed;
    if (HasFailure()) {
      break;
    }
  }
}

TEST_F(WorkerTest, ADeferredKeyIsCheckedAsInADatabaseOfOnesOwn) {
  constexpr std::string_view kScript =
      "PRAGMA foreign_keys=ON; CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p "
      "REFERENCES "
      "p(id) DEFERRABLE INITIALLY DEFERRED)";
  EXPECT_EQ(Says("INSERT INTO c VALUES (5)", kScript), "error: FOREIGN KEY constraint failed");
  EXPECT_EQ(Says("BEGIN; INSERT INTO c VALUES (5); INSERT INTO p VALUES (5); COMMIT", kScript),
            "nothing");
}

TEST_F(WorkerTest, AnEmptySchemaIsOne) {
  EXPECT_EQ(Says("SELECT count(*) FROM sqlite_schema", "-- nothing"), "0");
  EXPECT_EQ(Says("CREATE TABLE t (x); INSERT INTO t VALUES (1); SELECT x FROM t", ""), "1");
}

TEST_F(WorkerTest, ShimsExistOnlyWhereTheyAreOffered) {
  RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, std::string(kPeople)),
                     .query = "SELECT YEAR('2024-02-09')",
                     .shims = static_cast<challenges::ShimSet>(Shim::kYear)};
  EXPECT_EQ(Shown(Run(request).results.at(0)), "2024");
  request.shims = static_cast<challenges::ShimSet>(Shim::kMonth);
  EXPECT_EQ(Run(request).error->message, "no such function: YEAR");
}

TEST_F(WorkerTest, ShimsMeanWhatTheyMeanInMysql) {
  constexpr auto kMeanings = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"YEAR('2024-02-09'), MONTH('2024-02-09'), DAY('2024-02-09')", "2024 2 9"},
      {"YEAR('2024-2-9 10:11:12'), MONTH('2024/02/09'), DAY('20240209')", "2024 2 9"},
      {"YEAR('24-02-09'), YEAR('70-01-01'), YEAR(240209)", "2024 1970 2024"},
      {"YEAR(NULL), MONTH(NULL), DAY(NULL)", "NULL NULL NULL"},
      {"YEAR('garbage'), MONTH('2024-13-01'), DAY('2024-02-30')", "NULL NULL NULL"},
      {"DAY('2024-02-29'), DAY('2023-02-29'), MONTH('2024-00-00')", "29 NULL 0"},
      {"YEAR(''), YEAR('2024'), YEAR('2024-02-09x')", "NULL NULL NULL"},
      {"IF(1, 'a', 'b'), IF(0, 'a', 'b'), IF(NULL, 'a', 'b'), IF('x', 'a', 'b')",
       "'a' 'b' 'b' 'b'"},
      {"IF(0.5, 1, 2), IF('1x', 1, 2), IF(2 > 1, NULL, 2)", "1 1 NULL"},
      {"CONCAT('a', 1, 2.5), CONCAT('a', NULL), CONCAT('資', '料')", "'a12.5' NULL '資料'"},
  });
  RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, ""),
                     .shims = challenges::kAllShims};
  for (const auto& [query, meaning] : kMeanings) {
    request.query = fmt::format("SELECT {}", query);
    const auto outcome = Run(request);
    ASSERT_FALSE(outcome.error) << outcome.error->message;
    EXPECT_EQ(Shown(outcome.results.at(0)), meaning);
  }
  request.query = "SELECT CONCAT()";
  EXPECT_TRUE(Run(request).error);
}

TEST_F(WorkerTest, LeftAndRightAreThereWhereTheGrammarHasThem) {
  const auto callable = Worker::Greeting().shims;
  RunRequest request{
      .schema = MakeSchema(sql::Dialect::kSqlite, ""),
      .query = "SELECT LEFT('資料庫', 2), LEFT('ab', -1), LEFT(NULL, 1), LEFT(1234, 2)",
      .shims = challenges::kAllShims};
  const auto outcome = Run(request);
  if ((callable & static_cast<challenges::ShimSet>(Shim::kLeft)) != 0) {
    EXPECT_EQ(Shown(outcome.results.at(0)), "'資料' '' NULL '12'");
  } else {
    EXPECT_THAT(outcome.error->message, HasSubstr("syntax error"));
  }
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
