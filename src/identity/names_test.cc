#include "identity/names.h"

#include <string>

#include <gtest/gtest.h>

namespace paddock::identity {
namespace {

// What comes behind it is shown from right to left.
// NOLINTNEXTLINE(misc-misleading-bidirectional): it is what has to be refused
constexpr const char* kTurnedAround = "a\u202Enn";

TEST(NamesTest, NamesThatLookAlikeHaveOneKey) {
  EXPECT_EQ(NameKey("Ann.Smith-2"), "ann.smith-2");
  EXPECT_EQ(NameKey("ＡＮＮ"), "ann") << "full-width letters";
  EXPECT_EQ(NameKey("王小明"), "王小明");
  EXPECT_EQ(NameKey("иван"), "иван");
  EXPECT_EQ(NameKey("zoë"), "zoë");
}

TEST(NamesTest, WhatCannotBeSeenOrToldApartIsRefused) {
  for (const char* name : {"", "a", "a b", "a\tb", "ann\n", "a\u200Bnn", kTurnedAround, "ann\uFEFF",
                           "a\u00A0b", "zoe\u0308", "\u3164\u3164", "p\u0430ddock", "ann\u03BF",
                           "an\u00ADn", "ab\xff", "a\xC0\xAF", "a\xED\xA0\x80z"}) {
    EXPECT_FALSE(NameKey(name)) << name;
  }
  EXPECT_FALSE(NameKey(std::string(65, 'a')));
  EXPECT_TRUE(NameKey(std::string(64, 'a')));
  EXPECT_FALSE(NameKey(std::string("a\0b", 3)));
}

TEST(NamesTest, ADisplayNameHasSpacesBetweenItsWordsOnly) {
  EXPECT_TRUE(CheckDisplayName("Ann Smith"));
  EXPECT_TRUE(CheckDisplayName("李 Ann"));
  for (const char* name : {"", " Ann", "Ann ", "Ann  Smith", "Ann\nSmith", kTurnedAround}) {
    EXPECT_FALSE(CheckDisplayName(name)) << name;
  }
  EXPECT_FALSE(CheckDisplayName(std::string(81, 'a')));
}

TEST(NamesTest, AnAddressOfEmailHasTwoHalves) {
  EXPECT_TRUE(CheckEmail("ann@example.com"));
  for (const char* email :
       {"", "ann", "@example.com", "ann@", "a@b@c", "a b@c", "<a@b>", "a@b\n"}) {
    EXPECT_FALSE(CheckEmail(email)) << email;
  }
}

}  // namespace
}  // namespace paddock::identity
