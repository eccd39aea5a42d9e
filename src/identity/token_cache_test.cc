#include "identity/token_cache.h"

#include <vector>

#include <gtest/gtest.h>

namespace paddock::identity {
namespace {

using std::chrono::seconds;

constexpr seconds kLifetime{100};
const SystemTime kNow{seconds(1'800'000'000)};

class TokenCacheTest : public testing::Test {
 protected:
  std::string NewToken() { return signer_.Issue({.id = NewId<UserId>()}, kNow).token; }

  TokenSigner signer_{Secret{1, 2, 3}, kLifetime};
};

TEST_F(TokenCacheTest, AKnownTokenNamesItsUserAndStillExpires) {
  TokenCache cache(signer_);
  const auto issued = signer_.Issue({.id = NewId<UserId>()}, kNow);
  for (const seconds later : {seconds(0), seconds(1), kLifetime - seconds(1)}) {
    const auto guest = cache.Verify(issued.token, kNow + later);
    ASSERT_TRUE(guest);
    EXPECT_EQ((*guest)->user, issued.session.user.id);
    EXPECT_EQ((*guest)->role, Role::kGuest);
  }
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.Verify(issued.token, kNow + kLifetime).error().code, Code::kDenied);
}

TEST_F(TokenCacheTest, WhatItsSignerDidNotSignIsNeverRemembered) {
  TokenCache cache(signer_);
  const auto foreign = TokenSigner(Secret{9}, kLifetime).Issue({.id = NewId<UserId>()}, kNow).token;
  EXPECT_FALSE(cache.Verify(foreign, kNow));
  EXPECT_FALSE(cache.Verify(foreign, kNow));
  const auto token = NewToken();
  ASSERT_TRUE(cache.Verify(token, kNow));
  EXPECT_FALSE(cache.Verify(token.substr(0, token.size() - 1), kNow));
  EXPECT_FALSE(cache.Verify(token + "A", kNow));
  EXPECT_EQ(cache.size(), 1U);
}

TEST_F(TokenCacheTest, ItIsBoundedAndForgetsWhatWasUnusedLongest) {
  TokenCache cache(signer_, 2);
  const std::vector<std::string> tokens{NewToken(), NewToken(), NewToken()};
  for (int round = 0; round < 3; ++round) {
    for (const auto& token : tokens) {
      EXPECT_TRUE(cache.Verify(token, kNow));
      EXPECT_LE(cache.size(), 2U);
    }
  }
}

}  // namespace
}  // namespace paddock::identity
