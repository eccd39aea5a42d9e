// What challenges on every database server pass: what a run may do, leaves, and is stopped by.
#include "server_fixture.h"

namespace paddock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

TEST_P(ServerContract, AReadingGivesTypedCells) {
  const auto outcome = MustRun(texts().reading.query);
  ASSERT_EQ(Shown(outcome), texts().reading.shown);
  EXPECT_TRUE(outcome->is_whole());
  EXPECT_TRUE(outcome->deterministic);
  EXPECT_FALSE(outcome->changed_data);
  EXPECT_THAT(outcome->engine_version, StartsWith(texts().version_begin));
  const sql::Rows& rows = outcome->results[0].rows;
  for (std::size_t column = 0; column < texts().reading_types.size(); ++column) {
    EXPECT_EQ(rows.At(0, column).type, texts().reading_types[column]) << "column " << column;
  }
}

TEST_P(ServerContract, AChangeIsSeenByItsOwnRunOnly) {
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

TEST_P(ServerContract, WhatWasNotCommittedIsNotChecked) {
  const auto outcome = MustRun({.schema = schema(),
                                .query = "BEGIN; DELETE FROM items",
                                .checks = {"SELECT count(*) FROM items"}});
  ASSERT_EQ(outcome->checks.size(), 1U) << Shown(outcome);
  EXPECT_EQ(Shown(outcome->checks[0]), "2");
}

TEST_P(ServerContract, ACloneIsTheLearnersToDefineIn) {
  EXPECT_EQ(Says(texts().defining.query), texts().defining.shown);
  EXPECT_EQ(Says("SELECT count(*) FROM dear"), "1");
}

/// Each first text leaves something; the second must not find it. Both come in two forms: one that
/// runs on a clone, and one that is a reading if anything of it is.
TEST_P(ServerContract, NothingOfOneRunIsFoundByTheNext) {
  for (const Trace& trace : texts().traces) {
    const auto left = MustRun(trace.leave);
    EXPECT_FALSE(left->error) << trace.leave << ": " << Shown(left);
    EXPECT_EQ(Says(trace.look), trace.shown) << trace.leave;
  }
}

TEST_P(ServerContract, AReadingThatChangesAfterAllRunsOnAClone) {
  for (const Saying& saying : texts().changing_readings) {
    EXPECT_EQ(Says(saying.query), saying.shown) << saying.query;
  }
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
}

TEST_P(ServerContract, AnErrorIsWhereItIsInTheWholeText) {
  for (const Failing& failing : texts().errors) {
    const auto error = MustRun(failing.query)->error;
    ASSERT_TRUE(error) << failing.query;
    EXPECT_EQ(error->code, failing.code) << failing.query;
    EXPECT_EQ(error->position, failing.position) << failing.query;
  }
}

TEST_P(ServerContract, EachLimitStopsARunAndIsSaid) {
  const auto limit = [this](const std::string& query) {
    challenges::RunLimits limits{
        .time = 300ms, .rows = 100, .bytes = 20'000, .cell_bytes = 5'000, .results = 2};
    return MustRun({.schema = schema(), .query = query, .limits = limits});
  };
  for (const std::string& query : texts().endless) {
    EXPECT_EQ(limit(query)->limit, LimitHit::kTime) << query;
  }
  const auto rows = limit(texts().many_rows);
  EXPECT_EQ(rows->limit, LimitHit::kRows);
  ASSERT_EQ(rows->results.size(), 1U);
  EXPECT_EQ(rows->results[0].rows.row_count(), 100U);
  EXPECT_EQ(limit(texts().many_bytes)->limit, LimitHit::kBytes);
  EXPECT_EQ(limit(texts().big_cell)->limit, LimitHit::kCell);
  EXPECT_EQ(limit("SELECT 1; SELECT 2; SELECT 3")->limit, LimitHit::kResults);
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
}

TEST_P(ServerContract, WhatReachesOutOfTheDatabaseIsRefused) {
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
  for (const Failing& failing : host().Outside()) {
    const std::string code = ErrorOf(failing.query);
    EXPECT_NE(code, "") << failing.query;
    EXPECT_TRUE(failing.code.empty() || code == failing.code) << failing.query << ": " << code;
  }
  for (const Saying& saying : host().Harmless()) {
    EXPECT_EQ(Says(saying.query), saying.shown) << saying.query;
  }
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
}

TEST_P(ServerContract, WhetherARunSaysTheSameAgainIsKnown) {
  for (const std::string& query : texts().certain) {
    const auto outcome = MustRun(query);
    EXPECT_TRUE(outcome->is_whole() && outcome->deterministic) << query << Shown(outcome);
  }
  for (const std::string& query : texts().chancy) {
    const auto outcome = MustRun(query);
    EXPECT_TRUE(outcome->is_whole() && !outcome->deterministic) << query << Shown(outcome);
  }
}

TEST_P(ServerContract, AScriptThatFailsIsTheQuestionsFault) {
  UseSchema(texts().bad_script);
  const auto outcome = Run("SELECT 1");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kInvalid);
  EXPECT_THAT(outcome.error().message, HasSubstr(texts().bad_script_says));
}

TEST_P(ServerContract, SixteenRunsAtOnceKeepApart) {
  std::vector<std::string> queries;
  queries.reserve(16);
  for (int i = 0; i < 16; ++i) {
    queries.push_back(i % 4 == 0 ? "SELECT count(*) FROM items" : texts().insert_rows(i));
  }
  const auto outcomes = RunAll(queries);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_TRUE(outcomes[i]) << outcomes[i].error().message;
    EXPECT_EQ(Shown(*outcomes[i]), std::to_string(i % 4 == 0 ? 2 : 2 + i));
  }
}

TEST_P(ServerContract, WhatAKilledProcessLeftIsSwept) {
  EXPECT_EQ(Says("DELETE FROM items; SELECT count(*) FROM items"), "0");
  StopRunner();  // as a killed one, it drops nothing
  EXPECT_GT(host().CountDatabases("paddock_challenge_"), 0);
  host().LeaveBehind();
  StartRunner();
  UseSchema("");
  EXPECT_EQ(Says("SELECT 1"), "1");
  EXPECT_EQ(host().CountDatabases("paddock_challenge_left"), 0);
  EXPECT_EQ(host().CountAccounts("paddock_challenge_left"), 0);
  EXPECT_EQ(host().CountDatabases("paddock_challenge_"), texts().databases_of_schema);
  EXPECT_EQ(host().CountAccounts("paddock_challenge_"), texts().databases_of_schema);
}

TEST_P(ServerContract, AServerThatComesBackServesAgain) {
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
  EXPECT_EQ(Says("DELETE FROM items; SELECT count(*) FROM items"), "0");
  host().Crash();
  const auto outcome = Run("SELECT 1");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  host().Start();
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
  host().Crash();
  host().Start();
  EXPECT_EQ(Says("DELETE FROM items; SELECT count(*) FROM items"), "0");
  EXPECT_EQ(Says("SELECT count(*) FROM items"), "2");
}

}  // namespace
}  // namespace paddock::testing
