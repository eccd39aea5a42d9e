#include "identity/passwords.h"

#include <string>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"

namespace paddock::identity {
namespace {

using ::testing::StartsWith;

constexpr PasswordCost kCheap{.memory_kib = 64, .passes = 1};

class PasswordsTest : public testing::Test {
 protected:
  Result<std::string> Hash(std::string password) {
    return aio::testing::RunOn(loop_, hasher_.Hash(std::move(password)));
  }
  Result<bool> Verify(std::string password, std::optional<std::string> hash) {
    return aio::testing::RunOn(loop_, hasher_.Verify(std::move(password), std::move(hash)));
  }

  boost::asio::io_context loop_;
  PasswordHasher hasher_{kCheap};
};

TEST_F(PasswordsTest, APasswordFitsItsOwnHashAlone) {
  const auto hash = Hash("correct horse battery");
  ASSERT_TRUE(hash) << hash.error().message;
  EXPECT_THAT(*hash, StartsWith("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_NE(*hash, *Hash("correct horse battery")) << "each has a salt of its own";
  EXPECT_EQ(Verify("correct horse battery", *hash), true);
  EXPECT_EQ(Verify("correct horse batterx", *hash), false);
  EXPECT_EQ(Verify("", *hash), false);
  EXPECT_EQ(Verify(std::string("correct horse battery\0x", 23), *hash), false);
}

TEST_F(PasswordsTest, WithoutAHashTheSameWorkIsDone) {
  EXPECT_EQ(Verify("correct horse battery", std::nullopt), false);
  EXPECT_EQ(hasher_.work_count(), 1U);
}

TEST_F(PasswordsTest, WhatIsNoHashIsAFaultOfOurs) {
  EXPECT_EQ(Verify("x", "not a hash").error().code, Code::kInternal);
}

TEST_F(PasswordsTest, AHashOfAnotherCostIsOutdated) {
  const auto hash = Hash("correct horse battery");
  ASSERT_TRUE(hash);
  EXPECT_FALSE(hasher_.IsOutdated(*hash));
  EXPECT_TRUE(PasswordHasher({.memory_kib = 128, .passes = 1}).IsOutdated(*hash));
  EXPECT_TRUE(PasswordHasher({.memory_kib = 64, .passes = 2}).IsOutdated(*hash));
}

TEST_F(PasswordsTest, MoreThanTheQueueHoldsAreRefusedAndNotKept) {
  constexpr int kAsked = PasswordHasher::kThreads + PasswordHasher::kWaitingMax + 10;
  aio::TaskScope scope(loop_.get_executor());
  int refused = 0;
  int hashed = 0;
  const auto ask = [](PasswordHasher& hasher, int& good, int& bad) -> aio::Task<void> {
    auto hash = co_await hasher.Hash("correct horse battery");
    ++(hash ? good : bad);
    EXPECT_TRUE(hash || hash.error().code == Code::kExhausted);
  };
  for (int i = 0; i < kAsked; ++i) {
    scope.Spawn(ask(hasher_, hashed, refused));
  }
  loop_.run();
  EXPECT_EQ(hashed + refused, kAsked);
  EXPECT_GE(refused, 1);
  EXPECT_GE(hashed, PasswordHasher::kThreads + PasswordHasher::kWaitingMax);
}

TEST(PasswordRulesTest, ALongPasswordOfAnyKindIsFine) {
  for (const char* password :
       {"correct horse", "xkcdxkcd936!", "一二三四五六七八九十", "ZZtop-1234-q"}) {
    EXPECT_TRUE(CheckNewPassword(password, "ann")) << password;
  }
}

TEST(PasswordRulesTest, WhatIsTriedFirstIsRefused) {
  for (const char* password :
       {"", "short", "123456789", "1234567890", "9876543210", "password1234", "Password!!!!",
        "qwertyuiop", "aaaaaaaaaaaa", "abababababab", "administrator", "paddock2026"}) {
    EXPECT_FALSE(CheckNewPassword(password, "ann")) << password;
  }
  EXPECT_FALSE(CheckNewPassword("Elizabethann", "elizabethann")) << "the name itself";
  EXPECT_FALSE(CheckNewPassword(std::string(257, 'x') + "y", "ann"));
}

}  // namespace
}  // namespace paddock::identity
