#include "engines/sqlite/connection.h"

#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace paddock::engines::sqlite {
namespace {

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() : connection_(*Connection::Open(":memory:", false)) {}

  sql::Rows Run(std::string_view text) {
    auto statement = connection_->Prepare(text);
    EXPECT_TRUE(statement) << statement.error().message;
    sql::Rows rows(statement->Columns().size());
    for (auto more = statement->Step(); more && *more; more = statement->Step()) {
      statement->AppendRow(rows);
    }
    return rows;
  }
  sql::StatementError ErrorOf(std::string_view text) {
    auto statement = connection_->Prepare(text);
    if (!statement) {
      return statement.error();
    }
    auto more = statement->Step();
    while (more && *more) {
      more = statement->Step();
    }
    EXPECT_FALSE(more) << text;
    return more ? sql::StatementError{} : more.error();
  }

  std::unique_ptr<Connection> connection_;
};

TEST_F(ConnectionTest, EveryValueHasItsExactTextAndType) {
  using enum sql::CellType;
  const auto rows = Run("SELECT 9223372036854775807, 0.1, 'ü', x'00FF', NULL, ''");
  ASSERT_EQ(rows.row_count(), 1U);
  EXPECT_EQ(rows.At(0, 0), (sql::Cell{kInteger, "9223372036854775807"}));
  EXPECT_EQ(rows.At(0, 1), (sql::Cell{kReal, "0.1"}));
  EXPECT_EQ(rows.At(0, 2), (sql::Cell{kText, "ü"}));
  EXPECT_EQ(rows.At(0, 3), (sql::Cell{kBytes, "00ff"}));
  EXPECT_EQ(rows.At(0, 4), (sql::Cell{kNull, ""}));
  EXPECT_EQ(rows.At(0, 5), (sql::Cell{kText, ""}));
}

TEST_F(ConnectionTest, ColumnsHaveTheirDeclaredTypes) {
  Run("CREATE TABLE a (n DECIMAL(10, 2), b)");
  const auto columns = connection_->Prepare("SELECT n, b, 1 AS c FROM a")->Columns();
  ASSERT_EQ(columns.size(), 3U);
  EXPECT_EQ(columns[0], (sql::Column{.name = "n", .type = "DECIMAL(10, 2)"}));
  EXPECT_EQ(columns[1].type, "");
  EXPECT_EQ(columns[2].name, "c");
}

TEST_F(ConnectionTest, ErrorsHaveTheirNameAndPlace) {
  Run("CREATE TABLE a (n UNIQUE)");
  Run("INSERT INTO a VALUES (1)");
  const auto unknown = ErrorOf("SELECT missing FROM a");
  EXPECT_EQ(unknown.code, "SQLITE_ERROR");
  EXPECT_EQ(unknown.message, "no such column: missing");
  EXPECT_EQ(unknown.position, 7U);
  const auto taken = ErrorOf("INSERT INTO a VALUES (1)");
  EXPECT_EQ(taken.code, "SQLITE_CONSTRAINT_UNIQUE");
  EXPECT_EQ(taken.position, std::nullopt);
}

TEST_F(ConnectionTest, OnlyOneStatementIsTakenAtATime) {
  EXPECT_EQ(ErrorOf("SELECT 1; SELECT 2").position, 9U);
  EXPECT_EQ(Run("SELECT 1; -- nothing more\n /* at all */ ;").row_count(), 1U);
}

TEST_F(ConnectionTest, ABlankTextDoesNothing) {
  for (const std::string_view text : {"", " ", "-- a", "/* b */", ";"}) {
    auto statement = connection_->Prepare(text);
    ASSERT_TRUE(statement) << text;
    EXPECT_TRUE(statement->is_blank());
    EXPECT_TRUE(statement->Columns().empty());
    EXPECT_EQ(statement->Step(), false);
  }
}

TEST_F(ConnectionTest, ChangesAreCountedAndTransactionsAreSeen) {
  Run("CREATE TABLE a (n)");
  EXPECT_FALSE(connection_->in_transaction());
  Run("BEGIN");
  EXPECT_TRUE(connection_->in_transaction());
  auto insert = connection_->Prepare("INSERT INTO a VALUES (1), (2)");
  EXPECT_FALSE(insert->is_read_only());
  EXPECT_EQ(insert->Step(), false);
  EXPECT_EQ(insert->ChangedRows(), 2U);
  Run("ROLLBACK");
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_TRUE(connection_->Prepare("SELECT * FROM a")->is_read_only());
  EXPECT_TRUE(connection_->Prepare("EXPLAIN DELETE FROM a")->is_read_only());
}

TEST_F(ConnectionTest, AStatementIsStoppedFromAnotherThread) {
  auto endless = connection_->Prepare(
      "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c");
  ASSERT_TRUE(endless);
  std::thread stopper([this] { connection_->Stop(); });
  const auto outcome = endless->Step();
  stopper.join();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, sql::kCancelledState);
  connection_->Resume();
  EXPECT_EQ(Run("SELECT 1").row_count(), 1U);
}

TEST_F(ConnectionTest, AStatementThatNeedsTooMuchMemoryFailsAlone) {
  EXPECT_EQ(ErrorOf("SELECT length(zeroblob(900000000) || 'x')").code, "SQLITE_NOMEM");
  EXPECT_EQ(Run("SELECT 1").row_count(), 1U);
}

TEST(Connection, WhatIsNoDatabaseCannotBeOpened) {
  const std::string path = ::testing::TempDir() + "paddock_no_database";
  std::ofstream(path) << std::string(4096, 'x');
  const auto opened = Connection::Open(path, false);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "SQLITE_NOTADB");
  EXPECT_FALSE(Connection::Open("/nowhere/at/all.db", false));
  EXPECT_FALSE(Connection::Open(path + "_missing", true));
}

}  // namespace
}  // namespace paddock::engines::sqlite
