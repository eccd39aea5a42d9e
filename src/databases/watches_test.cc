#include "databases/watches.h"

#include <vector>

#include <gtest/gtest.h>

namespace paddock::databases {
namespace {

TEST(Watches, OnlyWhoWatchesTheNameHearsAndOnlyWhileTheyWatch) {
  Watches watches;
  std::vector<Change> heard;
  {
    const Watch shop = watches.Begin("shop", [&](Change change) { heard.push_back(change); });
    const Watch other = watches.Begin("shop2", [&](Change) { FAIL() << "of another name"; });
    watches.Tell("shop", Change::kChanged);
    watches.Tell("nobody", Change::kRemoved);
    EXPECT_EQ(watches.count(), 2U);
  }
  watches.Tell("shop", Change::kRemoved);
  EXPECT_EQ(heard, std::vector{Change::kChanged});
  EXPECT_EQ(watches.count(), 0U);
}

TEST(Watches, AWatchIsReplacedByMoving) {
  Watches watches;
  int heard = 0;
  Watch watch;
  watch = watches.Begin("a", [&](Change) { heard += 1; });
  watch = watches.Begin("b", [&](Change) { heard += 10; });
  watches.Tell("a", Change::kChanged);
  watches.Tell("b", Change::kChanged);
  EXPECT_EQ(heard, 10);
  EXPECT_EQ(watches.count(), 1U);
}

}  // namespace
}  // namespace paddock::databases
