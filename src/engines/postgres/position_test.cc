#include "engines/postgres/position.h"

#include <gtest/gtest.h>

namespace paddock::engines::postgres {
namespace {

TEST(Position, CharactersAreCountedNotBytes) {
  EXPECT_EQ(ByteOfCharacter("SELECT x", 8), 7U);
  EXPECT_EQ(ByteOfCharacter("'äöü' x", 7), 9U);
  EXPECT_EQ(ByteOfCharacter("'日本' x", 6), 9U);
  EXPECT_EQ(ByteOfCharacter("SELECT (", 9), 8U);
  EXPECT_EQ(ByteOfCharacter("SELECT", 9), std::nullopt);
  EXPECT_EQ(ByteOfCharacter("", 1), 0U);
}

TEST(Position, ACaretPointsIntoTheLineAboveIt) {
  EXPECT_EQ(ByteOfCaret("SELEC 1", "source SQL:\nSELEC 1\n^"), 0U);
  EXPECT_EQ(ByteOfCaret("SELECT\n  x y z", "source SQL:\nSELECT\n  x y z\n      ^"), 13U);
  EXPECT_EQ(ByteOfCaret("a b\nc", "source SQL:\na b\n   ^"), 3U);
}

TEST(Position, WhatIsNoCaretBelowThisStatementSaysNothing) {
  EXPECT_EQ(ByteOfCaret("SELECT 1", ""), std::nullopt);
  EXPECT_EQ(ByteOfCaret("SELECT 1", "source SQL:\n^"), std::nullopt);
  EXPECT_EQ(ByteOfCaret("SELECT 1", "source SQL:\nSELECT 2\n ^"), std::nullopt);
  EXPECT_EQ(ByteOfCaret("SELECT 1", "source SQL:\nSELECT 1\n            ^"), std::nullopt);
  EXPECT_EQ(ByteOfCaret("SELECT 1", "source SQL:\nSELECT 1\n x^"), std::nullopt);
}

}  // namespace
}  // namespace paddock::engines::postgres
