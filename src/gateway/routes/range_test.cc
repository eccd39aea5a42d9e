#include "gateway/routes/range.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace paddock::gateway {
namespace {

void ExpectRange(std::string_view header, std::uint64_t first, std::uint64_t length) {
  const auto range = ParseRange(header, 100);
  ASSERT_TRUE(range && range->has_value()) << header;
  EXPECT_EQ((*range)->first, first) << header;
  EXPECT_EQ((*range)->length, length) << header;
}

TEST(RangeTest, OneRangeIsUnderstoodInItsThreeForms) {
  ExpectRange("bytes=0-0", 0, 1);
  ExpectRange("bytes=10-19", 10, 10);
  ExpectRange("bytes=90-1000", 90, 10);
  ExpectRange("bytes=40-", 40, 60);
  ExpectRange("bytes=-30", 70, 30);
  ExpectRange("bytes=-1000", 0, 100);
  ExpectRange("bytes=0-18446744073709551615", 0, 100);
}

TEST(RangeTest, WhatIsNotOneRangeMeansTheWholeFile) {
  for (const char* header :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,3-4", "lines=1-2",
        "bytes=1 - 2", "bytes=--5", "bytes=99999999999999999999-"}) {
    const auto range = ParseRange(header, 100);
    ASSERT_TRUE(range) << header;
    EXPECT_FALSE(range->has_value()) << header;
  }
}

TEST(RangeTest, ARangeBehindTheEndCannotBeServed) {
  EXPECT_FALSE(ParseRange("bytes=100-", 100));
  EXPECT_FALSE(ParseRange("bytes=-0", 100));
  EXPECT_FALSE(ParseRange("bytes=0-0", 0));
  EXPECT_FALSE(ParseRange("bytes=-1", 0));
}

}  // namespace
}  // namespace paddock::gateway
