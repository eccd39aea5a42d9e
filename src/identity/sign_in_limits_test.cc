#include "identity/sign_in_limits.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace paddock::identity {
namespace {

using std::chrono::seconds;

class SignInLimitsTest : public testing::Test {
 protected:
  /// How many attempts of `count` may be made at once.
  int Allowed(std::string_view name, std::string_view address, int count) {
    int allowed = 0;
    for (int i = 0; i < count; ++i) {
      allowed += limits_.Begin(name, address, now_) ? 0 : 1;
    }
    return allowed;
  }

  SignInRates rates_;
  SignInLimits limits_{rates_};
  SteadyTime now_{seconds(1000)};
};

TEST_F(SignInLimitsTest, OneAddressGuessesOneNameAFewTimes) {
  EXPECT_EQ(Allowed("ann", "a", 50), static_cast<int>(rates_.pair.burst));
  const auto wait = limits_.Begin("ann", "a", now_);
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait, seconds(20));
  now_ += *wait;
  EXPECT_FALSE(limits_.Begin("ann", "a", now_));
  EXPECT_FALSE(limits_.Begin("bob", "a", now_)) << "another name";
  EXPECT_FALSE(limits_.Begin("ann", "b", now_)) << "another address";
}

TEST_F(SignInLimitsTest, OneAddressGuessesManyNamesALimitedNumberOfTimes) {
  int allowed = 0;
  for (int i = 0; i < 1000; ++i) {
    allowed += limits_.Begin(fmt::format("name{}", i), "a", now_) ? 0 : 1;
  }
  EXPECT_EQ(allowed, static_cast<int>(rates_.address.burst));
}

TEST_F(SignInLimitsTest, StrangersEverywhereDoNotLockOutWhoeverSignedInBefore) {
  EXPECT_FALSE(limits_.Begin("ann", "home", now_));
  limits_.Succeeded("ann", "home");
  int allowed = 0;
  for (int i = 0; i < 1000; ++i) {
    allowed += limits_.Begin("ann", fmt::format("bot{}", i), now_) ? 0 : 1;
  }
  EXPECT_EQ(allowed, static_cast<int>(rates_.name.burst));
  EXPECT_TRUE(limits_.Begin("ann", "new place", now_));
  EXPECT_FALSE(limits_.Begin("ann", "home", now_));
}

TEST_F(SignInLimitsTest, WhatSucceedsCostsNothing) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_FALSE(limits_.Begin("ann", "a", now_));
    limits_.Succeeded("ann", "a");
  }
}

TEST_F(SignInLimitsTest, ARefusedAttemptDoesNotMakeTheWaitLonger) {
  EXPECT_EQ(Allowed("ann", "a", 1000), static_cast<int>(rates_.pair.burst));
  EXPECT_FALSE(limits_.Begin("bob", "a", now_)) << "the address has only paid for what was tried";
  EXPECT_EQ(*limits_.Begin("ann", "a", now_), seconds(20));
}

}  // namespace
}  // namespace paddock::identity
