#include "sql/splitter.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace paddock::sql {
namespace {

using enum Dialect;
constexpr Dialect kAll[] = {kSqlite, kPostgres, kMariadb, kKwdb};

std::vector<std::string> StatementsOf(std::string_view text, Dialect dialect) {
  std::vector<std::string> statements;
  for (const StatementSpan& span : Split(text, dialect)) {
    statements.emplace_back(text.substr(span.begin, span.end - span.begin));
  }
  return statements;
}

// What one text becomes; every piece of it is checked to the byte.
struct Case {
  Dialect dialect;
  std::string text;
  std::vector<std::string> statements;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    EXPECT_EQ(StatementsOf(each.text, each.dialect), each.statements)
        << Name(each.dialect) << ": " << each.text;
  }
}

// A text that is one statement, followed by another.
void CheckWhole(Dialect dialect, const std::string& statement) {
  Check({{dialect, statement + ";\nSELECT 2;", {statement, "SELECT 2"}},
         {dialect, "SELECT 1; " + statement, {"SELECT 1", statement}}});
}

TEST(Splitter, SemicolonsEndStatementsInEveryDialect) {
  for (const Dialect dialect : kAll) {
    Check({{dialect, "", {}},
           {dialect, " \n\t", {}},
           {dialect, ";;; ;", {}},
           {dialect, "SELECT 1", {"SELECT 1"}},
           {dialect, "SELECT 1;", {"SELECT 1"}},
           {dialect, " SELECT 1 ;; SELECT\n2 ; ", {"SELECT 1", "SELECT\n2"}},
           {dialect, "BEGIN; SELECT 1; END;", {"BEGIN", "SELECT 1", "END"}},
           {dialect, "SELECT (1; SELECT 2", {"SELECT (1", "SELECT 2"}}});
  }
}

TEST(Splitter, CommentsBelongToNoStatementUnlessTheyAreInsideOfOne) {
  for (const Dialect dialect : kAll) {
    Check({{dialect, "-- a;\nSELECT 1 -- b;\n; -- c", {"SELECT 1"}},
           {dialect, "/* a; */ SELECT /* b; */ 1 /* c; */", {"SELECT /* b; */ 1"}},
           {dialect, "SELECT -- a;\n1; SELECT 2", {"SELECT -- a;\n1", "SELECT 2"}},
           {dialect, "-- only\n/* comments */", {}},
           {dialect, "SELECT 1; /* not closed", {"SELECT 1"}}});
  }
}

TEST(Splitter, StringsAndNamesHideSemicolons) {
  for (const Dialect dialect : kAll) {
    Check({{dialect, "SELECT ';', 'it''s;'; SELECT 2", {"SELECT ';', 'it''s;'", "SELECT 2"}},
           {dialect, R"(SELECT "a;""b;"; SELECT 2)", {R"(SELECT "a;""b;")", "SELECT 2"}},
           {dialect, "SELECT '-- no', '/* no'; x", {"SELECT '-- no', '/* no'", "x"}},
           {dialect, "SELECT 'not closed; SELECT 2", {"SELECT 'not closed; SELECT 2"}}});
  }
  Check({{kSqlite, "SELECT [a;b], `c;d`; x", {"SELECT [a;b], `c;d`", "x"}},
         {kMariadb, "SELECT `c;``d;`; x", {"SELECT `c;``d;`", "x"}}});
}

TEST(Splitter, BackslashesEscapeOnlyWhereTheDialectSaysSo) {
  Check({{kSqlite, R"(SELECT '\'; x)", {R"(SELECT '\')", "x"}},
         {kPostgres, R"(SELECT '\'; x)", {R"(SELECT '\')", "x"}},
         {kPostgres, R"(SELECT E'\';'; x)", {R"(SELECT E'\';')", "x"}},
         {kKwdb, R"(SELECT e'\';', b'\';'; x)", {R"(SELECT e'\';', b'\';')", "x"}},
         {kMariadb, R"(SELECT '\';'; x)", {R"(SELECT '\';')", "x"}},
         {kMariadb, R"(SELECT "\";"; x)", {R"(SELECT "\";")", "x"}}});
}

TEST(Splitter, CommentsOfMariadbAreItsOwn) {
  Check({{kMariadb, "SELECT 1 # a;\n; x", {"SELECT 1", "x"}},
         {kMariadb, "SELECT 5--3; x", {"SELECT 5--3", "x"}},
         {kMariadb, "/*!40101 SET a = 1; */; x", {"/*!40101 SET a = 1; */", "x"}},
         {kPostgres, "SELECT 1 # 2; x", {"SELECT 1 # 2", "x"}},
         {kSqlite, "SELECT 5--3; x\n; y", {"SELECT 5", "y"}}});
}

TEST(Splitter, NestedCommentsEndWhereTheDialectEndsThem) {
  const std::string text = "/* a /* b; */ c; */ d;";
  Check({{kPostgres, text, {"d"}},
         {kKwdb, text, {"d"}},
         {kSqlite, text, {"c", "*/ d"}},
         {kMariadb, text, {"c", "*/ d"}}});
}

TEST(Splitter, DollarQuotesHideWhatTheyQuote) {
  for (const Dialect dialect : {kPostgres, kKwdb}) {
    CheckWhole(dialect, "DO $$ BEGIN a; b; END $$");
    CheckWhole(dialect, "SELECT $a$ ; $$ ; $b$ ; $a$");
    CheckWhole(dialect, "SELECT $1, a$b$c");
    Check({{dialect, "SELECT $$ not closed; x", {"SELECT $$ not closed; x"}},
           {dialect, "SELECT a$$; x$$", {"SELECT a$$", "x$$"}}});
  }
  Check({{kSqlite, "SELECT $a$; x $a$", {"SELECT $a$", "x $a$"}}});
}

TEST(Splitter, TriggersOfSqliteEndWithTheirEnd) {
  CheckWhole(kSqlite, "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; SELECT 1; END");
  CheckWhole(kSqlite,
             "create temp trigger if not exists t after insert on a begin\n"
             "  UPDATE a SET n = CASE WHEN n > 1 THEN 2 ELSE 3 END; -- END;\n"
             "  UPDATE a SET end = 1 WHERE begin = 'END;';\nend");
  CheckWhole(kSqlite, "EXPLAIN QUERY PLAN CREATE TRIGGER t AFTER DELETE ON a BEGIN b; END");
  Check({{kSqlite, "CREATE TRIGGER t; SELECT 1", {"CREATE TRIGGER t", "SELECT 1"}},
         {kSqlite,
          "CREATE TABLE trigger_log (begin, end); x",
          {"CREATE TABLE trigger_log (begin, end)", "x"}}});
}

TEST(Splitter, RoutinesOfMariadbNeedNoDelimiterCommand) {
  for (const Dialect dialect : {kMariadb, kKwdb}) {
    CheckWhole(dialect, "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END");
    CheckWhole(dialect, "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1");
    CheckWhole(dialect,
               "CREATE PROCEDURE p() BEGIN\n"
               "  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END;\n"
               "  outer_loop: LOOP IF a > 1 THEN LEAVE outer_loop; END IF; END LOOP;\n"
               "  WHILE a DO BEGIN END; END WHILE; REPEAT SET a = 1; UNTIL a END REPEAT;\n"
               "  CASE a WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE;\n"
               "  SELECT CASE WHEN a THEN 1 ELSE 2 END, IF(a, 1, 2), t.end, t.begin;\n"
               "  SET end = CASE a WHEN 1 THEN 2 END;\n"
               "END");
    CheckWhole(dialect, "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN a; b; END");
  }
  CheckWhole(kMariadb,
             "CREATE OR REPLACE DEFINER = `a`@`b` FUNCTION f() RETURNS INT BEGIN RETURN 1; END");
  CheckWhole(kMariadb, "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END");
  CheckWhole(kMariadb, "CREATE PROCEDURE p() my: BEGIN SELECT 1; END my");
}

TEST(Splitter, AtomicRoutinesAndRulesOfPostgresAreWhole) {
  CheckWhole(kPostgres,
             "CREATE OR REPLACE FUNCTION f(a int) RETURNS int BEGIN ATOMIC\n"
             "  SELECT CASE WHEN a > 1 THEN 2 END; SELECT 3; END");
  CheckWhole(kPostgres, "CREATE RULE r AS ON INSERT TO a DO ALSO (b; c; d)");
  Check({{kPostgres,
          "CREATE FUNCTION f() RETURNS int RETURN 1; x",
          {"CREATE FUNCTION f() RETURNS int RETURN 1", "x"}}});
}

TEST(Splitter, TheDelimiterCommandIsForTheClientAlone) {
  for (const Dialect dialect : {kMariadb, kKwdb}) {
    Check(
        {{dialect,
          "DELIMITER //\nSELECT 1; SELECT 2//\nSELECT 3 //\nDELIMITER ;\nSELECT 4;",
          {"SELECT 1; SELECT 2", "SELECT 3", "SELECT 4"}},
         {dialect,
          "delimiter \\\\\nCREATE PROCEDURE p() BEGIN a; END \\\\\ndelimiter ;\nx;y",
          {"CREATE PROCEDURE p() BEGIN a; END", "x", "y"}},
         {dialect, "DELIMITER $$\nSELECT 1; END$$\nx$$", {"SELECT 1; END", "x"}},
         {dialect, "DELIMITER //\nSELECT '//', /* // */ 2 // x", {"SELECT '//', /* // */ 2", "x"}},
         {dialect, "DELIMITER // and more\na; b// c", {"a; b", "c"}},
         {dialect, "DELIMITER //\r\na; b//\r\nDELIMITER ;\r\nc;d", {"a; b", "c", "d"}},
         {dialect, "-- first\nDELIMITER //\na;//", {"a;"}},
         {dialect, "SELECT 1; DELIMITER ;", {"SELECT 1"}},
         {dialect, "DELIMITER\nSELECT 1", {"DELIMITER\nSELECT 1"}},
         {dialect, "DELIMITER 1234567890123456\na; b", {"DELIMITER 1234567890123456\na", "b"}},
         {dialect, "SELECT delimiter a; b", {"SELECT delimiter a", "b"}}});
  }
  for (const Dialect dialect : {kSqlite, kPostgres}) {
    Check({{dialect, "DELIMITER //\na; b//", {"DELIMITER //\na", "b//"}}});
  }
}

TEST(Splitter, PositionsAreBytesOfTheWholeText) {
  const std::string text = " /* ü */ SELECT 'ü';\n\tx ;";
  const std::vector<StatementSpan> expected{{10, 21}, {24, 25}};
  EXPECT_EQ(Split(text, kPostgres), expected);
}

TEST(Splitter, BeyondTheLimitTheLastStatementTakesTheRest) {
  const std::string text = "a; b; c ; d; ";
  EXPECT_EQ(Split(text, kSqlite, 4),
            (std::vector<StatementSpan>{{0, 1}, {3, 4}, {6, 7}, {10, 11}}));
  EXPECT_EQ(Split(text, kSqlite, 3), (std::vector<StatementSpan>{{0, 1}, {3, 4}, {6, 12}}));
  EXPECT_EQ(Split(text, kSqlite, 1), (std::vector<StatementSpan>{{0, 12}}));
  EXPECT_TRUE(Split(text, kSqlite, 0).empty());
  std::string many;
  for (int i = 0; i < 10'001; ++i) {
    many += "x;";
  }
  EXPECT_EQ(Split(many, kSqlite).size(), 10'000U);
}

TEST(Splitter, ANulByteIsALetterLikeAnyOther) {
  const std::string text("a\0b; c", 6);
  EXPECT_EQ(Split(text, kPostgres), (std::vector<StatementSpan>{{0, 3}, {5, 6}}));
}

}  // namespace
}  // namespace paddock::sql
