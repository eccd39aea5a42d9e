#include "identity/tickets.h"

#include <gtest/gtest.h>

#include "identity/user_quota.h"

namespace paddock::identity {
namespace {

class TicketsTest : public testing::Test {
 protected:
  TicketBooth booth_{4};
  SharedPrincipal guest_ = GuestPrincipal(NewId<UserId>());
  SteadyTime now_{std::chrono::hours(1)};
};

TEST_F(TicketsTest, ATicketOpensItsPathOnce) {
  const auto ticket = booth_.Issue(guest_, "/a", now_);
  EXPECT_EQ(booth_.Redeem(ticket, "/a", now_), guest_);
  EXPECT_FALSE(booth_.Redeem(ticket, "/a", now_));
}

TEST_F(TicketsTest, ATicketForAnotherPathIsRefusedAndUsedUp) {
  const auto ticket = booth_.Issue(guest_, "/a", now_);
  EXPECT_FALSE(booth_.Redeem(ticket, "/b", now_));
  EXPECT_FALSE(booth_.Redeem(ticket, "/a", now_));
}

TEST_F(TicketsTest, ATicketExpiresAfterHalfAMinute) {
  const auto kept = booth_.Issue(guest_, "/a", now_);
  const auto late = booth_.Issue(guest_, "/a", now_);
  EXPECT_TRUE(booth_.Redeem(kept, "/a", now_ + std::chrono::milliseconds(29'999)));
  EXPECT_FALSE(booth_.Redeem(late, "/a", now_ + std::chrono::seconds(30)));
}

TEST_F(TicketsTest, AFloodForgetsTheOldestAndNeverHoldsMore) {
  const auto first = booth_.Issue(guest_, "/a", now_);
  std::string last;
  for (int i = 0; i < 100; ++i) {
    last = booth_.Issue(guest_, "/a", now_);
    EXPECT_LE(booth_.live_count(), 4U);
  }
  EXPECT_FALSE(booth_.Redeem(first, "/a", now_));
  EXPECT_TRUE(booth_.Redeem(last, "/a", now_));
}

TEST(UserQuotaTest, APlaceIsGivenBackAndNobodyElseIsAffected) {
  UserQuota quota(2);
  const auto ann = NewId<UserId>();
  const auto bob = NewId<UserId>();
  {
    const auto first = quota.TryTake(ann);
    const auto second = quota.TryTake(ann);
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(quota.TryTake(ann));
    EXPECT_TRUE(quota.TryTake(bob));
  }
  EXPECT_EQ(quota.user_count(), 0U);
  EXPECT_TRUE(quota.TryTake(ann, 1));
  EXPECT_FALSE(quota.TryTake(ann, 2));
  EXPECT_EQ(quota.user_count(), 0U);
}

}  // namespace
}  // namespace paddock::identity
