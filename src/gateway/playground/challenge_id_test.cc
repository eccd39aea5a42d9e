#include "gateway/playground/challenge_id.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace paddock::gateway {
namespace {

const ChallengeId kId{.question = 309, .output = std::string(64, 'a')};

class ChallengeIdTest : public ::testing::Test {
 protected:
  const ChallengeIds ids_{identity::Secret{7}};
  const UserId ann_ = NewId<UserId>();
  const UserId bob_ = NewId<UserId>();
};

TEST_F(ChallengeIdTest, IsReadByTheOneItWasGivenTo) {
  const auto read = ids_.Read(ids_.Write(kId, ann_), ann_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, kId);
}

TEST_F(ChallengeIdTest, NamesNothingForAnybodyElse) {
  const auto read = ids_.Read(ids_.Write(kId, ann_), bob_);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kNotFound);
}

TEST_F(ChallengeIdTest, OfAnotherSecretNamesNothing) {
  const ChallengeIds others{identity::Secret{8}};
  EXPECT_EQ(ids_.Read(others.Write(kId, ann_), ann_).error().code, Code::kNotFound);
}

TEST_F(ChallengeIdTest, EveryChangedBitIsNoticed) {
  const auto bytes = Base64UrlDecode(ids_.Write(kId, ann_));
  ASSERT_TRUE(bytes);
  for (std::size_t i = 0; i < bytes->size(); ++i) {
    std::string changed = *bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(ids_.Read(Base64UrlEncode(changed), ann_)) << i;
  }
}

TEST_F(ChallengeIdTest, NeedsNoEscapingInAnAddress) {
  const std::string text = ids_.Write(kId, ann_);
  EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_"),
            std::string::npos);
}

TEST_F(ChallengeIdTest, WhatIsNoneIsInvalid) {
  const std::string text = ids_.Write(kId, ann_);
  for (const std::string& bad :
       {std::string(), std::string("eyJxIjoxLCJjIjoiIn0="), std::string("*"), text + "=",
        text.substr(0, 20), std::string(4096, 'A')}) {
    const auto read = ids_.Read(bad, ann_);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, Code::kInvalid) << bad;
  }
}

}  // namespace
}  // namespace paddock::gateway
