#include "identity/rate_limiter.h"

#include <string>

#include <gtest/gtest.h>

namespace paddock::identity {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RateLimiterTest : public testing::Test {
 protected:
  RateLimiter limiter_{{.per_second = 2, .burst = 3}, 2};
  SteadyTime now_{std::chrono::hours(1)};
};

TEST_F(RateLimiterTest, ABurstIsServedThenTheRateHolds) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(limiter_.Take("ann", now_));
  }
  EXPECT_EQ(limiter_.Take("ann", now_), milliseconds(500));
  EXPECT_EQ(limiter_.Take("ann", now_ + milliseconds(499)), milliseconds(1));
  EXPECT_FALSE(limiter_.Take("ann", now_ + milliseconds(500)));
  EXPECT_TRUE(limiter_.Take("ann", now_ + milliseconds(500)));
}

TEST_F(RateLimiterTest, ARestNeverSavesMoreThanOneBurst) {
  (void)limiter_.Take("ann", now_);
  now_ += std::chrono::hours(24);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(limiter_.Take("ann", now_));
  }
  EXPECT_TRUE(limiter_.Take("ann", now_));
}

TEST_F(RateLimiterTest, OneKeyDoesNotSpendAnothersTokens) {
  for (int i = 0; i < 10; ++i) {
    (void)limiter_.Take("ann", now_);
  }
  EXPECT_FALSE(limiter_.Take("bob", now_));
}

TEST_F(RateLimiterTest, AnExpensiveRequestCostsMore) {
  EXPECT_FALSE(limiter_.Take("ann", now_, 3));
  EXPECT_EQ(limiter_.Take("ann", now_, 2), seconds(1));
}

TEST_F(RateLimiterTest, TheTableStaysBoundedAndForgetsTheIdlestKey) {
  for (int i = 0; i < 10; ++i) {
    (void)limiter_.Take("ann", now_);
    (void)limiter_.Take("visitor " + std::to_string(i), now_);
    EXPECT_LE(limiter_.key_count(), 2U);
  }
  EXPECT_TRUE(limiter_.Take("ann", now_)) << "the busy key was kept";
}

}  // namespace
}  // namespace paddock::identity
