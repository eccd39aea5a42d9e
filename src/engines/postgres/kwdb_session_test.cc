#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "aio/condition.h"
#include "aio/testing/run_on.h"
#include "engines/postgres/postgres_engine.h"
#include "engines/postgres/testing/scripted_server.h"
#include "sql/testing/recording_sink.h"

namespace paddock::engines::postgres {
namespace {

using sql::testing::RecordingSink;
using testing::Reply;
using testing::ScriptedServer;

constexpr std::uint32_t kPrivateType = 91004;

class KwdbSession : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = std::make_shared<ScriptedServer>(loop_);
    auto opened = Await(engine_.Open(loop_.get_executor(), spec_, server_, Soon()));
    ASSERT_TRUE(opened) << opened.error().message;
    session_ = *std::move(opened);
  }
  void TearDown() override {
    session_.reset();
    Await(server_->Close());
  }
  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }
  void Script(std::string statement, Reply reply) {
    server_->script.emplace_back(std::move(statement), std::move(reply));
  }
  static Reply Error(std::string state, std::string message, std::string detail = {}) {
    Reply reply{.error = {{'S', "ERROR"}, {'C', std::move(state)}, {'M', std::move(message)}}};
    if (!detail.empty()) {
      reply.error['D'] = std::move(detail);
    }
    return reply;
  }
  sql::StatementError MustFail(std::string statement) {
    RecordingSink sink;
    auto outcome = Await(session_->Execute(std::move(statement), sink, Soon()));
    EXPECT_TRUE(outcome && *outcome);
    return outcome && *outcome ? **outcome : sql::StatementError{};
  }

  boost::asio::io_context loop_;
  PostgresEngine engine_{sql::Dialect::kKwdb, std::filesystem::temp_directory_path()};
  sql::OpenSpec spec_{.application_name = "paddock-7f3a"};
  std::shared_ptr<ScriptedServer> server_;
  std::unique_ptr<sql::Session> session_;
};

TEST_F(KwdbSession, SaysItsOwnVersionAndOpensWithAStatementTimeout) {
  EXPECT_EQ(session_->server_version(), "KaiwuDB 2.2.0");
  ASSERT_FALSE(server_->heard.empty());
  EXPECT_NE(server_->heard.front().find("SET statement_timeout"), std::string::npos);
  EXPECT_EQ(server_->application_names, std::vector<std::string>{"paddock-7f3a"});
  EXPECT_EQ(server_->dial_count, 1);
}

TEST_F(KwdbSession, ItsPrivateTypesAreText) {
  Script("SELECT", {.columns = {{"v", kPrivateType}, {"n", 20}},
                    .rows = {{"nvarchar", "9223372036854775807"}, {std::nullopt, "1"}},
                    .tag = "SELECT 2"});
  RecordingSink sink;
  auto outcome = Await(session_->Execute("SELECT v, n FROM t", sink, Soon()));
  ASSERT_TRUE(outcome && !*outcome);
  const auto& result = sink.results.front();
  EXPECT_EQ(result.columns[0], (sql::Column{.name = "v"}));
  EXPECT_EQ(result.columns[1].cell_type, sql::CellType::kInteger);
  EXPECT_EQ(result.rows[0].front(), "nvarchar");
  EXPECT_EQ(result.rows[1].front(), std::nullopt);
}

TEST_F(KwdbSession, TheCaretInTheDetailIsThePosition) {
  Script("SELEC", Error("42601", R"(at or near "from": syntax error)",
                        "source SQL:\nSELECT 'é',\n  FROM t\n  ^"));
  const auto error = MustFail("SELECT 'é',\n  FROM t\nWHERE 1 = 1");
  EXPECT_EQ(error.code, "42601");
  EXPECT_EQ(error.position, 15U);
  Script("CREATE", Error("42601", "syntax error", "try something else"));
  EXPECT_EQ(MustFail("CREATE nothing").position, std::nullopt);
}

TEST_F(KwdbSession, ASecondSessionCancelsWhatTheFirstOneRuns) {
  Script("pg_sleep", {.waits = true});
  Script("SHOW QUERIES", {.columns = {{"query_id"}},
                          .rows = {{"17a2b3c4d5e6f7080000000000000001"}, {"x'; DROP TABLE t"}},
                          .tag = "SELECT 2"});
  RecordingSink sink;
  auto outcome = Await(session_->Execute("SELECT pg_sleep(300)", sink,
                                         Deadline::After(std::chrono::milliseconds(50))));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kDeadlineExceeded);
  EXPECT_TRUE(session_->is_open());
  EXPECT_EQ(server_->application_names, (std::vector<std::string>{"paddock-7f3a", ""}));
  const auto& heard = server_->heard;
  ASSERT_GE(heard.size(), 2U);
  EXPECT_NE(heard[heard.size() - 2].find("application_name = 'paddock-7f3a'"), std::string::npos);
  EXPECT_EQ(heard.back(), "CANCEL QUERY '17a2b3c4d5e6f7080000000000000001'");
  RecordingSink after;
  EXPECT_TRUE(Await(session_->Execute("SELECT 1", after, Soon())));
}

TEST_F(KwdbSession, AnExplanationIsReadFromItsTable) {
  Script("EXPLAIN SELECT", {.columns = {{"tree"}, {"field"}, {"description"}},
                            .rows = {{"", "distributed", "true"},
                                     {"sort", "", ""},
                                     {" │", "order", "+ts"},
                                     {" └── synchronizer", "", ""},
                                     {"      └── ts scan", "", ""},
                                     {"", "ts-table", "meters"},
                                     {"", "access mode", "tableTableMeta"}},
                            .tag = "EXPLAIN 7"});
  auto explained = Await(session_->Explain("SELECT * FROM meters ORDER BY ts", false, Soon()));
  ASSERT_TRUE(explained) << explained.error().message;
  ASSERT_TRUE(explained->plan);
  const sql::PlanNode& root = explained->plan->root;
  EXPECT_EQ(root.operation, "sort");
  ASSERT_EQ(root.details.size(), 2U);
  EXPECT_EQ(root.details.front().second, "true");
  ASSERT_EQ(root.children.size(), 1U);
  ASSERT_EQ(root.children.front().children.size(), 1U);
  const sql::PlanNode& scan = root.children.front().children.front();
  EXPECT_EQ(scan.operation, "ts scan");
  EXPECT_EQ(scan.object, "meters");
}

TEST_F(KwdbSession, WhatMayChangeDataIsNotAnalyzed) {
  const std::size_t before = server_->heard.size();
  auto explained = Await(session_->Explain("DELETE FROM meters", true, Soon()));
  ASSERT_TRUE(explained);
  EXPECT_FALSE(explained->plan);
  EXPECT_EQ(explained->error->code, "0A000");
  EXPECT_EQ(server_->heard.size(), before);
}

TEST_F(KwdbSession, AnAnalyzedPlanKeepsTheDatabasesOwnText) {
  Script("EXPLAIN ANALYZE", {.columns = {{"automatic", 16}, {"json"}},
                             .rows = {{"t", R"({"processors":[]})"}},
                             .tag = "EXPLAIN 1"});
  Script("EXPLAIN SELECT", {.columns = {{"tree"}, {"field"}, {"description"}},
                            .rows = {{"scan", "", ""}, {"", "table", "t@primary"}},
                            .tag = "EXPLAIN 2"});
  auto explained = Await(session_->Explain("SELECT 1 FROM t", true, Soon()));
  ASSERT_TRUE(explained && explained->plan);
  EXPECT_TRUE(explained->plan->analyzed);
  EXPECT_EQ(explained->plan->root.object, "t@primary");
  EXPECT_NE(explained->plan->text.find("processors"), std::string::npos);
}

TEST_F(KwdbSession, TheCatalogKnowsTagsAndTimeSeries) {
  Script("SHOW database", {.columns = {{"database"}}, .rows = {{R"(pow"er)"}}, .tag = "SHOW 1"});
  Script("SHOW DATABASES", {.columns = {{"database_name"}, {"engine_type"}},
                            .rows = {{"defaultdb", "RELATIONAL"}, {R"(pow"er)", "TIME SERIES"}},
                            .tag = "SHOW 2"});
  Script("information_schema.tables",
         {.columns = {{"table_schema"}, {"table_name"}, {"table_type"}},
          .rows = {{"public", "meters", "TIME SERIES TABLE"}, {"public", "users", "BASE TABLE"}},
          .tag = "SELECT 2"});
  Script("information_schema.columns",
         {.columns = {{"table_schema"},
                      {"table_name"},
                      {"column_name"},
                      {"kwdb_sql_type"},
                      {"is_nullable"},
                      {"column_default"},
                      {"is_tag"}},
          .rows = {{"public", "meters", "ts", "TIMESTAMPTZ(3)", "NO", std::nullopt, "NO"},
                   {"public", "meters", "room", "VARCHAR(20)", "NO", std::nullopt, "YES"},
                   {"public", "users", "id", "INT8", "YES", "unique_rowid()", "NO"}},
          .tag = "SELECT 3"});
  Script("key_column_usage", Error("42P01", "relation does not exist"));
  Script("statistics", Error("42P01", "relation does not exist"));
  Script("builtin_functions",
         {.columns = {{"function"}}, .rows = {{"time_bucket"}, {"twa"}}, .tag = "SELECT 2"});
  auto catalog = Await(session_->Describe(Soon()));
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(catalog->database, R"(pow"er)");
  EXPECT_EQ(catalog->databases.size(), 2U);
  ASSERT_EQ(catalog->tables.size(), 2U);
  EXPECT_EQ(catalog->tables[0].kind, "time series");
  EXPECT_EQ(catalog->tables[1].kind, "table");
  EXPECT_FALSE(catalog->tables[0].columns[0].is_tag);
  EXPECT_TRUE(catalog->tables[0].columns[1].is_tag);
  EXPECT_EQ(catalog->tables[1].columns[0].default_text, "unique_rowid()");
  EXPECT_EQ(catalog->functions, (std::vector<std::string>{"time_bucket", "twa"}));
  const auto quoted = std::ranges::any_of(server_->heard, [](const std::string& statement) {
    return statement.find(R"("pow""er".information_schema.tables)") != std::string::npos;
  });
  EXPECT_TRUE(quoted);
}

TEST_F(KwdbSession, ARowThatDoesNotFitItsColumnsEndsTheSession) {
  Script("SELECT", {.raw = std::string("D\0\0\0\x06\0\x01", 7)});
  RecordingSink sink;
  auto outcome = Await(session_->Execute("SELECT 1", sink, Soon()));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  EXPECT_FALSE(session_->is_open());
}

TEST_F(KwdbSession, AMessageThatClaimsToBeHugeEndsTheSession) {
  Script("SELECT", {.raw = std::string("T\x7f\xff\xff\xff\0\x01", 7)});
  RecordingSink sink;
  auto outcome = Await(session_->Execute("SELECT 1", sink, Soon()));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  EXPECT_FALSE(session_->is_open());
}

}  // namespace
}  // namespace paddock::engines::postgres
