#include "engines/postgres/messages.h"

#include <string>

#include <gtest/gtest.h>

#include "engines/postgres/startup.h"
#include "engines/postgres/types.h"

namespace paddock::engines::postgres {
namespace {

using sql::CellType;

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) {
    text += static_cast<char>(byte);
  }
  return text;
}

std::string Field(std::string name, int type, int modifier) {
  return name + Bytes({0, 0, 0, 0, 0, 0, 0, 0, 0, type >> 8, type & 0xff, 0, 0}) +
         Bytes({modifier < 0 ? 0xff : 0, modifier < 0 ? 0xff : 0, modifier >> 8 & 0xff,
                modifier & 0xff, 0, 0});
}

TEST(Messages, ARowDescriptionIsReadToItsEnd) {
  const std::string body = Bytes({0, 2}) + Field("n", 23, -1) + Field("größe", 1043, 24);
  const auto fields = ParseRowDescription(body);
  ASSERT_TRUE(fields);
  ASSERT_EQ(fields->size(), 2U);
  EXPECT_EQ(fields->at(1).name, "größe");
  EXPECT_EQ(fields->at(1).modifier, 24);
  EXPECT_EQ(TypeNames().Describe(fields->at(0)),
            (sql::Column{.name = "n", .type = "int4", .cell_type = CellType::kInteger}));
  EXPECT_EQ(TypeNames().Describe(fields->at(1)).type, "varchar(20)");
}

TEST(Messages, NoPieceOfARowDescriptionIsOne) {
  const std::string body = Bytes({0, 2}) + Field("n", 23, -1) + Field("m", 25, -1);
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(ParseRowDescription(std::string_view(body).substr(0, size))) << size;
  }
  EXPECT_FALSE(ParseRowDescription(body + "x"));
  EXPECT_FALSE(ParseRowDescription(Bytes({0xff, 0xff})));
}

TEST(Messages, ACellBecomesTheTextThatItsTypeHas) {
  const std::vector<sql::Column> columns{{.name = "a", .cell_type = CellType::kBoolean},
                                         {.name = "b", .cell_type = CellType::kBytes},
                                         {.name = "c", .cell_type = CellType::kBytes},
                                         {.name = "d", .cell_type = CellType::kText}};
  sql::Rows rows(columns.size());
  const std::string body = Bytes({0, 4, 0, 0, 0, 1}) + "f" + Bytes({0, 0, 0, 6}) + "\\x00ff" +
                           Bytes({0, 0, 0, 7}) + R"(a\\\001)" + Bytes({0xff, 0xff, 0xff, 0xff});
  ASSERT_TRUE(AppendDataRow(body, columns, rows));
  EXPECT_EQ(rows.At(0, 0).text, "false");
  EXPECT_EQ(rows.At(0, 1).text, "00ff");
  EXPECT_EQ(rows.At(0, 2).text, "615c01");
  EXPECT_TRUE(rows.At(0, 3).is_null());
  for (std::size_t size = 0; size < body.size(); ++size) {
    sql::Rows partial(columns.size());
    EXPECT_FALSE(AppendDataRow(std::string_view(body).substr(0, size), columns, partial)) << size;
  }
}

TEST(Messages, AReportKeepsWhatIsForTheReader) {
  const std::string body = std::string("SFEHLER") + '\0' + "VERROR" + '\0' + "C42P01" + '\0' +
                           "Mno such table" + '\0' + "Ddetail" + '\0' + "Hhint" + '\0' + "P15" +
                           '\0' + "Rparser" + '\0' + '\0';
  const auto report = ParseReport(body);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->severity, "ERROR");
  EXPECT_EQ(report->code, "42P01");
  EXPECT_EQ(report->message, "no such table");
  EXPECT_EQ(report->detail, "detail");
  EXPECT_EQ(report->hint, "hint");
  EXPECT_EQ(report->position, 15U);
  EXPECT_FALSE(report->is_fatal());
  EXPECT_FALSE(ParseReport(std::string_view(body).substr(0, body.size() - 1)));
}

TEST(Messages, ATagSaysHowManyRowsWereChanged) {
  EXPECT_EQ(ReadTag("INSERT 0 3").affected_rows, 3U);
  EXPECT_EQ(ReadTag("UPDATE 0").affected_rows, 0U);
  EXPECT_EQ(ReadTag("SELECT 10").affected_rows, std::nullopt);
  EXPECT_EQ(ReadTag("CREATE TABLE").affected_rows, std::nullopt);
  EXPECT_EQ(ReadTag("INSERT what").affected_rows, std::nullopt);
  EXPECT_EQ(ReadTag("SELECT 10").tag, "SELECT 10");
}

TEST(Messages, AQueryIsFramed) {
  EXPECT_EQ(QueryMessage("SELECT 1"), Bytes({'Q', 0, 0, 0, 13}) + "SELECT 1" + '\0');
  EXPECT_EQ(TerminateMessage(), Bytes({'X', 0, 0, 0, 4}));
}

TEST(StartUp, AFailureIsTheServersWordsAndTheCodeOfItsState) {
  const auto unknown = StartUpFailure(
      "connection to server on socket \"/tmp/db-x/.s.PGSQL.1\" failed: FATAL:  3D000: database "
      "\"x\" does not exist\nLOCATION:  InitPostgres, postinit.c:885\n",
      false);
  EXPECT_EQ(unknown.code, Code::kNotFound);
  EXPECT_EQ(unknown.message, "database \"x\" does not exist");
  const auto refused = StartUpFailure("FATAL:  28P01: password authentication failed\n", false);
  EXPECT_EQ(refused.code, Code::kDenied);
  EXPECT_EQ(refused.message, "password authentication failed");
  EXPECT_EQ(StartUpFailure("FATAL:  53300: too many clients\n", false).code, Code::kUnavailable);
  EXPECT_EQ(StartUpFailure("fe_sendauth: no password supplied\n", true).code, Code::kDenied);
  const auto silent = StartUpFailure(
      "connection to server on socket \"/tmp/db-x/.s.PGSQL.1\" failed: server closed the "
      "connection unexpectedly\n\tThis probably means",
      false);
  EXPECT_EQ(silent.code, Code::kUnavailable);
  EXPECT_EQ(silent.message, "server closed the connection unexpectedly");
}

}  // namespace
}  // namespace paddock::engines::postgres
