#include "oidc/jwk.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "oidc/testing/signing_key.h"

namespace paddock::oidc {
namespace {

using oidc::testing::KeySetJson;
using oidc::testing::SigningKey;
using enum Algorithm;

std::size_t CountIn(std::initializer_list<std::string> keys) {
  const auto parsed = ParseKeySet(KeySetJson(keys));
  EXPECT_TRUE(parsed);
  return parsed ? parsed->size() : 0;
}

/// `json` with one more member, or another value of one that it has.
std::string With(const std::string& json, std::string_view member) {
  return json.substr(0, json.size() - 1) + "," + std::string(member) + "}";
}

TEST(Jwk, TheKindsThatCanSignAreKeptWithTheirIds) {
  const auto keys = ParseKeySet(
      KeySetJson({SigningKey(kRs256, "a").PublicJson(), SigningKey(kEs256, "b").PublicJson(),
                  SigningKey(kEs384, "c").PublicJson(), SigningKey(kEs512, "d").PublicJson(),
                  SigningKey(kEdDsa, "").PublicJson(false)}));
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 5U);
  EXPECT_EQ(keys->at(0).type, KeyType::kRsa);
  EXPECT_EQ(keys->at(1).type, KeyType::kP256);
  EXPECT_EQ(keys->at(2).type, KeyType::kP384);
  EXPECT_EQ(keys->at(3).type, KeyType::kP521);
  EXPECT_EQ(keys->at(4).type, KeyType::kEd25519);
  EXPECT_EQ(keys->at(0).id, "a");
  EXPECT_EQ(keys->at(0).algorithm, kRs256);
  EXPECT_EQ(keys->at(4).id, "");
  EXPECT_EQ(keys->at(4).algorithm, std::nullopt);
}

TEST(Jwk, SymmetricAndUnknownKeysAreLeftOutAndTheOthersStay) {
  const std::string good = SigningKey(kEs256, "good").PublicJson();
  EXPECT_EQ(CountIn({R"({"kty":"oct","k":"c2VjcmV0","kid":"a","alg":"HS256"})",
                     R"({"kty":"OKP","crv":"X25519","x":"AAAA"})",
                     R"({"kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"})",
                     R"({"kty":"AKP","pub":"AAAA"})", R"({})", R"("text")", R"(null)", good}),
            1U);
}

TEST(Jwk, AKeyForAnotherUseIsLeftOut) {
  const std::string json = SigningKey(kEdDsa, "a").PublicJson();
  const std::string bare = json.substr(0, json.find(R"(,"use")")) + "}";
  EXPECT_EQ(CountIn({bare}), 1U);
  EXPECT_EQ(CountIn({With(bare, R"("use":"sig")"), With(bare, R"("key_ops":["verify"])")}), 2U);
  EXPECT_EQ(CountIn({With(bare, R"("use":"enc")"), With(bare, R"("use":7)"),
                     With(bare, R"("key_ops":["encrypt"])"), With(bare, R"("key_ops":[])")}),
            0U);
}

TEST(Jwk, AKeyWhosePrivateHalfIsPublishedIsLeftOut) {
  const std::string json = SigningKey(kEs256, "a").PublicJson();
  EXPECT_EQ(CountIn({json}), 1U);
  EXPECT_EQ(CountIn({With(json, R"("d":"AAAA")")}), 0U);
}

TEST(Jwk, AnRsaKeyThatIsTooShortIsLeftOut) {
  EXPECT_EQ(CountIn({SigningKey::Rsa(1024, kRs256, "a").PublicJson()}), 0U);
  EXPECT_EQ(CountIn({SigningKey::Rsa(2040, kRs256, "a").PublicJson()}), 0U);
  EXPECT_EQ(CountIn({SigningKey::Rsa(2048, kRs256, "a").PublicJson()}), 1U);
}

TEST(Jwk, AnRsaKeyThatIsNoneIsLeftOut) {
  const std::string number = Base64UrlEncode(std::string(256, '\xFF'));
  const auto key = [](std::string_view n, std::string_view e) {
    return fmt::format(R"({{"kty":"RSA","n":"{}","e":"{}"}})", n, e);
  };
  EXPECT_EQ(CountIn({key(number, "AQAB")}), 1U);
  const std::string even = Base64UrlEncode(std::string(255, '\xFF') + '\xFE');
  const std::string huge = Base64UrlEncode(std::string(1025, '\xFF'));
  const std::string long_exponent = Base64UrlEncode(std::string(9, '\xFF'));
  EXPECT_EQ(CountIn({key(even, "AQAB"), key(huge, "AQAB"), key(number, "AQ"), key(number, "Ag"),
                     key(number, ""), key("", "AQAB"), key(number, long_exponent),
                     key(number + "=", "AQAB"), key("AA", "AQAB")}),
            0U);
}

TEST(Jwk, APointThatIsNotOnTheCurveIsLeftOut) {
  const std::string zeros = Base64UrlEncode(std::string(32, '\0'));
  const std::string ones = Base64UrlEncode(std::string(32, '\x01'));
  const auto key = [](std::string_view x, std::string_view y) {
    return fmt::format(R"({{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}})", x, y);
  };
  EXPECT_EQ(CountIn({key(ones, ones), key(zeros, zeros), key("AQ", "AQ"), key(ones, "")}), 0U);
  // P-384's coordinates are no P-256 point, and the reverse.
  std::string moved = SigningKey(kEs384, "a").PublicJson(false);
  moved.replace(moved.find("P-384"), 5, "P-256");
  EXPECT_EQ(CountIn({moved}), 0U);
}

TEST(Jwk, AnAlgorithmThatTheKeyCannotDoLeavesItOut) {
  const SigningKey key(kEs256, "a");
  EXPECT_EQ(CountIn({With(key.PublicJson(false), R"("alg":"ES256")")}), 1U);
  for (const std::string_view alg : {"ES384", "RS256", "EdDSA", "HS256", "none", "", "RSA-OAEP"}) {
    EXPECT_EQ(CountIn({With(key.PublicJson(false), fmt::format(R"("alg":"{}")", alg))}), 0U) << alg;
  }
}

TEST(Jwk, WhatIsNoKeySetIsInvalid) {
  std::string deep(100, '[');
  std::string many = "{}";
  for (std::size_t i = 0; i < kKeysMax; ++i) {
    many += ",{}";
  }
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), std::string(R"({"keys":{}})"),
        std::string(R"({"keys":null})"), std::string("<html>"), deep, R"({"keys":[)" + many + "]}",
        std::string(R"({"keys":[],"keys":[]})"), std::string(R"({"keys":[{"kty":"a","kty":"b"}]})"),
        R"({"keys":[],"x":")" + std::string(kKeySetBytesMax, 'a') + R"("})"}) {
    const auto parsed = ParseKeySet(text);
    ASSERT_FALSE(parsed) << text.substr(0, 100);
    EXPECT_EQ(parsed.error().code, Code::kInvalid);
  }
  EXPECT_TRUE(ParseKeySet(R"({"keys":[]})"));
}

}  // namespace
}  // namespace paddock::oidc
