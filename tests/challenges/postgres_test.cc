// Challenges on a real PostgreSQL: what a run may do, what it leaves, and what stops it.
#include <signal.h>

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "../store/postgres_server.h"
#include "engines/postgres/postgres_engine.h"
#include "images/testing/temp_directory.h"
#include "runners/server/postgres_databases.h"
#include "server_fixture.h"

namespace paddock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr const char* kScript = R"(
CREATE TABLE items (id serial PRIMARY KEY, name text NOT NULL, price numeric(8,2), made date);
INSERT INTO items (name, price, made) VALUES ('tea', 3.50, '2024-01-31'), ('häß', NULL, NULL);
CREATE SEQUENCE numbers;
CREATE VIEW dear AS SELECT * FROM items WHERE price > 3;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2';
CREATE FUNCTION dice() RETURNS float LANGUAGE sql AS 'SELECT random()';
)";

class PostgresChallenges : public ServerRunnerTest {
 protected:
  void SetUp() override {
    if (!server().missing().empty()) {
      GTEST_SKIP() << server().missing();
    }
    StartRunner();
  }
  static PostgresServer& server() { return PostgresServer::Shared(); }

  std::unique_ptr<runners::server::Databases> MakeDatabases() override {
    runners::server::ServerAddress address;
    address.user = "paddock";
    address.socket = server().socket_directory() / ".s.PGSQL.5432";
    return std::make_unique<runners::server::PostgresDatabases>(loop_.get_executor(), engine_,
                                                                address);
  }
  SchemaRef schema() const override { return schema_; }

  static std::string Count(const std::string& prefix) {
    return server().Ask("postgres", fmt::format("SELECT count(*) FROM pg_database WHERE "
                                                "starts_with(datname, '{}')",
                                                prefix));
  }

  images::TempDirectory directory_;
  engines::postgres::PostgresEngine engine_{sql::Dialect::kPostgres, directory_.path()};
  SchemaRef schema_ = challenges::MakeSchema(sql::Dialect::kPostgres, kScript);
};

TEST_F(PostgresChallenges, AReadingGivesTypedCells) {
  const auto outcome = MustRun("SELECT id, name, price, made, price IS NULL AS n FROM items");
  ASSERT_EQ(Shown(outcome), "1,tea,3.50,2024-01-31,false;2,häß,NULL,NULL,true");
  EXPECT_TRUE(outcome->is_whole());
  EXPECT_TRUE(outcome->deterministic);
  EXPECT_FALSE(outcome->changed_data);
  EXPECT_THAT(outcome->engine_version, StartsWith("PostgreSQL 1"));
  const sql::Rows& rows = outcome->results[0].rows;
  EXPECT_EQ(rows.At(0, 0).type, sql::CellType::kInteger);
  EXPECT_EQ(rows.At(0, 2).type, sql::CellType::kDecimal);
  EXPECT_EQ(rows.At(0, 3).type, sql::CellType::kTime);
  EXPECT_EQ(rows.At(0, 4).type, sql::CellType::kBoolean);
}

TEST_F(PostgresChallenges, AChangeIsSeenByItsOwnRunOnly) {
  const auto outcome = MustRun({.schema = schema(),
                                .query = "INSERT INTO items (name) VALUES ('x'); "
                                         "SELECT count(*) FROM items",
                                .checks = {"SELECT max(id) FROM items", "SELECT 1"}});
  EXPECT_EQ(Shown(outcome), "3");
  EXPECT_TRUE(outcome->changed_data);
  EXPECT_TRUE(outcome->deterministic);
  ASSERT_EQ(outcome->checks.size(), 2U);
  EXPECT_EQ(Shown(outcome->checks[0]), "3");
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
}

TEST_F(PostgresChallenges, WhatWasNotCommittedIsNotChecked) {
  const auto outcome = MustRun({.schema = schema(),
                                .query = "BEGIN; DELETE FROM items",
                                .checks = {"SELECT count(*) FROM items"}});
  ASSERT_EQ(outcome->checks.size(), 1U) << Shown(outcome);
  EXPECT_EQ(Shown(outcome->checks[0]), "2");
}

TEST_F(PostgresChallenges, ACloneIsTheLearnersToDefineIn) {
  EXPECT_EQ(Says("ALTER TABLE items ADD COLUMN kind text DEFAULT 'k'; DROP VIEW dear; "
                 "CREATE VIEW dear AS SELECT kind FROM items; CREATE SCHEMA own; "
                 "CREATE TABLE own.t (n int); TRUNCATE items; SELECT count(*) FROM dear"),
            "0");
  EXPECT_EQ(Says("SELECT count(*) FROM dear"), "1");
}

/// Each first text leaves something; the second must not find it. Both come in two forms: one that
/// runs on a clone, and one that is a reading if anything of it is.
TEST_F(PostgresChallenges, NothingOfOneRunIsFoundByTheNext) {
  struct Trace {
    const char* leave;
    const char* look;
    const char* expected;
  };
  constexpr auto kTraces = std::to_array<Trace>(
      {{"CREATE TABLE left_behind (n int)", "SELECT to_regclass('left_behind')", "NULL"},
       {"CREATE TEMP TABLE mine (n int)", "SELECT to_regclass('mine')", "NULL"},
       {"SELECT nextval('numbers'), nextval('numbers')", "SELECT nextval('numbers')", "1"},
       {"SELECT setval('items_id_seq', 77)", "SELECT last_value FROM items_id_seq", "2"},
       {"SELECT nextval('numbers')", "SELECT currval('numbers')",
        "55000 currval of sequence \"numbers\" is not yet defined in this session"},
       {"SET work_mem = '77MB'", "SHOW work_mem", "4MB"},
       {"SELECT set_config('work_mem', '77MB', false)", "SELECT current_setting('work_mem')",
        "4MB"},
       {"ALTER ROLE CURRENT_USER SET work_mem = '77MB'", "SHOW work_mem", "4MB"},
       {"ALTER ROLE CURRENT_USER SET work_mem = '77MB'", "SELECT count(*) FROM pg_db_role_setting",
        "42501 permission denied for table pg_db_role_setting"},
       {"SELECT pg_advisory_lock(42)", "SELECT pg_try_advisory_lock(42)", "true"},
       {"LISTEN news", "SELECT count(*) FROM pg_listening_channels()", "0"},
       {"PREPARE p AS SELECT 1", "SELECT count(*) FROM pg_prepared_statements", "0"},
       {"PREPARE p AS SELECT 1", "EXECUTE p", "26000 prepared statement \"p\" does not exist"},
       {"DECLARE c CURSOR WITH HOLD FOR SELECT 1", "SELECT count(*) FROM pg_cursors", "0"},
       {"SELECT lo_create(4711)", "SELECT count(*) FROM pg_largeobject_metadata", "0"},
       {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "SELECT f()",
        "42883 function f() does not exist"},
       {"BEGIN; DELETE FROM items; COMMIT", "SELECT count(*) FROM items", "2"},
       {"COMMENT ON TABLE items IS 'seen'", "SELECT obj_description('items'::regclass)", "NULL"}});
  for (const Trace& trace : kTraces) {
    const auto left = MustRun(trace.leave);
    EXPECT_FALSE(left->error) << trace.leave << ": " << Shown(left);
    EXPECT_EQ(Says(trace.look), trace.expected) << trace.leave;
  }
}

TEST_F(PostgresChallenges, AReadingThatChangesAfterAllRunsOnAClone) {
  EXPECT_EQ(Says("SELECT twice(4)"), "8");
  EXPECT_EQ(Says("WITH gone AS (DELETE FROM items RETURNING id) SELECT count(*) FROM gone"), "2");
  EXPECT_EQ(Says("SELECT * INTO copied FROM items"), "nothing");
  EXPECT_EQ(Says("SELECT id FROM items ORDER BY id FOR UPDATE"), "1;2");
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
}

TEST_F(PostgresChallenges, NoTextGetsOutOfTheReadOnlyTransaction) {
  constexpr auto kTexts = std::to_array<const char*>(
      {"COMMIT; DELETE FROM items", "ROLLBACK; DELETE FROM items",
       "SET TRANSACTION READ WRITE; DELETE FROM items", "SELECT 1; COMMIT; DELETE FROM items",
       "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; DELETE FROM items",
       "SELECT set_config('transaction_read_only', 'off', true); DELETE FROM items",
       "END; BEGIN READ WRITE; DELETE FROM items; COMMIT",
       "SELECT 1 /* ; */; -- '\nCOMMIT; DELETE FROM items; SELECT 2",
       "WITH x AS (SELECT E'\\'; COMMIT; DELETE FROM items; --') SELECT * FROM x",
       R"(SELECT U&"\0069d" FROM items; COMMIT; DELETE FROM items)"});
  for (const char* text : kTexts) {
    (void)MustRun(text);
    EXPECT_EQ(Says("SELECT count(*) FROM items"), "2") << text;
    EXPECT_EQ(Says("SELECT count(*) FROM dear"), "1") << text;
  }
}

TEST_F(PostgresChallenges, AnErrorIsWhereItIsInTheWholeText) {
  const auto error = [this](const char* text) { return MustRun(text)->error; };
  const auto single = error("SELECT 'häß', nothing FROM items");
  ASSERT_TRUE(single);
  EXPECT_EQ(single->code, "42703");
  EXPECT_EQ(single->position, 16U);
  const auto later = error("SELECT 'ä';\n  SELEC 2");
  ASSERT_TRUE(later);
  EXPECT_EQ(later->code, "42601");
  EXPECT_EQ(later->position, 15U);
  EXPECT_EQ(MustRun("SELECT 1; SELECT 1/0")->results.size(), 1U);
}

TEST_F(PostgresChallenges, EachLimitStopsARunAndIsSaid) {
  const auto limit = [this](const char* query) {
    challenges::RunLimits limits{
        .time = 300ms, .rows = 100, .bytes = 20'000, .cell_bytes = 5'000, .results = 2};
    return MustRun({.schema = schema(), .query = query, .limits = limits});
  };
  EXPECT_EQ(limit("SELECT pg_sleep(60)")->limit, LimitHit::kTime);
  EXPECT_EQ(limit("SET statement_timeout = 0; SELECT pg_sleep(60)")->limit, LimitHit::kTime);
  EXPECT_EQ(limit("SELECT count(*) FROM generate_series(1, 1000000000000)")->limit,
            LimitHit::kTime);
  EXPECT_EQ(limit("DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$")->limit, LimitHit::kTime);
  const auto rows = limit("SELECT generate_series(1, 1000000000)");
  EXPECT_EQ(rows->limit, LimitHit::kRows);
  ASSERT_EQ(rows->results.size(), 1U);
  EXPECT_EQ(rows->results[0].rows.row_count(), 100U);
  EXPECT_EQ(limit("SELECT repeat('x', 1000) FROM generate_series(1, 99)")->limit, LimitHit::kBytes);
  EXPECT_EQ(limit("SELECT repeat('x', 5001)")->limit, LimitHit::kCell);
  EXPECT_EQ(limit("SELECT 1; SELECT 2; SELECT 3")->limit, LimitHit::kResults);
  EXPECT_EQ(limit("CREATE TABLE t (n int); SELECT pg_sleep(60)")->limit, LimitHit::kTime);
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
}

TEST_F(PostgresChallenges, WhatReachesOutOfTheDatabaseIsRefused) {
  constexpr std::string_view kDenied = "42501";
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
  EXPECT_EQ(ErrorOf("COPY items TO PROGRAM 'id > /tmp/paddock-was-here'"), kDenied);
  EXPECT_EQ(ErrorOf("COPY items FROM PROGRAM 'id'"), kDenied);
  EXPECT_EQ(ErrorOf("COPY items TO '/tmp/paddock-was-here'"), kDenied);
  EXPECT_EQ(ErrorOf("SELECT pg_read_file('/etc/passwd')"), kDenied);
  EXPECT_EQ(ErrorOf("SELECT pg_ls_dir('.')"), kDenied);
  EXPECT_EQ(ErrorOf("SELECT lo_import('/etc/passwd')"), kDenied);
  EXPECT_EQ(ErrorOf("SELECT rolpassword FROM pg_authid"), kDenied);
  EXPECT_EQ(ErrorOf("SET ROLE paddock"), kDenied);
  const std::string others =
      server().Ask("postgres", "SELECT datname FROM pg_database WHERE datname ~ '_1$'");
  EXPECT_EQ(ErrorOf("SET ROLE " + others), kDenied);
  EXPECT_EQ(ErrorOf("SET SESSION AUTHORIZATION paddock"), kDenied);
  EXPECT_EQ(ErrorOf("CREATE DATABASE mine"), kDenied);
  EXPECT_EQ(ErrorOf("CREATE ROLE mine"), kDenied);
  EXPECT_EQ(ErrorOf("ALTER ROLE CURRENT_USER SUPERUSER"), kDenied);
  EXPECT_EQ(ErrorOf("DROP DATABASE postgres"), kDenied);
  EXPECT_EQ(ErrorOf("DROP DATABASE " + others), kDenied);
  EXPECT_EQ(ErrorOf("ALTER SYSTEM SET fsync = off"), kDenied);
  EXPECT_EQ(ErrorOf("CREATE EXTENSION dblink"), kDenied);
  EXPECT_EQ(ErrorOf("CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc', 'exit'"), kDenied);
  EXPECT_EQ(ErrorOf("SET temp_file_limit = -1"), kDenied);
  EXPECT_EQ(ErrorOf("LOAD '/tmp/x.so'"), kDenied);
  EXPECT_EQ(ErrorOf("DO $$ BEGIN EXECUTE 'SET ROLE paddock'; END $$"), kDenied);
  EXPECT_EQ(
      ErrorOf("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'paddock'"),
      kDenied);
  EXPECT_EQ(ErrorOf("BEGIN; CREATE TABLE t (n int); PREPARE TRANSACTION 'x'"), "55000");
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
}

TEST_F(PostgresChallenges, NobodyElsesQueriesAreSeen) {
  EXPECT_EQ(Says("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                 "AND query NOT IN ('', '<insufficient privilege>')"),
            "0");
}

TEST_F(PostgresChallenges, WhetherARunSaysTheSameAgainIsKnown) {
  for (const char* query :
       {"SELECT * FROM items", "SELECT to_char(made, 'YYYY') || concat(name, 1) FROM items",
        "SELECT age(date '2024-02-01', made) FROM items", "SELECT twice(id) FROM items",
        "SELECT 'snow' || name FROM dear", "INSERT INTO items (name) VALUES ('x')",
        "SELECT nextval('numbers')", "UPDATE items SET price = 1 RETURNING *"}) {
    const auto outcome = MustRun(query);
    EXPECT_TRUE(outcome->is_whole() && outcome->deterministic) << query << Shown(outcome);
  }
  for (const char* query :
       {"SELECT random()",
        "SELECT id FROM items ORDER BY random()",
        "SELECT now()",
        "SELECT current_date",
        "SELECT 'now'::timestamp",
        "SELECT date 'today'",
        "SELECT age(made) FROM items",
        "SELECT clock_timestamp()",
        "SELECT gen_random_uuid()",
        "SELECT current_user",
        "SELECT pg_backend_pid()",
        "SELECT xmin FROM items",
        "SELECT dice()",
        "SELECT * FROM items TABLESAMPLE bernoulli (50)",
        "EXPLAIN SELECT 1",
        "SHOW work_mem",
        "SELECT \"random\"()",
        "SELECT current_database()",
        "DO $$ BEGIN PERFORM random(); END $$",
        "CREATE FUNCTION g() RETURNS float LANGUAGE sql AS 'SELECT random()'; SELECT g()"}) {
    const auto outcome = MustRun(query);
    EXPECT_TRUE(outcome->is_whole() && !outcome->deterministic) << query << Shown(outcome);
  }
}

TEST_F(PostgresChallenges, ASchemasOwnChanceIsKnown) {
  schema_ = challenges::MakeSchema(
      sql::Dialect::kPostgres,
      "CREATE TABLE t (n int, at timestamptz DEFAULT now()); CREATE VIEW v AS SELECT random() r");
  EXPECT_FALSE(MustRun("SELECT * FROM v")->deterministic);
  EXPECT_FALSE(MustRun("INSERT INTO t (n) VALUES (1) RETURNING *")->deterministic);
}

TEST_F(PostgresChallenges, AScriptThatFailsIsTheQuestionsFault) {
  schema_ = challenges::MakeSchema(sql::Dialect::kPostgres, "CREATE TABLE t (n int); SELEC 1");
  const auto outcome = Run("SELECT 1");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kInvalid);
  EXPECT_THAT(outcome.error().message, HasSubstr("syntax error"));
}

TEST_F(PostgresChallenges, AScriptRunsWithNoMoreRightsThanALearner) {
  schema_ = challenges::MakeSchema(
      sql::Dialect::kPostgres, "CREATE TABLE t (line text); RESET ROLE; COPY t FROM PROGRAM 'id'");
  const auto outcome = Run("SELECT 1");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kInvalid);
  EXPECT_THAT(outcome.error().message, HasSubstr("must be superuser"));
}

TEST_F(PostgresChallenges, SixteenRunsAtOnceKeepApart) {
  std::vector<std::string> queries;
  queries.reserve(16);
  for (int i = 0; i < 16; ++i) {
    queries.push_back(i % 4 == 0 ? "SELECT count(*) FROM items"
                                 : fmt::format("INSERT INTO items (name) SELECT 'n' FROM "
                                               "generate_series(1, {}); SELECT count(*) FROM items",
                                               i));
  }
  const auto outcomes = RunAll(queries);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_TRUE(outcomes[i]) << outcomes[i].error().message;
    EXPECT_EQ(Shown(*outcomes[i]), std::to_string(i % 4 == 0 ? 2 : 2 + i));
  }
}

TEST_F(PostgresChallenges, ALockOfOneRunHoldsNoOtherUp) {
  const auto outcomes =
      RunAll({"SELECT pg_advisory_lock(1); SELECT pg_sleep(0.3)",
              "SELECT pg_advisory_lock(1); SELECT pg_sleep(0.3)",
              "BEGIN; LOCK TABLE items; SELECT pg_sleep(0.3)",
              "BEGIN; LOCK TABLE items; SELECT pg_sleep(0.3)", "SELECT id FROM items FOR UPDATE"});
  for (const auto& outcome : outcomes) {
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE((*outcome)->is_whole()) << Shown(*outcome);
  }
}

TEST_F(PostgresChallenges, WhatAKilledProcessLeftIsSwept) {
  EXPECT_EQ(Says("DELETE FROM items; SELECT count(*) FROM items"), "0");
  StopRunner();  // as a killed one, it drops nothing
  EXPECT_NE(Count("paddock_challenge_"), "0");
  server().Ask("postgres", "CREATE ROLE paddock_challenge_left LOGIN");
  server().Ask("postgres", "CREATE DATABASE paddock_challenge_left");
  StartRunner();
  schema_ = challenges::MakeSchema(sql::Dialect::kPostgres, "");
  EXPECT_EQ(Says("SELECT 1"), "1");
  EXPECT_EQ(Count("paddock_challenge_left"), "0");
  EXPECT_EQ(Count("paddock_challenge_"), "2");
}

TEST_F(PostgresChallenges, DatabasesStayWithinTheirLimit) {
  StopRunner();
  StartRunner({.ready_max = 2, .clones_max = 3, .schemas_max = 2});
  for (int i = 0; i < 4; ++i) {
    schema_ = challenges::MakeSchema(sql::Dialect::kPostgres,
                                     fmt::format("CREATE TABLE t AS SELECT {} AS n", i));
    EXPECT_EQ(Says("UPDATE t SET n = n + 10; SELECT n FROM t"), std::to_string(i + 10));
    const auto outcomes = RunAll(std::vector<std::string>(8, "DELETE FROM t; SELECT * FROM t"));
    for (const auto& outcome : outcomes) {
      ASSERT_TRUE(outcome) << outcome.error().message;
    }
    // A template and the readers' of each schema, clones, and what of a third schema is still to
    // go.
    EXPECT_LE(std::stoi(Count("paddock_challenge_")), 3 + (2 * 3));
  }
}

TEST_F(PostgresChallenges, AServerThatComesBackServesAgain) {
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
  EXPECT_EQ(Says("DELETE FROM items; SELECT count(*) FROM items"), "0");
  server().Stop(SIGQUIT);
  const auto outcome = Run("SELECT 1");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  server().Start();
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
  server().Stop(SIGQUIT);
  server().Start();
  EXPECT_EQ(Says("DELETE FROM items; SELECT count(*) FROM items"), "0");
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
}

TEST_F(PostgresChallenges, ARunThatEndsItsOwnSessionIsNoVerdict) {
  const auto outcome = Run("SELECT pg_terminate_backend(pg_backend_pid())");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
}

}  // namespace
}  // namespace paddock::testing
