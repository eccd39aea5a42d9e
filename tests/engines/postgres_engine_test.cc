#include <signal.h>

#include <fstream>

#include <fmt/format.h>

#include "engine_test_support.h"
#include "postgres_engine_host.h"

namespace paddock::testing {
namespace {

using sql::CellType;
using sql::TransactionState;

class PostgresEngine : public EngineTest {
 protected:
  static PostgresServer& server() { return PostgresEngineHost::server(); }
  [[nodiscard]] std::string Database() const { return host_->spec().database; }
};

TEST_P(PostgresEngine, ATypeOfOnesOwnHasItsName) {
  MustRun("SELECT 1");
  MustRun("CREATE TYPE mood AS ENUM ('sad', 'happy')");
  const auto sink = MustRun("SELECT 'sad'::mood AS one, ARRAY['happy']::mood[] AS all_of_them");
  const auto& columns = sink.results.front().columns;
  EXPECT_EQ(columns[0].type, "mood");
  EXPECT_EQ(columns[0].cell_type, CellType::kText);
  EXPECT_EQ(columns[1].type, "mood[]");
  EXPECT_EQ(columns[1].cell_type, CellType::kOther);
}

TEST_P(PostgresEngine, ADeclaredTypeKeepsItsLength) {
  const auto sink = MustRun("SELECT 'a'::varchar(20), 1::numeric(10,2), 'b'::char(3), 1::numeric");
  const auto& columns = sink.results.front().columns;
  EXPECT_EQ(columns[0].type, "varchar(20)");
  EXPECT_EQ(columns[1].type, "numeric(10,2)");
  EXPECT_EQ(columns[2].type, "bpchar(3)");
  EXPECT_EQ(columns[3].type, "numeric");
  EXPECT_EQ(sink.results.front().rows.front()[2], "b  ");
}

TEST_P(PostgresEngine, BytesAreHexadecimalInEveryOutputForm) {
  MustRun("SET bytea_output = 'escape'");
  EXPECT_EQ(RowsOf(R"(SELECT '\x005c41ff'::bytea)"), std::vector<Row>{{"005c41ff"}});
}

TEST_P(PostgresEngine, ACopyIsRefusedAndTheSessionGoesOn) {
  MakeTables();
  for (const char* statement : {"COPY items FROM STDIN", "COPY items TO STDOUT"}) {
    const auto error = MustFail(statement);
    EXPECT_EQ(error.code, "0A000") << statement;
    EXPECT_FALSE(error.hint.empty());
    ExpectUsable(*session_);
  }
  EXPECT_EQ(RowsOf("SELECT COUNT(*) FROM items"), std::vector<Row>{{"3"}});
}

TEST_P(PostgresEngine, NoticesArriveWithTheirSeverityAndCode) {
  const auto sink = MustRun(
      "DO $$ BEGIN RAISE NOTICE 'first'; RAISE WARNING 'second' USING ERRCODE = '01234'; END $$");
  ASSERT_EQ(sink.notices.size(), 2U);
  EXPECT_EQ(sink.notices[0].severity, "NOTICE");
  EXPECT_EQ(sink.notices[0].message, "first");
  EXPECT_EQ(sink.notices[1].severity, "WARNING");
  EXPECT_EQ(sink.notices[1].code, "01234");
}

TEST_P(PostgresEngine, ACallMayGiveARow) {
  MustRun("CREATE PROCEDURE twice(INOUT n int) LANGUAGE plpgsql AS $$ BEGIN n := 2 * n; END $$");
  EXPECT_EQ(RowsOf("CALL twice(21)"), std::vector<Row>{{"42"}});
}

TEST_P(PostgresEngine, AnErrorKeepsItsDetailAndItsHint) {
  MakeTables();
  EXPECT_NE(MustFail("INSERT INTO parts VALUES (11, 9, 1)").detail.find("(item)=(9)"),
            std::string::npos);
  EXPECT_NE(MustFail("SELECT nam FROM items").hint.find("items.name"), std::string::npos);
}

TEST_P(PostgresEngine, ARowThatIsTooLargeFailsItsStatementOnly) {
  const auto error = MustFail("SELECT repeat('x', 40 * 1024 * 1024)");
  EXPECT_EQ(error.code, "54000");
  ExpectUsable(*session_);
}

TEST_P(PostgresEngine, AStatementThatIsTooLargeOrHasAZeroByteIsNotSent) {
  EXPECT_EQ(MustFail("SELECT '" + std::string(sql::kStatementBytesMax, 'x') + "'").code, "54000");
  EXPECT_EQ(MustFail(std::string("SELECT 1\0, 2", 12)).position, 8U);
  ExpectUsable(*session_);
}

TEST_P(PostgresEngine, ASelectOfNothingHasNoColumns) {
  MakeTables();
  const auto sink = MustRun("SELECT FROM items");
  EXPECT_TRUE(sink.results.front().columns.empty());
  EXPECT_EQ(sink.results.front().command.tag, "SELECT 3");
}

TEST_P(PostgresEngine, AReadOnlySessionChangesNothing) {
  MakeTables();
  sql::OpenSpec spec = host_->spec();
  spec.read_only = true;
  const auto opened = Open(spec, dialer_);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(MustFail(**opened, "DELETE FROM parts").code, "25006");
  EXPECT_EQ(RowsOf(**opened, "SELECT COUNT(*) FROM parts"), std::vector<Row>{{"1"}});
}

TEST_P(PostgresEngine, OnlyTheRightPasswordOpensASession) {
  server().Ask(Database(),
               "SET password_encryption = 'scram-sha-256'; SET client_min_messages = warning; DROP "
               "ROLE IF EXISTS learner;"
               "CREATE ROLE learner LOGIN PASSWORD 'geheim'");
  const auto rules = server().socket_directory() / "data/pg_hba.conf";
  std::ofstream(rules) << "local all learner scram-sha-256\nlocal all all trust\n";
  server().Ask(Database(), "SELECT pg_reload_conf()");
  sql::OpenSpec spec = host_->spec();
  spec.user = "learner";
  spec.password = "falsch";
  Result<std::unique_ptr<sql::Session>> refused;
  for (int i = 0; i < kTriesMax && refused; ++i) {  // until the server has read its rules
    refused = Open(spec, dialer_);
  }
  EXPECT_EQ(CodeOf(refused), Code::kDenied);
  EXPECT_EQ(refused.error().message.find('/'), std::string::npos) << refused.error().message;
  spec.password.clear();
  EXPECT_EQ(CodeOf(Open(spec, dialer_)), Code::kDenied);
  spec.password = "geheim";
  const auto opened = Open(spec, dialer_);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(RowsOf(**opened, "SELECT current_user"), std::vector<Row>{{"learner"}});
  spec.user = "nobody-by-that-name";
  EXPECT_EQ(CodeOf(Open(spec, dialer_)), Code::kDenied);
}

TEST_P(PostgresEngine, AnAnalyzedPlanHasFigures) {
  MakeTables();
  const auto explained = Await(session_->Explain("SELECT * FROM items WHERE id < 3", true, Soon()));
  ASSERT_TRUE(explained && explained->plan);
  const auto& root = explained->plan->root;
  EXPECT_TRUE(explained->plan->analyzed && explained->plan->execution_time);
  EXPECT_EQ(root.actual_rows, 2.0);
  EXPECT_EQ(root.loops, 1U);
  EXPECT_TRUE(root.actual_time && root.cost && root.rows);
}

TEST_P(PostgresEngine, AnExplanationRunsOneStatementOnlyAndPlacesItsErrors) {
  MakeTables();
  const auto several = Await(session_->Explain("SELECT 1; DROP TABLE parts", false, Soon()));
  ASSERT_TRUE(several && several->error);
  EXPECT_EQ(several->error->code, "42601");
  EXPECT_EQ(RowsOf("SELECT COUNT(*) FROM parts"), std::vector<Row>{{"1"}});
  for (const bool analyze : {false, true}) {
    const auto wrong = Await(session_->Explain("SELECT 'é', nothing FROM items", analyze, Soon()));
    ASSERT_TRUE(wrong && wrong->error);
    EXPECT_EQ(wrong->error->position, 13U);
    EXPECT_EQ(session_->transaction(), TransactionState::kNone);
  }
}

TEST_P(PostgresEngine, WhileNobodyTakesItsRowsTheServerWaits) {
  ExpectBackPressure("SELECT generate_series(1, 100000000), repeat('x', 1000)", [this] {
    return server().Ask(Database(),
                        fmt::format("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '{}' "
                                    "AND wait_event = 'ClientWrite'",
                                    Database())) == "1";
  });
}

TEST_P(PostgresEngine, AnAdministratorWhoEndsASessionIsQuoted) {
  server().Ask(Database(), fmt::format("SELECT COUNT(pg_terminate_backend(pid)) FROM "
                                       "pg_stat_activity WHERE datname = '{}' "
                                       "AND pid <> pg_backend_pid()",
                                       Database()));
  Sink sink;
  const auto outcome = Execute(*session_, "SELECT 1", sink);
  ASSERT_EQ(CodeOf(outcome), Code::kUnavailable);
  EXPECT_NE(outcome.error().message.find("administrator"), std::string::npos)
      << outcome.error().message;
  EXPECT_FALSE(session_->is_open());
}

TEST_P(PostgresEngine, AServerThatDiesInTheMiddleOfRowsEndsTheSession) {
  ExpectLoss("SELECT generate_series(1, 100000000)", [] { server().Stop(SIGQUIT); });
  server().Start();
  ExpectUsable(*MustOpen());
}

const sql::testing::EngineUnderTest kPostgres{
    .name = "Postgres", .make = [] { return std::make_unique<PostgresEngineHost>(); }};
INSTANTIATE_TEST_SUITE_P(Real, PostgresEngine, ::testing::Values(kPostgres));

}  // namespace
}  // namespace paddock::testing
