#include "runners/server/text_kind.h"

#include <string_view>

#include <gtest/gtest.h>

namespace paddock::runners::server {
namespace {

using sql::Dialect;

bool OnlyReads(std::string_view text, Dialect dialect, const SchemaFacts& facts = {}) {
  return Classify(text, dialect, facts).only_reads;
}
bool IsDeterministic(std::string_view text, Dialect dialect, const SchemaFacts& facts = {}) {
  return Classify(text, dialect, facts).deterministic;
}

TEST(TextKind, AQueryOnlyReads) {
  for (const Dialect dialect : {Dialect::kPostgres, Dialect::kMariadb}) {
    for (const char* text :
         {"SELECT 1", " -- why\n select * from t;", "(SELECT 1) UNION (SELECT 2)",
          "WITH x AS (SELECT 1) SELECT * FROM x", "VALUES (1), (2)", "TABLE t", "EXPLAIN SELECT 1",
          "SELECT ';' /* ; */ FROM t", "SELECT 'insert into t'", "SELECT \"delete\" FROM t"}) {
      EXPECT_TRUE(OnlyReads(text, dialect)) << text;
    }
  }
}

TEST(TextKind, WhatMayChangeSomethingIsNoReading) {
  for (const Dialect dialect : {Dialect::kPostgres, Dialect::kMariadb}) {
    for (const char* text :
         {"", "-- nothing", "INSERT INTO t VALUES (1)", "SELECT 1; SELECT 2", "COMMIT",
          "SELECT 1; COMMIT", "SET x = 1", "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
          "SELECT * INTO u FROM t", "SELECT * FROM t FOR UPDATE", "SELECT * FROM t FOR SHARE",
          "SELECT nextval('s')", "SELECT NEXT VALUE FOR s", "CALL p()", "DO 1", "SHOW TABLES",
          "EXPLAIN ANALYZE DELETE FROM t", "CREATE TABLE t (n int)"}) {
      EXPECT_FALSE(OnlyReads(text, dialect)) << text;
    }
  }
}

TEST(TextKind, WhatTellsOfOthersIsNoReading) {
  EXPECT_FALSE(OnlyReads("SELECT * FROM pg_stat_activity", Dialect::kPostgres));
  EXPECT_FALSE(OnlyReads("SELECT \"nextval\" ('s')", Dialect::kPostgres));
  EXPECT_FALSE(OnlyReads("SELECT \"pg_sleep\"(1)", Dialect::kPostgres));
  EXPECT_FALSE(OnlyReads("SELECT * FROM U&\"pg\\005fstat_activity\"", Dialect::kPostgres));
  EXPECT_FALSE(OnlyReads("SELECT * FROM information_schema.processlist", Dialect::kMariadb));
  EXPECT_FALSE(OnlyReads("SELECT GET_LOCK('x', 1)", Dialect::kMariadb));
  EXPECT_FALSE(OnlyReads("SELECT 1 /*! INTO OUTFILE 'x' */", Dialect::kMariadb));
  EXPECT_FALSE(OnlyReads("SELECT 1 /*M! , sleep(1) */", Dialect::kMariadb));
}

TEST(TextKind, AFunctionThatMayDoMoreIsNoReading) {
  const SchemaFacts facts{.effects = {"own"}};
  EXPECT_FALSE(OnlyReads("SELECT Own (1)", Dialect::kPostgres, facts));
  EXPECT_FALSE(OnlyReads("SELECT \"own\"(1)", Dialect::kPostgres, facts));
  EXPECT_FALSE(OnlyReads("SELECT `own`(1)", Dialect::kMariadb, facts));
  EXPECT_TRUE(OnlyReads("SELECT own FROM t", Dialect::kPostgres, facts));
  EXPECT_FALSE(OnlyReads("SELECT 1", Dialect::kPostgres, {.reads_have_effects = true}));
}

TEST(TextKind, TheClockAndChanceAreKnown) {
  for (const char* text :
       {"SELECT now()", "SELECT current_date", "SELECT LOCALTIMESTAMP", "SELECT 'now'::timestamp",
        "SELECT timestamp ' Today 12:00'", "SELECT age(d) FROM t", "SELECT session_user",
        "SELECT $$now$$::date", "SELECT * FROM t TABLESAMPLE system (1)",
        "DO $x$ BEGIN PERFORM now(); END $x$",
        "CREATE FUNCTION f() RETURNS date LANGUAGE sql AS 'SELECT $$a$$, now()'"}) {
    EXPECT_FALSE(IsDeterministic(text, Dialect::kPostgres)) << text;
  }
  for (const char* text :
       {"SELECT rand()", "SELECT RAND (1)", "SELECT now()", "SELECT unix_timestamp( )",
        "SELECT @@version", "SELECT utc_time", "SELECT uuid()"}) {
    EXPECT_FALSE(IsDeterministic(text, Dialect::kMariadb)) << text;
  }
  EXPECT_FALSE(IsDeterministic("SELECT dice()", Dialect::kPostgres, {.chance = {"dice"}}));
}

TEST(TextKind, WhatOnlyLooksLikeChanceIsNone) {
  for (const char* text :
       {"SELECT age(a, b) FROM t", "SELECT age(f(a, 1), b) FROM t", "SELECT 'snow', 'known'",
        "SELECT now FROM t", "SELECT nextval('s')", "SELECT age FROM t", "-- now()\nSELECT 1",
        "SELECT name FROM t WHERE name = 'random()'"}) {
    EXPECT_TRUE(IsDeterministic(text, Dialect::kPostgres)) << text;
  }
  EXPECT_TRUE(IsDeterministic("SELECT unix_timestamp(d), @x FROM t", Dialect::kMariadb));
  EXPECT_TRUE(IsDeterministic("SELECT 'now', 'today'", Dialect::kMariadb));
}

TEST(TextKind, ChanceThatASchemaHidesConcernsWhatReachesIt) {
  const SchemaFacts changes{.changes_by_chance = true};
  EXPECT_TRUE(IsDeterministic("SELECT 1", Dialect::kPostgres, changes));
  EXPECT_FALSE(IsDeterministic("INSERT INTO t VALUES (1)", Dialect::kPostgres, changes));
  const SchemaFacts reads{.reads_by_chance = true};
  EXPECT_FALSE(IsDeterministic("SELECT 1", Dialect::kPostgres, reads));
}

TEST(TextKind, ATextWithinTextsWithinTextsIsNotFollowedForever) {
  std::string text = "SELECT 1";
  for (int depth = 0; depth < 10; ++depth) {
    const std::string tag = "$t" + std::to_string(depth) + "$";
    text.insert(0, "DO " + tag).append(tag);
  }
  EXPECT_FALSE(IsDeterministic(text, Dialect::kPostgres));
}

TEST(TextKind, WhatChangesDataIsKnown) {
  for (const char* text : {"INSERT INTO t VALUES (1)", "CREATE TABLE t (n int)", "TRUNCATE t",
                           "WITH d AS (DELETE FROM t RETURNING 1) SELECT 1", "DO $$ $$"}) {
    EXPECT_TRUE(ChangesData(text, Dialect::kPostgres)) << text;
  }
  for (const char* text : {"SELECT 1", "SET x = 1", "BEGIN", "COMMIT", "SHOW x"}) {
    EXPECT_FALSE(ChangesData(text, Dialect::kPostgres)) << text;
  }
}

}  // namespace
}  // namespace paddock::runners::server
