// Challenges on a real PostgreSQL: the suite of all servers, and what only PostgreSQL has.
#include <array>

#include <fmt/format.h>

#include "server_fixture.h"

namespace paddock::testing {
namespace {

using ::testing::HasSubstr;

const ServerUnderTest kPostgres{.name = "Postgres", .make = MakePostgresChallengeHost};

class PostgresChallenges : public ServerRunnerTest {};

TEST_P(PostgresChallenges, WhatCameBeforeAnErrorIsShown) {
  EXPECT_EQ(MustRun("SELECT 1; SELECT 1/0")->results.size(), 1U);
}

TEST_P(PostgresChallenges, NoTextGetsOutOfTheReadOnlyTransaction) {
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

TEST_P(PostgresChallenges, NobodyElsesQueriesAreSeen) {
  EXPECT_EQ(Says("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                 "AND query NOT IN ('', '<insufficient privilege>')"),
            "0");
}

TEST_P(PostgresChallenges, ASchemasOwnChanceIsKnown) {
  UseSchema(
      "CREATE TABLE t (n int, at timestamptz DEFAULT now()); CREATE VIEW v AS SELECT random() r");
  EXPECT_FALSE(MustRun("SELECT * FROM v")->deterministic);
  EXPECT_FALSE(MustRun("INSERT INTO t (n) VALUES (1) RETURNING *")->deterministic);
}

TEST_P(PostgresChallenges, AScriptRunsWithNoMoreRightsThanALearner) {
  UseSchema("CREATE TABLE t (line text); RESET ROLE; COPY t FROM PROGRAM 'id'");
  const auto outcome = Run("SELECT 1");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kInvalid);
  EXPECT_THAT(outcome.error().message, HasSubstr("must be superuser"));
}

TEST_P(PostgresChallenges, ALockOfOneRunHoldsNoOtherUp) {
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

TEST_P(PostgresChallenges, DatabasesStayWithinTheirLimit) {
  StopRunner();
  StartRunner({.ready_max = 2, .clones_max = 3, .schemas_max = 2});
  for (int i = 0; i < 4; ++i) {
    UseSchema(fmt::format("CREATE TABLE t AS SELECT {} AS n", i));
    EXPECT_EQ(Says("UPDATE t SET n = n + 10; SELECT n FROM t"), std::to_string(i + 10));
    const auto outcomes = RunAll(std::vector<std::string>(8, "DELETE FROM t; SELECT * FROM t"));
    for (const auto& outcome : outcomes) {
      ASSERT_TRUE(outcome) << outcome.error().message;
    }
    // A template and the readers' of each schema, clones, and what of a third schema is still to
    // go.
    EXPECT_LE(host().CountDatabases("paddock_challenge_"), 3 + (2 * 3));
  }
}

TEST_P(PostgresChallenges, ARunThatEndsItsOwnSessionIsNoVerdict) {
  const auto outcome = Run("SELECT pg_terminate_backend(pg_backend_pid())");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
}

INSTANTIATE_TEST_SUITE_P(Postgres, ServerContract, ::testing::Values(kPostgres));
INSTANTIATE_TEST_SUITE_P(Postgres, PostgresChallenges, ::testing::Values(kPostgres));

}  // namespace
}  // namespace paddock::testing
