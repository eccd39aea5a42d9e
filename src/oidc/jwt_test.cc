#include "oidc/jwt.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "oidc/testing/signing_key.h"

namespace paddock::oidc {
namespace {

using oidc::testing::HmacToken;
using oidc::testing::KeySetJson;
using oidc::testing::SigningKey;
using enum Algorithm;

constexpr auto kAll = std::to_array<Algorithm>(
    {kRs256, kRs384, kRs512, kPs256, kPs384, kPs512, kEs256, kEs384, kEs512, kEdDsa});
constexpr std::string_view kPayload = R"({"sub":"ada"})";

/// Made once: an RSA key takes a while.
const SigningKey& KeyFor(Algorithm algorithm) {
  static std::map<Algorithm, SigningKey> keys;
  auto found = keys.find(algorithm);
  if (found == keys.end()) {
    found = keys.emplace(algorithm, SigningKey(algorithm, "k1")).first;
  }
  return found->second;
}

Jwk PublicKey(const SigningKey& key, bool has_algorithm = true) {
  auto keys = ParseKeySet(KeySetJson({key.PublicJson(has_algorithm)}));
  EXPECT_TRUE(keys && keys->size() == 1U);
  return keys->front();
}

bool IsSigned(std::string_view token, const Jwk& key) {
  const auto parsed = ParseJwt(token);
  return parsed && IsSignedBy(*parsed, key);
}

/// Another letter at `at`, which still is base64url.
std::string Changed(std::string token, std::size_t at) {
  token[at] = token[at] == 'A' ? 'B' : 'A';
  return token;
}

class JwtTest : public ::testing::TestWithParam<Algorithm> {
 protected:
  const SigningKey& key_ = KeyFor(GetParam());
};

TEST_P(JwtTest, AnHonestTokenHolds) {
  const std::string token = key_.Token(kPayload);
  EXPECT_TRUE(LooksLikeJwt(token));
  const auto parsed = ParseJwt(token);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->algorithm, GetParam());
  EXPECT_EQ(parsed->key_id, "k1");
  EXPECT_EQ(parsed->payload, kPayload);
  EXPECT_TRUE(IsSignedBy(*parsed, PublicKey(key_)));
  EXPECT_TRUE(IsSignedBy(*parsed, PublicKey(key_, false)));
}

TEST_P(JwtTest, AChangedPayloadDoesNotHold) {
  const std::string token = key_.Token(kPayload);
  const std::string forged = token.substr(0, token.find('.') + 1) +
                             Base64UrlEncode(R"({"sub":"eve"})") + token.substr(token.rfind('.'));
  EXPECT_FALSE(IsSigned(forged, PublicKey(key_)));
}

TEST_P(JwtTest, AChangedHeaderDoesNotHold) {
  const std::string token = key_.Token(kPayload);
  const std::string header = fmt::format(R"({{"alg":"{}","kid":"k1","x":1}})", Name(GetParam()));
  EXPECT_FALSE(IsSigned(Base64UrlEncode(header) + token.substr(token.find('.')), PublicKey(key_)));
}

TEST_P(JwtTest, AChangedSignatureDoesNotHoldWhereverItWasChanged) {
  const std::string token = key_.Token(kPayload);
  for (const std::size_t at : {token.rfind('.') + 1, token.rfind('.') + 40, token.size() - 4}) {
    EXPECT_FALSE(IsSigned(Changed(token, at), PublicKey(key_)));
  }
}

TEST_P(JwtTest, ASignatureOfAnotherLengthDoesNotHold) {
  const std::string token = key_.Token(kPayload);
  const std::string input = token.substr(0, token.rfind('.') + 1);
  const auto signature = Base64UrlDecode(token.substr(token.rfind('.') + 1));
  ASSERT_TRUE(signature);
  const std::string zeros(signature->size(), '\0');
  for (const std::string& wrong :
       {signature->substr(1), signature->substr(0, signature->size() / 2), '\0' + *signature,
        *signature + '\0', *signature + *signature, zeros, std::string(1, '\0')}) {
    EXPECT_FALSE(IsSigned(input + Base64UrlEncode(wrong), PublicKey(key_)));
  }
}

// The same number, which one signature in 256 is for a chance to see.
TEST_P(JwtTest, ASignatureWithoutTheZeroThatItBeginsWithDoesNotHold) {
  const Jwk key = PublicKey(key_);
  for (int number = 0; number < 10'000; ++number) {
    const std::string token = key_.Token(fmt::format(R"({{"sub":"{}"}})", number));
    const std::size_t dot = token.rfind('.') + 1;
    const auto signature = Base64UrlDecode(token.substr(dot));
    ASSERT_TRUE(signature);
    if (signature->front() == '\0') {
      EXPECT_TRUE(IsSigned(token, key));
      EXPECT_FALSE(IsSigned(token.substr(0, dot) + Base64UrlEncode(signature->substr(1)), key));
      return;
    }
  }
  FAIL() << "no signature begins with a zero";
}

TEST_P(JwtTest, AnotherKeyOfTheSameKindDoesNotFit) {
  const SigningKey other(GetParam(), "k1");
  EXPECT_FALSE(IsSigned(other.Token(kPayload), PublicKey(key_)));
}

TEST_P(JwtTest, AnAlgorithmThatTheKeyIsNotForDoesNotHold) {
  for (const Algorithm other : kAll) {
    if (other == GetParam()) {
      continue;
    }
    const std::string header = fmt::format(R"({{"alg":"{}","kid":"k1"}})", Name(other));
    const std::string token = key_.TokenWithHeader(header, kPayload);
    EXPECT_FALSE(IsSigned(token, PublicKey(key_))) << Name(other);
    EXPECT_FALSE(IsSigned(token, PublicKey(key_, false))) << Name(other);
    EXPECT_FALSE(IsSigned(token, PublicKey(KeyFor(other)))) << Name(other);
  }
}

TEST_P(JwtTest, AnHmacWithThePublicKeyIsRefused) {
  for (const std::string& secret : {key_.PublicPem(), key_.PublicDer(), key_.PublicJson()}) {
    for (const std::string_view name : {"HS256", "HS384", "HS512", "hs256"}) {
      const auto header = fmt::format(R"({{"alg":"{}","kid":"k1"}})", name);
      const auto parsed = ParseJwt(HmacToken(header, kPayload, secret));
      ASSERT_FALSE(parsed);
      EXPECT_EQ(parsed.error().code, Code::kDenied);
    }
    // The honest name with the wrong kind of signature.
    const auto header = fmt::format(R"({{"alg":"{}","kid":"k1"}})", Name(GetParam()));
    EXPECT_FALSE(IsSigned(HmacToken(header, kPayload, secret), PublicKey(key_)));
  }
}

TEST_P(JwtTest, ACriticalExtensionIsRefused) {
  for (const std::string_view extension : {R"("crit":["exp"])", R"("crit":[])", R"("crit":null)"}) {
    const auto header = fmt::format(R"({{"alg":"{}","kid":"k1",{}}})", Name(GetParam()), extension);
    EXPECT_EQ(ParseJwt(key_.TokenWithHeader(header, kPayload)).error().code, Code::kDenied);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryAlgorithm,
                         JwtTest,
                         ::testing::ValuesIn(kAll),
                         [](const auto& chosen) { return std::string(Name(chosen.param)); });

TEST(Jwt, AnAlgorithmOfNoneInAnySpellingIsRefused) {
  for (const std::string_view name : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string input = Base64UrlEncode(fmt::format(R"({{"alg":"{}"}})", name)) + "." +
                              Base64UrlEncode(kPayload) + ".";
    EXPECT_FALSE(ParseJwt(input));
    EXPECT_FALSE(ParseJwt(input + "AAAA"));
  }
  for (const std::string_view header :
       {R"({})", R"({"alg":null})", R"({"alg":["RS256"]})", R"({"alg":1})", R"({"alg":"rs256"})",
        R"({"alg":"RS256 "})", R"({"alg":"ES256K"})"}) {
    EXPECT_FALSE(ParseJwt(Base64UrlEncode(header) + ".e30.AAAA")) << header;
  }
}

TEST(Jwt, AHeaderThatTwoReadersMayReadDifferentlyIsRefused) {
  for (const std::string_view header :
       {R"({"alg":"RS256","alg":"HS256"})", R"({"alg":"HS256","alg":"RS256"})",
        R"({"alg":"RS256","kid":"a","kid":"b"})", R"({"alg":"RS256","a\u006cg":"none"})",
        R"({"alg":"RS256","x":{"y":1,"y":2}})", R"({"alg":"RS256"} {})", R"({"alg":"RS256",})",
        R"(["RS256"])", R"("RS256")", "", "{", "\xFF", R"({"alg":"RS256","kid":7})",
        R"({"alg":"RS256","typ":null})"}) {
    EXPECT_FALSE(ParseJwt(Base64UrlEncode(header) + ".e30.AAAA")) << header;
  }
  EXPECT_TRUE(ParseJwt(Base64UrlEncode(R"({"alg":"RS256"})") + ".e30.AAAA"));
}

TEST(Jwt, WhatIsNotThreePartsOfStrictBase64urlIsRefused) {
  const std::string head = Base64UrlEncode(R"({"alg":"RS256"})");
  ASSERT_TRUE(ParseJwt(head + ".e30.AAAA"));
  for (const std::string& token :
       {std::string(), std::string("."), std::string(".."), head, head + ".e30", head + ".e30.",
        head + "..AAAA", std::string(".e30.AAAA"), head + ".e30.AAAA.AAAA", head + ".e30.AAAA.",
        head + ".e30.AA==", head + ".e30.AA+A", head + ".e30.AA/A", head + ".e30.A",
        head + ".e30.AB", head + ".e30. AAAA", head + ".e30.AAAA\n"}) {
    EXPECT_FALSE(ParseJwt(token)) << token;
  }
}

TEST(Jwt, ALongTokenIsRefusedBeforeItIsRead) {
  const std::string head = Base64UrlEncode(R"({"alg":"RS256"})") + ".e30.";
  EXPECT_TRUE(ParseJwt(head + std::string((kTokenBytesMax - head.size()) / 4 * 4, 'A')));
  EXPECT_FALSE(ParseJwt(head + std::string(kTokenBytesMax, 'A')));
}

TEST(Jwt, Ed25519IsEdDsaByItsNewName) {
  const auto token = KeyFor(kEdDsa).TokenWithHeader(R"({"alg":"Ed25519","kid":"k1"})", kPayload);
  EXPECT_TRUE(IsSigned(token, PublicKey(KeyFor(kEdDsa))));
  EXPECT_FALSE(AlgorithmOf("Ed448"));
}

TEST(Jwt, TheTypeIsReadAsAMediaType) {
  for (const auto& [text, type] : {std::pair("at+jwt", "at+jwt"), std::pair("JWT", "jwt"),
                                   std::pair("application/AT+JWT", "at+jwt")}) {
    const auto header = fmt::format(R"({{"alg":"RS256","typ":"{}"}})", text);
    EXPECT_EQ(ParseJwt(Base64UrlEncode(header) + ".e30.AAAA")->type, type);
  }
}

}  // namespace
}  // namespace paddock::oidc
