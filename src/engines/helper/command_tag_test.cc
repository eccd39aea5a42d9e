#include "engines/helper/command_tag.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace paddock::engines::helper {
namespace {

TEST(CommandTag, ACommandIsItsFirstWordAndTheKindOfThing) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"select 1", "SELECT"},
      {"-- why\n /* so */ Insert INTO a VALUES (1)", "INSERT"},
      {"CREATE TEMP TABLE a (n)", "CREATE TABLE"},
      {"create unique index a ON b (c)", "CREATE INDEX"},
      {"DROP\nVIEW a", "DROP VIEW"},
      {"CREATE", "CREATE"},
      {"(", "("},
      {"", ""},
      {" -- nothing", ""},
      {";", ""},
  };
  for (const auto& [statement, command] : cases) {
    EXPECT_EQ(CommandOf(statement), command) << statement;
  }
}

TEST(CommandTag, OnlyRowsThatAreCountedAreSaid) {
  EXPECT_EQ(TagOf("INSERT", 3), "INSERT 3");
  EXPECT_EQ(TagOf("CREATE TABLE", std::nullopt), "CREATE TABLE");
  EXPECT_TRUE(IsChange("REPLACE"));
  EXPECT_FALSE(IsChange("SELECT"));
}

}  // namespace
}  // namespace paddock::engines::helper
