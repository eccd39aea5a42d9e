// Challenges on a real MariaDB: what a run may do, what it leaves, and what stops it.
#include <signal.h>

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "../engines/mariadb_server.h"
#include "engines/mariadb/mariadb_engine.h"
#include "images/testing/temp_directory.h"
#include "runners/server/mariadb_databases.h"
#include "server_fixture.h"

namespace paddock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr const char* kScript = R"(
CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL,
                    price DECIMAL(8,2), made DATE);
INSERT INTO items (name, price, made) VALUES ('tea', 3.50, '2024-01-31'), ('häß', NULL, NULL);
CREATE SEQUENCE numbers;
CREATE VIEW dear AS SELECT * FROM items WHERE price > 3;
DELIMITER //
CREATE FUNCTION twice(n INT) RETURNS INT BEGIN RETURN n * 2; END//
CREATE FUNCTION dice() RETURNS DOUBLE BEGIN RETURN RAND(); END//
DELIMITER ;
)";

class MariadbChallenges : public ServerRunnerTest {
 protected:
  void SetUp() override {
    if (!server().missing().empty()) {
      GTEST_SKIP() << server().missing();
    }
    StartRunner();
  }
  static MariadbServer& server() { return MariadbServer::Shared(); }

  std::unique_ptr<runners::server::Databases> MakeDatabases() override {
    runners::server::ServerAddress address;
    address.dialect = sql::Dialect::kMariadb;
    address.user = "root";
    address.socket = server().socket_path();
    return std::make_unique<runners::server::MariadbDatabases>(loop_.get_executor(), engine_,
                                                               address);
  }
  SchemaRef schema() const override { return schema_; }

  static std::string Count(const std::string& prefix) {
    return server().Ask(
        fmt::format("SELECT COUNT(*) FROM information_schema.schemata WHERE "
                    "LEFT(schema_name, LENGTH('{0}')) = '{0}'",
                    prefix));
  }

  images::TempDirectory directory_;
  engines::mariadb::MariadbEngine engine_{directory_.path()};
  SchemaRef schema_ = challenges::MakeSchema(sql::Dialect::kMariadb, kScript);
};

TEST_F(MariadbChallenges, AReadingGivesTypedCells) {
  const auto outcome =
      MustRun("SELECT id, LEFT(name, 2), price, YEAR(made), RIGHT('häß', 2) FROM items");
  ASSERT_EQ(Shown(outcome), "1,te,3.50,2024,äß;2,hä,NULL,NULL,äß");
  EXPECT_TRUE(outcome->is_whole());
  EXPECT_TRUE(outcome->deterministic);
  EXPECT_FALSE(outcome->changed_data);
  EXPECT_THAT(outcome->engine_version, StartsWith("MariaDB 1"));
  const sql::Rows& rows = outcome->results[0].rows;
  EXPECT_EQ(rows.At(0, 0).type, sql::CellType::kInteger);
  EXPECT_EQ(rows.At(0, 2).type, sql::CellType::kDecimal);
}

TEST_F(MariadbChallenges, AChangeIsSeenByItsOwnRunOnly) {
  const auto outcome = MustRun({.schema = schema(),
                                .query = "INSERT INTO items (name) VALUES ('x'); "
                                         "SELECT COUNT(*) FROM items",
                                .checks = {"SELECT MAX(id) FROM items", "SELECT 1"}});
  EXPECT_EQ(Shown(outcome), "3");
  EXPECT_TRUE(outcome->changed_data);
  EXPECT_TRUE(outcome->deterministic);
  ASSERT_EQ(outcome->checks.size(), 2U);
  EXPECT_EQ(Shown(outcome->checks[0]), "3");
  EXPECT_EQ(Says("SELECT COUNT(*) FROM items"), "2");
}

TEST_F(MariadbChallenges, WhatWasNotCommittedIsNotChecked) {
  const auto outcome = MustRun({.schema = schema(),
                                .query = "BEGIN; DELETE FROM items",
                                .checks = {"SELECT COUNT(*) FROM items"}});
  ASSERT_EQ(outcome->checks.size(), 1U) << Shown(outcome);
  EXPECT_EQ(Shown(outcome->checks[0]), "2");
}

TEST_F(MariadbChallenges, ACloneIsTheLearnersToDefineIn) {
  EXPECT_EQ(Says("ALTER TABLE items ADD COLUMN kind TEXT DEFAULT 'k'; DROP VIEW dear; "
                 "CREATE VIEW dear AS SELECT kind FROM items; TRUNCATE items; "
                 "CREATE TRIGGER t BEFORE INSERT ON items FOR EACH ROW SET NEW.kind = 'n'; "
                 "INSERT INTO items (name) VALUES ('x'); SELECT * FROM dear"),
            "n");
  EXPECT_EQ(Says("SELECT COUNT(*) FROM dear"), "1");
}

TEST_F(MariadbChallenges, NothingOfOneRunIsFoundByTheNext) {
  struct Trace {
    const char* leave;
    const char* look;
    const char* expected;
  };
  constexpr auto kTraces = std::to_array<Trace>(
      {{"CREATE TABLE left_behind (n INT)",
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'left_behind'", "0"},
       {"CREATE TEMPORARY TABLE items (n INT)", "SELECT COUNT(name) FROM items", "2"},
       {"SELECT NEXT VALUE FOR numbers", "SELECT NEXT VALUE FOR numbers", "1"},
       {"SELECT NEXTVAL(numbers)", "SELECT LASTVAL(numbers)", "NULL"},
       {"SET @x = 7", "SELECT @x", "NULL"},
       {"SELECT @x := 7", "SELECT @x", "NULL"},
       {"SET sort_buffer_size = 77777", "SELECT @@sort_buffer_size = 77777", "0"},
       {"SET sql_mode = 'ANSI_QUOTES'", "SELECT \"text\"", "text"},
       {"SELECT GET_LOCK('x', 0)", "SELECT IS_FREE_LOCK('x')", "1"},
       {"PREPARE p FROM 'SELECT 1'", "EXECUTE p",
        "1243 Unknown prepared statement handler (p) given to EXECUTE"},
       {"INSERT INTO items (name) VALUES ('x')", "SELECT LAST_INSERT_ID()", "0"},
       {"LOCK TABLES items WRITE", "SELECT COUNT(*) FROM items", "2"},
       {"BEGIN; DELETE FROM items; COMMIT", "SELECT COUNT(*) FROM items", "2"}});
  for (const Trace& trace : kTraces) {
    const auto left = MustRun(trace.leave);
    EXPECT_FALSE(left->error) << trace.leave << ": " << Shown(left);
    EXPECT_EQ(Says(trace.look), trace.expected) << trace.leave;
  }
}

TEST_F(MariadbChallenges, AReadingThatChangesAfterAllRunsOnAClone) {
  EXPECT_EQ(Says("SELECT twice(4)"), "8");
  EXPECT_EQ(Says("SELECT id FROM items ORDER BY id FOR UPDATE"), "1;2");
  EXPECT_EQ(Says("SELECT COUNT(*) INTO @n FROM items; SELECT @n"), "2");
  EXPECT_EQ(Says("/*!50000 DELETE FROM items */; SELECT COUNT(*) FROM items"), "0");
  EXPECT_EQ(Says("COMMIT; DELETE FROM items; SELECT COUNT(*) FROM items"), "0");
  EXPECT_EQ(Says("SELECT COUNT(*) FROM items"), "2");
}

TEST_F(MariadbChallenges, AnErrorIsWhereItIsInTheWholeText) {
  const auto error = MustRun("SELECT 'ä';\n  SELECT nothing FROM items")->error;
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, "1054");
  EXPECT_EQ(error->position, 22U);
}

TEST_F(MariadbChallenges, EachLimitStopsARunAndIsSaid) {
  const auto limit = [this](const char* query) {
    challenges::RunLimits limits{
        .time = 300ms, .rows = 100, .bytes = 20'000, .cell_bytes = 5'000, .results = 2};
    return MustRun({.schema = schema(), .query = query, .limits = limits});
  };
  EXPECT_EQ(limit("SELECT SLEEP(60)")->limit, LimitHit::kTime);
  EXPECT_EQ(limit("SET max_statement_time = 0; SELECT SLEEP(60)")->limit, LimitHit::kTime);
  EXPECT_EQ(limit("SELECT SUM(a.seq * b.seq) FROM seq_1_to_1000000 a, seq_1_to_1000000 b")->limit,
            LimitHit::kTime);
  const auto rows = limit("SELECT seq FROM seq_1_to_1000000000");
  EXPECT_EQ(rows->limit, LimitHit::kRows);
  ASSERT_EQ(rows->results.size(), 1U);
  EXPECT_EQ(rows->results[0].rows.row_count(), 100U);
  EXPECT_EQ(limit("SELECT REPEAT('x', 1000) FROM seq_1_to_99")->limit, LimitHit::kBytes);
  EXPECT_EQ(limit("SELECT REPEAT('x', 5001)")->limit, LimitHit::kCell);
  EXPECT_EQ(limit("SELECT 1; SELECT 2; SELECT 3")->limit, LimitHit::kResults);
  EXPECT_EQ(Says("SELECT COUNT(*) FROM items"), "2");
}

TEST_F(MariadbChallenges, WhatReachesOutOfTheDatabaseIsRefused) {
  EXPECT_EQ(ErrorOf("SELECT * FROM items INTO OUTFILE '/tmp/paddock-was-here'"), "1227");
  EXPECT_EQ(ErrorOf("LOAD DATA INFILE '/etc/passwd' INTO TABLE items"), "1045");
  EXPECT_NE(ErrorOf("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE items"), "");
  EXPECT_EQ(Says("SELECT LOAD_FILE('/etc/passwd')"), "NULL");
  EXPECT_EQ(ErrorOf("CREATE DATABASE mine"), "1044");
  EXPECT_EQ(ErrorOf("DROP DATABASE mysql"), "1044");
  const std::string others = server().Ask(
      "SELECT schema_name FROM information_schema.schemata "
      "WHERE schema_name LIKE 'paddock%\\_1'");
  EXPECT_EQ(ErrorOf("DROP DATABASE " + others), "1044");
  EXPECT_EQ(ErrorOf("USE mysql"), "1044");
  EXPECT_EQ(ErrorOf("SELECT * FROM mysql.global_priv"), "1142");
  EXPECT_EQ(ErrorOf("CREATE USER mine"), "1227");
  EXPECT_EQ(ErrorOf("GRANT ALL ON *.* TO CURRENT_USER"), "1045");
  EXPECT_EQ(ErrorOf("SET GLOBAL max_connections = 1"), "1227");
  EXPECT_EQ(ErrorOf("SHUTDOWN"), "1227");
  EXPECT_EQ(ErrorOf("FLUSH TABLES"), "1227");
  const std::string thread = server().Ask(
      "SELECT MIN(id) FROM information_schema.processlist WHERE user = 'root' "
      "AND id <> CONNECTION_ID()");
  EXPECT_EQ(ErrorOf("KILL " + thread), "1095");
  EXPECT_EQ(ErrorOf("INSTALL SONAME 'x'"), "1142");
  EXPECT_EQ(ErrorOf("CREATE FUNCTION f RETURNS INTEGER SONAME 'x.so'"), "1044");
  EXPECT_EQ(Says("SELECT COUNT(*) FROM information_schema.processlist"), "1");
  EXPECT_EQ(Says("SELECT COUNT(*) FROM items"), "2");
}

TEST_F(MariadbChallenges, WhetherARunSaysTheSameAgainIsKnown) {
  for (const char* query :
       {"SELECT * FROM items", "SELECT CONCAT(name, 1), DATE_FORMAT(made, '%Y') FROM items",
        "SELECT twice(id) FROM items", "SELECT IF(price > 1, 'now', name) FROM dear",
        "INSERT INTO items (name) VALUES ('x')", "SELECT UNIX_TIMESTAMP(made) FROM items",
        "SELECT NEXTVAL(numbers)", "SELECT YEAR(made), MONTH(made), DAY(made) FROM items"}) {
    const auto outcome = MustRun(query);
    EXPECT_TRUE(outcome->is_whole() && outcome->deterministic) << query << Shown(outcome);
  }
  for (const char* query :
       {"SELECT RAND()", "SELECT id FROM items ORDER BY RAND()", "SELECT NOW()", "SELECT CURDATE()",
        "SELECT CURRENT_DATE", "SELECT SYSDATE()", "SELECT UNIX_TIMESTAMP()", "SELECT UUID()",
        "SELECT CONNECTION_ID()", "SELECT USER()", "SELECT DATABASE()", "SELECT dice()",
        "SELECT @@hostname", "SHOW TABLES", "EXPLAIN SELECT 1", "SELECT UTC_DATE",
        "SELECT /*!50000 RAND() */"}) {
    const auto outcome = MustRun(query);
    EXPECT_TRUE(outcome->is_whole() && !outcome->deterministic) << query << Shown(outcome);
  }
}

TEST_F(MariadbChallenges, AScriptThatFailsIsTheQuestionsFault) {
  schema_ = challenges::MakeSchema(sql::Dialect::kMariadb, "CREATE TABLE t (n INT); SELEC 1");
  const auto outcome = Run("SELECT 1");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kInvalid);
  EXPECT_THAT(outcome.error().message, HasSubstr("error in your SQL syntax"));
}

TEST_F(MariadbChallenges, SixteenRunsAtOnceKeepApart) {
  std::vector<std::string> queries;
  queries.reserve(16);
  for (int i = 0; i < 16; ++i) {
    queries.push_back(i % 4 == 0 ? "SELECT COUNT(*) FROM items"
                                 : fmt::format("INSERT INTO items (name) SELECT 'n' FROM "
                                               "seq_1_to_{}; SELECT COUNT(*) FROM items",
                                               i));
  }
  const auto outcomes = RunAll(queries);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_TRUE(outcomes[i]) << outcomes[i].error().message;
    EXPECT_EQ(Shown(*outcomes[i]), std::to_string(i % 4 == 0 ? 2 : 2 + i));
  }
}

TEST_F(MariadbChallenges, WhatAKilledProcessLeftIsSwept) {
  EXPECT_EQ(Says("DELETE FROM items; SELECT COUNT(*) FROM items"), "0");
  StopRunner();  // as a killed one, it drops nothing
  EXPECT_NE(Count("paddock_challenge_"), "0");
  server().Ask("CREATE DATABASE paddock_challenge_left");
  server().Ask("CREATE USER paddock_challenge_left@'localhost'");
  StartRunner();
  schema_ = challenges::MakeSchema(sql::Dialect::kMariadb, "");
  EXPECT_EQ(Says("SELECT 1"), "1");
  EXPECT_EQ(Count("paddock_challenge_"), "1");
  EXPECT_EQ(server().Ask("SELECT COUNT(*) FROM mysql.user WHERE user LIKE 'paddock%'"), "1");
}

TEST_F(MariadbChallenges, AServerThatComesBackServesAgain) {
  EXPECT_EQ(Says("SELECT COUNT(*) FROM items"), "2");
  server().Stop(SIGKILL);
  const auto outcome = Run("SELECT 1");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  server().Start();
  EXPECT_EQ(Says("DELETE FROM items; SELECT COUNT(*) FROM items"), "0");
  EXPECT_EQ(Says("SELECT COUNT(*) FROM items"), "2");
}

}  // namespace
}  // namespace paddock::testing
