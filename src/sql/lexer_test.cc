#include "sql/lexer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace paddock::sql {
namespace {

std::string KindsOf(std::string_view text, Dialect dialect) {
  std::string kinds;
  Lexer lexer(text, dialect);
  while (!lexer.at_end()) {
    const Token token = lexer.Next();
    EXPECT_EQ(token.end, lexer.position());
    kinds.push_back("scwtno"[static_cast<std::size_t>(token.kind)]);
  }
  return kinds;
}

// One letter a token: space, comment, word, text, name, other.
struct Case {
  Dialect dialect;
  std::string text;
  std::string kinds;
};

TEST(Lexer, TokensAreWhatTheDialectMakesOfThem) {
  using enum Dialect;
  const std::vector<Case> cases{
      {kSqlite, "SELECT a1,b_$ FROM \"t\"", "wswowswsn"},
      {kSqlite, "[a b] `c` 'd'", "nsnst"},
      {kSqlite, R"('\' 'a')", "tst"},
      {kMariadb, R"('\' 'a')", "twt"},
      {kMariadb, R"("a" `b`)", "tsn"},
      {kMariadb, "a # b\nc", "wscsw"},
      {kMariadb, "5--3", "woow"},
      {kMariadb, "5-- 3", "wc"},
      {kMariadb, "--", "c"},
      {kMariadb, "/*! SET a */ /*M! b */ /* c */", "ososc"},
      {kPostgres, "5--3", "wc"},
      {kPostgres, "a # b", "wsosw"},
      {kPostgres, R"(E'\'' e'')", "tst"},
      {kPostgres, R"('\' me'a')", "tswt"},
      {kPostgres, "$$ ' $$ $a$ $$ $a$ $1", "tstsw"},
      {kPostgres, "a$b$ c$b$", "wsw"},
      {kPostgres, "`[", "oo"},
      {kKwdb, R"(b'\'')", "t"},
      {kPostgres, R"(b'\'')", "wt"},
      {kKwdb, "größe", "w"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(KindsOf(each.text, each.dialect), each.kinds) << each.text;
  }
}

TEST(Lexer, CommentsNestWhereTheDialectNestsThem) {
  const std::string text = "/* a /* b */ c */";
  EXPECT_EQ(KindsOf(text, Dialect::kPostgres), "c");
  EXPECT_EQ(KindsOf(text, Dialect::kKwdb), "c");
  EXPECT_EQ(KindsOf(text, Dialect::kSqlite), "cswsoo");
  EXPECT_EQ(KindsOf(text, Dialect::kMariadb), "cswsoo");
}

TEST(Lexer, WhatIsNotClosedReachesToTheEnd) {
  using enum Dialect;
  EXPECT_EQ(KindsOf("'a; b", kPostgres), "t");
  EXPECT_EQ(KindsOf("$$a; b", kPostgres), "t");
  EXPECT_EQ(KindsOf("/* a", kMariadb), "c");
  EXPECT_EQ(KindsOf("/*", kSqlite), "c");
  EXPECT_EQ(KindsOf("[a", kSqlite), "n");
  EXPECT_EQ(KindsOf(R"('a\)", kMariadb), "t");
}

TEST(Lexer, WordsAreComparedWithoutCase) {
  EXPECT_TRUE(IsWord("begin", "BEGIN"));
  EXPECT_TRUE(IsWord("Begin", "BEGIN"));
  EXPECT_FALSE(IsWord("begi", "BEGIN"));
  EXPECT_FALSE(IsWord("beginn", "BEGIN"));
}

}  // namespace
}  // namespace paddock::sql
