#include "oidc/sealed.h"

#include <string>

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace paddock::oidc {
namespace {

using std::chrono::seconds;

const SystemTime kNow{seconds(1'800'000'000)};
const SystemTime kLater = kNow + seconds(100);

class SealerTest : public ::testing::Test {
 protected:
  std::string Sealed(std::string_view purpose, std::string_view text) {
    return sealer_.Seal(purpose, text, kLater).value_or("");
  }

  Sealer sealer_{Sealer::Secret{1, 2, 3}};
};

TEST_F(SealerTest, WhatWasSealedOpensUntilItExpires) {
  for (const std::string& text :
       {std::string(), std::string("text"), std::string("\0\xFF\n", 3), std::string(2900, 'x')}) {
    const std::string sealed = Sealed("cookie", text);
    EXPECT_EQ(sealer_.Open("cookie", sealed, kNow), text);
    EXPECT_EQ(sealer_.Open("cookie", sealed, kLater - seconds(1)), text);
    EXPECT_EQ(sealer_.Open("cookie", sealed, kLater).error().code, Code::kDenied);
  }
}

TEST_F(SealerTest, ItOpensForNoOtherPurpose) {
  const std::string sealed = Sealed("cookie", "text");
  EXPECT_FALSE(sealer_.Open("cookies", sealed, kNow));
  EXPECT_FALSE(sealer_.Open("", sealed, kNow));
}

TEST_F(SealerTest, AnotherSecretOpensNothing) {
  EXPECT_FALSE(Sealer(Sealer::Secret{1, 2, 4}).Open("cookie", Sealed("cookie", "text"), kNow));
}

TEST_F(SealerTest, EveryChangedByteIsNoticed) {
  const auto bytes = Base64UrlDecode(Sealed("cookie", "some text"));
  ASSERT_TRUE(bytes);
  for (std::size_t at = 0; at < bytes->size(); ++at) {
    std::string changed = *bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(sealer_.Open("cookie", Base64UrlEncode(changed), kNow)) << at;
    EXPECT_FALSE(sealer_.Open("cookie", Base64UrlEncode(bytes->substr(0, at)), kNow)) << at;
  }
  EXPECT_FALSE(sealer_.Open("cookie", Base64UrlEncode(*bytes + 'x'), kNow));
}

TEST_F(SealerTest, WhatIsSealedHidesItsTextAndIsNeverTheSameTwice) {
  const std::string text(60, 'a');
  EXPECT_NE(Sealed("cookie", text), Sealed("cookie", text));
  EXPECT_EQ(Base64UrlDecode(Sealed("cookie", text)).value_or(text).find("aaaa"), std::string::npos);
}

TEST_F(SealerTest, WhatWouldNotFitACookieIsRefused) {
  EXPECT_EQ(sealer_.Seal("cookie", std::string(4000, 'x'), kLater).error().code, Code::kInvalid);
  std::size_t size = 0;
  while (auto sealed = sealer_.Seal("cookie", std::string(size, 'x'), kLater)) {
    ASSERT_LE(sealed->size(), Sealer::kSealedBytesMax);
    ASSERT_TRUE(sealer_.Open("cookie", *sealed, kNow));
    size += 100;
  }
  EXPECT_GT(size, 2900U);
  EXPECT_FALSE(sealer_.Open("cookie", std::string(1'000'000, 'A'), kNow));
}

}  // namespace
}  // namespace paddock::oidc
