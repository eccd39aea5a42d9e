#include "stores/postgres/placeholders.h"

#include <gtest/gtest.h>

#include "store/database.h"

namespace paddock::stores::postgres {
namespace {

std::string Numbered(std::string_view sql) {
  auto numbered = NumberPlaceholders(sql);
  return numbered ? numbered->sql : "refused";
}

TEST(Placeholders, AreNumberedInOrder) {
  auto numbered = NumberPlaceholders("INSERT INTO t VALUES (?, ?,?) RETURNING a+?");
  ASSERT_TRUE(numbered);
  EXPECT_EQ(numbered->sql, "INSERT INTO t VALUES ($1, $2,$3) RETURNING a+$4");
  EXPECT_EQ(numbered->count, 4U);
}

TEST(Placeholders, AreNoneInQuotationsAndComments) {
  for (const char* sql :
       {"", "SELECT '?'", "SELECT 'it''s ?'", R"(SELECT "a?""?")", "SELECT 1 -- ?",
        "SELECT 1 -- ?\n+ 2", "SELECT /* ? /* ? */ ? */ 1", "SELECT $$ ? ' $$",
        "SELECT $a$ ? $$ $a$", "SELECT E'\\'?'", "SELECT e'a\\\\' '?'", "SELECT 'ü?'"}) {
    EXPECT_EQ(Numbered(sql), sql);
  }
}

TEST(Placeholders, AreFoundAgainAfterThem) {
  EXPECT_EQ(Numbered("'a' || ?"), "'a' || $1");
  EXPECT_EQ(Numbered("'a\\' || ?"), "'a\\' || $1");
  EXPECT_EQ(Numbered("name'a\\' || ?"), "name'a\\' || $1");
  EXPECT_EQ(Numbered("-- ?\n?"), "-- ?\n$1");
  EXPECT_EQ(Numbered("/* /**/ ? */?"), "/* /**/ ? */$1");
  EXPECT_EQ(Numbered("$a$ $b$ $a$ ?"), "$a$ $b$ $a$ $1");
  EXPECT_EQ(Numbered("a$b ? $b"), "a$b $1 $b");
  EXPECT_EQ(Numbered("1-? / ?"), "1-$1 / $2");
  EXPECT_EQ(Numbered("''?"), "''$1");
}

TEST(Placeholders, WhatDoesNotEndIsRefused) {
  for (const char* sql : {"'", "'a''", "\"", "/*", "/* /* */", "$$", "$a$ $b$", "E'\\'"}) {
    auto numbered = NumberPlaceholders(sql);
    ASSERT_FALSE(numbered) << sql;
    EXPECT_EQ(numbered.error().code, Code::kInternal);
  }
  EXPECT_EQ(Numbered("$1"), "$1");
  EXPECT_EQ(Numbered("$"), "$");
  EXPECT_FALSE(NumberPlaceholders(std::string(store::kSqlSizeMax + 1, ' ')));
}

}  // namespace
}  // namespace paddock::stores::postgres
