#include <signal.h>

#include <fmt/format.h>

#include "engine_test_support.h"
#include "mariadb_engine_host.h"

namespace paddock::testing {
namespace {

using sql::CellType;
using sql::TransactionState;

class MariadbEngine : public EngineTest {
 protected:
  static MariadbServer& server() { return MariadbEngineHost::server(); }
  [[nodiscard]] std::string Database() const { return host_->spec().database; }
};

TEST_P(MariadbEngine, ColumnsHaveTheNamesOfTheirTypes) {
  MustRun(
      "CREATE TABLE kinds (a INT, b BIGINT UNSIGNED, c DECIMAL(10,2), d VARCHAR(20), "
      "e VARBINARY(4), f BIT(3), g JSON, h TEXT, i BLOB, j ENUM('x','y'), k TIMESTAMP(3) NULL, "
      "l YEAR, m DOUBLE, n UUID)");
  const auto sink = MustRun("SELECT * FROM kinds");
  std::vector<std::string> types;
  for (const auto& column : sink.results.front().columns) {
    types.push_back(column.type);
  }
  EXPECT_EQ(types,
            (std::vector<std::string>{"INT", "BIGINT UNSIGNED", "DECIMAL(10,2)", "VARCHAR(20)",
                                      "VARBINARY(4)", "BIT(3)", "JSON", "TEXT", "BLOB", "ENUM",
                                      "TIMESTAMP", "YEAR", "DOUBLE", "UUID"}));
}

TEST_P(MariadbEngine, WarningsAreNoted) {
  const auto sink = MustRun("SELECT CAST('12x' AS SIGNED)");
  ASSERT_EQ(sink.notices.size(), 1U);
  EXPECT_EQ(sink.notices.front().severity, "WARNING");
  EXPECT_EQ(sink.notices.front().code, "1292");
}

TEST_P(MariadbEngine, ACallMayGiveSeveralResultsAndAnErrorAfterThem) {
  MustRun("CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2, 3; END");
  const auto sink = MustRun("CALL two()");
  ASSERT_EQ(sink.results.size(), 3U);
  EXPECT_EQ(sink.results[0].rows, std::vector<Row>{{"1"}});
  EXPECT_EQ(sink.results[1].rows, (std::vector<Row>{{"2", "3"}}));
  EXPECT_TRUE(sink.results[2].columns.empty());
  MustRun("CREATE PROCEDURE wrong() BEGIN SELECT 1; SELECT * FROM nowhere; END");
  Sink after;
  const auto outcome = Execute(*session_, "CALL wrong()", after);
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ((*outcome)->code, "1146");
  EXPECT_EQ(after.results.size(), 1U);
  ExpectUsable(*session_);
}

TEST_P(MariadbEngine, AnErrorSaysItsSqlState) {
  EXPECT_EQ(MustFail("SELECT * FROM nowhere").detail, "SQLSTATE 42S02");
}

TEST_P(MariadbEngine, SeveralStatementsInOneAreRefused) {
  EXPECT_EQ(MustFail("SELECT 1; SELECT 2").code, "1064");
  ExpectUsable(*session_);
}

TEST_P(MariadbEngine, NoFileOfThisSideIsEverSent) {
  MakeTables();
  MustFail("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE items");
  ExpectUsable(*session_);
  EXPECT_EQ(RowsOf("SELECT COUNT(*) FROM items"), std::vector<Row>{{"3"}});
}

TEST_P(MariadbEngine, AReadOnlySessionChangesNothing) {
  MakeTables();
  sql::OpenSpec spec = host_->spec();
  spec.read_only = true;
  const auto opened = Open(spec, dialer_);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(MustFail(**opened, "DELETE FROM parts").code, "1792");
}

TEST_P(MariadbEngine, OnlyTheRightPasswordOpensASession) {
  server().Ask("CREATE OR REPLACE USER learner IDENTIFIED BY 'geheim'");
  server().Ask(fmt::format("GRANT ALL ON {}.* TO learner", Database()));
  sql::OpenSpec spec = host_->spec();
  spec.user = "learner";
  spec.password = "falsch";
  const auto refused = Open(spec, dialer_);
  ASSERT_EQ(CodeOf(refused), Code::kDenied);
  EXPECT_NE(refused.error().message.find("learner"), std::string::npos);
  spec.password = "geheim";
  const auto opened = Open(spec, dialer_);
  ASSERT_TRUE(opened) << opened.error().message;
  ExpectUsable(**opened);
  spec.database = "mysql";
  EXPECT_EQ(CodeOf(Open(spec, dialer_)), Code::kDenied);
}

TEST_P(MariadbEngine, WhatCannotBeUndoneIsNotAnalyzed) {
  MustRun("CREATE TABLE kept (n INT) ENGINE = MyISAM");
  MustRun("INSERT INTO kept VALUES (1)");
  const auto explained = Await(session_->Explain("DELETE FROM kept", true, Soon()));
  ASSERT_TRUE(explained && explained->error);
  EXPECT_EQ(explained->error->code, "0A000");
  EXPECT_NE(explained->error->message.find("kept"), std::string::npos);
  EXPECT_EQ(RowsOf("SELECT COUNT(*) FROM kept"), std::vector<Row>{{"1"}});
  MustRun("DROP TABLE kept");
  MustRun("CREATE TEMPORARY TABLE hidden (n INT) ENGINE = MyISAM");
  MustRun("INSERT INTO hidden VALUES (1)");
  const auto said = Await(session_->Explain("DELETE FROM hidden", true, Soon()));
  ASSERT_TRUE(said && said->error);
  EXPECT_EQ(said->error->code, "1196");
}

TEST_P(MariadbEngine, AnAnalyzedPlanHasFigures) {
  MakeTables();
  const auto explained = Await(
      session_->Explain("UPDATE items SET name = CONCAT(name, '!') WHERE id < 3", true, Soon()));
  ASSERT_TRUE(explained && explained->plan) << explained->error->message;
  EXPECT_TRUE(explained->plan->analyzed && explained->plan->execution_time);
  ASSERT_FALSE(explained->plan->root.children.empty());
  EXPECT_EQ(explained->plan->root.children.front().object, "items");
  EXPECT_EQ(RowsOf("SELECT name FROM items WHERE id = 1"), std::vector<Row>{{"one"}});
}

TEST_P(MariadbEngine, AnExplanationPlacesItsErrors) {
  MakeTables();
  const auto wrong = Await(session_->Explain("SELECT 'é', nothing FROM items", false, Soon()));
  ASSERT_TRUE(wrong && wrong->error);
  EXPECT_EQ(wrong->error->position, 13U);
}

TEST_P(MariadbEngine, WhileNobodyTakesItsRowsTheServerWaits) {
  ExpectBackPressure("SELECT seq, REPEAT('x', 1000) FROM seq_1_to_100000000", [this] {
    return server().Ask(
               fmt::format("SELECT COUNT(*) FROM information_schema.processlist WHERE db = '{}' "
                           "AND state = 'Writing to net'",
                           Database())) == "1";
  });
}

TEST_P(MariadbEngine, AnAdministratorWhoKillsAConnectionEndsTheSession) {
  server().Ask(fmt::format("KILL CONNECTION {}", *RowsOf("SELECT CONNECTION_ID()")[0][0]));
  Sink sink;
  EXPECT_EQ(CodeOf(Execute(*session_, "SELECT 1", sink)), Code::kUnavailable);
  EXPECT_FALSE(session_->is_open());
}

TEST_P(MariadbEngine, AServerThatDiesInTheMiddleOfRowsEndsTheSession) {
  ExpectLoss("SELECT seq FROM seq_1_to_100000000", [] { server().Stop(SIGKILL); });
  server().Start();
  ExpectUsable(*MustOpen());
}

const sql::testing::EngineUnderTest kMariadb{
    .name = "Mariadb", .make = [] { return std::make_unique<MariadbEngineHost>(); }};
INSTANTIATE_TEST_SUITE_P(Real, MariadbEngine, ::testing::Values(kMariadb));

}  // namespace
}  // namespace paddock::testing
