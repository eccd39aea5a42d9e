#include "engines/mariadb/position.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace paddock::engines::mariadb {
namespace {

constexpr unsigned kSyntax = 1064;
constexpr unsigned kNoColumn = 1054;
constexpr unsigned kNoTable = 1146;

std::string Near(std::string_view text, int line) {
  return fmt::format(
      "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB "
      "server version for the right syntax to use near '{}' at line {}",
      text, line);
}

TEST(MariadbPosition, TheRestOfTheTextIsWhereItBegins) {
  EXPECT_EQ(FindPosition("selec 1", kSyntax, Near("selec 1", 1)), 0U);
  EXPECT_EQ(FindPosition("select a b c, a b c", kSyntax, Near("c", 1)), 18U);
  EXPECT_EQ(FindPosition("select (1", kSyntax, Near("", 1)), 9U);
  EXPECT_EQ(FindPosition("select 'it''s' x y ;\n", kSyntax, Near("y", 1)), 17U);
}

TEST(MariadbPosition, WhatWasCutIsLookedForInItsLine) {
  const std::string end(100, 'x');
  const std::string text = "a " + end + "\nfoo a " + end;
  const std::string quoted = ("a " + end).substr(0, 80);
  EXPECT_EQ(FindPosition(text, kSyntax, Near(quoted, 2)), 107U);
  EXPECT_EQ(FindPosition(text, kSyntax, Near(quoted, 3)), std::nullopt);
  EXPECT_EQ(FindPosition("a " + end, kSyntax, Near(quoted, 7)), 0U);
}

TEST(MariadbPosition, ANameCountsWhenItStandsThereOnce) {
  EXPECT_EQ(
      FindPosition("SELECT Nam FROM names", kNoColumn, "Unknown column 'nam' in 'field list'"), 7U);
  EXPECT_EQ(FindPosition("SELECT nam, nam FROM t", kNoColumn, "Unknown column 'nam' in 'x'"),
            std::nullopt);
  EXPECT_EQ(FindPosition("SELECT t.nam FROM t", kNoColumn, "Unknown column 't.nam' in 'x'"), 9U);
  EXPECT_EQ(FindPosition("SELECT * FROM x", kNoTable, "Table 'school.x' doesn't exist"), 14U);
  EXPECT_EQ(FindPosition("SELECT 1/0", 1365, "Division by 0"), std::nullopt);
}

TEST(MariadbPosition, AMessageOfAnotherFormSaysNothing) {
  for (const char* message : {"", "near 'x", "near '' at line ", "' at line 1 near '"}) {
    EXPECT_EQ(FindPosition("SELECT x", kSyntax, message), std::nullopt) << message;
    EXPECT_EQ(FindPosition("SELECT 1", kNoColumn, message), std::nullopt) << message;
  }
}

}  // namespace
}  // namespace paddock::engines::mariadb
