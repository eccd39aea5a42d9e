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

using challenges::MakeSchema;
using challenges::RunRequest;
using testing::Shown;
using testing::WorkerTest;

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

}  // namespace
}  // namespace paddock::runners::sqlite
