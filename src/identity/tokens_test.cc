#include "identity/tokens.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace paddock::identity {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr hours kMonth{24 * 30};
const SystemTime kNow{seconds(1'800'000'000)};

class TokensTest : public testing::Test {
 protected:
  Secret secret_{1, 2, 3};
  TokenSigner signer_{secret_, kMonth};
  User guest_{.id = NewId<UserId>()};
};

TEST_F(TokensTest, AnIssuedTokenNamesItsUserUntilItExpires) {
  const auto issued = signer_.Issue(guest_, kNow);
  const auto session = signer_.Verify(issued.token, kNow + kMonth - seconds(1));
  ASSERT_TRUE(session);
  EXPECT_EQ(session->user, guest_);
  EXPECT_EQ(session->expires_at, kNow + kMonth);
  EXPECT_EQ(signer_.Verify(issued.token, kNow + kMonth).error().code, Code::kDenied);
}

TEST_F(TokensTest, NoChangedBitIsAccepted) {
  const auto bytes = *Base64UrlDecode(signer_.Issue(guest_, kNow).token);
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    auto forged = bytes;
    forged[i / 8] = static_cast<char>(forged[i / 8] ^ (1 << (i % 8)));
    EXPECT_FALSE(signer_.Verify(Base64UrlEncode(forged), kNow)) << "bit " << i;
  }
}

TEST_F(TokensTest, ATokenOfAnotherSecretOrOfAnotherLengthIsRefused) {
  const auto token = signer_.Issue(guest_, kNow).token;
  const TokenSigner other(Secret{9}, kMonth);
  EXPECT_FALSE(other.Verify(token, kNow));
  for (std::size_t length = 0; length < token.size(); ++length) {
    EXPECT_FALSE(signer_.Verify(token.substr(0, length), kNow));
  }
  EXPECT_FALSE(signer_.Verify(token + "A", kNow));
  EXPECT_FALSE(signer_.Verify(std::string(100'000, 'A'), kNow));
}

TEST_F(TokensTest, RenewalIsDueAfterATenthOfTheLife) {
  const auto session = signer_.Issue(guest_, kNow).session;
  EXPECT_FALSE(TokenSigner::IsRenewalDue(session, kNow + kMonth / 10 - seconds(1)));
  EXPECT_TRUE(TokenSigner::IsRenewalDue(session, kNow + kMonth / 10));
}

}  // namespace
}  // namespace paddock::identity
