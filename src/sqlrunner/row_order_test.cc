#include "sqlrunner/row_order.h"

#include <gtest/gtest.h>

namespace paddock::sqlrunner {
namespace {

TEST(CompareDecimals, IsExactWhereADoubleIsNot) {
  EXPECT_LT(CompareDecimals("9007199254740992", "9007199254740993"), 0);
  EXPECT_GT(CompareDecimals("0.1000000000000000000002", "0.1000000000000000000001"), 0);
}

TEST(CompareDecimals, SignsAndZerosDoNotConfuseIt) {
  EXPECT_EQ(CompareDecimals("-0", "0.00"), 0);
  EXPECT_EQ(CompareDecimals("007.50", "7.5"), 0);
  EXPECT_LT(CompareDecimals("-2", "-1.5"), 0);
  EXPECT_LT(CompareDecimals("-1", "1"), 0);
  EXPECT_LT(CompareDecimals("9", "10"), 0);
}

TEST(CompareDecimals, WhatHasAnExponentComesAfterItsEquals) {
  EXPECT_LT(CompareDecimals("100", "1e2"), 0);
  EXPECT_GT(CompareDecimals("1e2", "100"), 0);
  EXPECT_EQ(CompareDecimals("1e2", "1E2"), 0);
}

TEST(ContainsIgnoringCase, LettersOfAsciiAreAlike) {
  EXPECT_TRUE(ContainsIgnoringCase("An APPLE", "apple"));
  EXPECT_TRUE(ContainsIgnoringCase("", ""));
  EXPECT_FALSE(ContainsIgnoringCase("apple", "pear"));
}

}  // namespace
}  // namespace paddock::sqlrunner
