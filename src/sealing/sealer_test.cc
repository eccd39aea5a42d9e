#include "sealing/sealer.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace paddock::sealing {
namespace {

TEST(Sealer, WhatWasSealedOpensForItsPurposeOnly) {
  const Sealer sealer(Sealer::Secret{1, 2, 3}, "passwords");
  for (const std::string& text :
       {std::string(), std::string("text"), std::string("\0\xFF\n", 3), std::string(2900, 'x')}) {
    const std::string sealed = sealer.Seal("shop", text).value();
    EXPECT_EQ(sealer.Open("shop", sealed), text);
    EXPECT_EQ(sealer.Open("shops", sealed).error().code, Code::kDenied);
  }
  EXPECT_NE(sealer.Seal("shop", "text").value(), sealer.Seal("shop", "text").value());
  EXPECT_EQ(sealer.Seal("shop", std::string(3000, 'x')).error().code, Code::kInvalid);
}

TEST(Sealer, AnotherSecretOrLabelOpensNothing) {
  const auto sealed = Sealer(Sealer::Secret{1, 2, 3}, "passwords").Seal("shop", "text").value();
  EXPECT_FALSE(Sealer(Sealer::Secret{1, 2, 4}, "passwords").Open("shop", sealed));
  EXPECT_FALSE(Sealer(Sealer::Secret{1, 2, 3}, "cookies").Open("shop", sealed));
}

TEST(Sealer, EveryChangedByteIsNoticed) {
  const Sealer sealer(Sealer::Secret{1, 2, 3}, "passwords");
  const auto bytes = Base64UrlDecode(sealer.Seal("shop", "some text").value());
  ASSERT_TRUE(bytes);
  for (std::size_t at = 0; at < bytes->size(); ++at) {
    std::string changed = *bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(sealer.Open("shop", Base64UrlEncode(changed))) << at;
    EXPECT_FALSE(sealer.Open("shop", Base64UrlEncode(bytes->substr(0, at)))) << at;
  }
  EXPECT_FALSE(sealer.Open("shop", Base64UrlEncode(*bytes + 'x')));
}

}  // namespace
}  // namespace paddock::sealing
