#include "oidc/verifier.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "oidc/testing/provider_fixture.h"

namespace paddock::oidc {
namespace {

using std::chrono::seconds;

class TokenVerifierTest : public testing::ProviderFixture {
 protected:
  TokenVerifierTest() { AnswerKeys({key_.PublicJson()}); }

  /// Claims that hold at the start; each member may be replaced by a text of its own.
  struct Changes {
    std::string issuer = std::string(kIssuer);
    std::string audience = R"("https://paddock")";
    long long expires_in = 100;
    std::string more = R"(,"jti":"1")";
  };
  [[nodiscard]] std::string Payload(const Changes& changes) const {
    const auto now = std::chrono::duration_cast<seconds>(now_.wall.time_since_epoch()).count();
    return fmt::format(R"({{"iss":"{}","sub":"ada","aud":{},"exp":{},"scope":"challenge"{}}})",
                       changes.issuer, changes.audience, now + changes.expires_in, changes.more);
  }
  [[nodiscard]] std::string Payload() const { return Payload(Changes{}); }

  Result<SharedClaims> Verify(const std::string& token) {
    return Run(verifier_.Verify(token, now_, Soon()));
  }
  Code RefusalOf(const std::string& token) {
    const auto claims = Verify(token);
    EXPECT_FALSE(claims);
    EXPECT_EQ(verifier_.Known(token, now_), nullptr);
    return claims ? Code::kInternal : claims.error().code;
  }

  testing::SigningKey key_{Algorithm::kEs256, "k1"};
  TokenVerifier verifier_{
      TokenRules{
          .issuer = std::string(kIssuer), .audience = "https://paddock", .role_claim = "roles"},
      provider_};
};

TEST_F(TokenVerifierTest, AGoodTokenNamesItsSubject) {
  const std::string token = key_.Token(Payload({.more = R"(,"roles":["staff"])"}));
  EXPECT_EQ(verifier_.Known(token, now_), nullptr);
  const auto claims = Verify(token);
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_EQ((*claims)->subject, "ada");
  EXPECT_EQ((*claims)->scopes, std::vector<std::string>{"challenge"});
  EXPECT_EQ((*claims)->roles, std::vector<std::string>{"staff"});
  EXPECT_EQ(verifier_.Known(token, now_), *claims);
}

TEST_F(TokenVerifierTest, EveryAlgorithmOfAProviderIsAccepted) {
  for (const Algorithm algorithm :
       {Algorithm::kRs256, Algorithm::kRs384, Algorithm::kRs512, Algorithm::kPs256,
        Algorithm::kPs384, Algorithm::kPs512, Algorithm::kEs256, Algorithm::kEs384,
        Algorithm::kEs512, Algorithm::kEdDsa}) {
    const testing::SigningKey key(algorithm, fmt::format("key-{}", Name(algorithm)));
    AnswerKeys({key.PublicJson(), key_.PublicJson()});
    Pass(seconds(600));
    EXPECT_TRUE(Verify(key.Token(Payload()))) << Name(algorithm);
  }
}

TEST_F(TokenVerifierTest, AForgedTokenIsRefused) {
  const std::string token = key_.Token(Payload());
  const testing::SigningKey other(Algorithm::kEs256, "k1");
  EXPECT_EQ(RefusalOf(other.Token(Payload())), Code::kDenied);
  const std::string head = token.substr(0, token.find('.') + 1);
  const std::string tail = token.substr(token.rfind('.'));
  const std::string admin = Payload({.more = R"(,"roles":["root"])"});
  EXPECT_EQ(RefusalOf(head + Base64UrlEncode(admin) + tail), Code::kDenied);
  EXPECT_EQ(RefusalOf(token.substr(0, token.size() - 4) + "AAAA"), Code::kDenied);
  EXPECT_EQ(RefusalOf(token + "AAAA"), Code::kDenied);
  EXPECT_EQ(RefusalOf(""), Code::kDenied);
}

TEST_F(TokenVerifierTest, WrongClaimsAreRefusedThoughTheSignatureHolds) {
  for (const Changes& changes :
       {Changes{.issuer = "https://evil.example"}, Changes{.audience = R"("https://other")"},
        Changes{.audience = R"(["https://other"])"}, Changes{.expires_in = -60},
        Changes{.more = R"(,"nbf":1800000061)"}, Changes{.more = R"(,"iat":1800000061)"},
        Changes{.more = R"(,"sub":"eve")"}}) {
    EXPECT_EQ(RefusalOf(key_.Token(Payload(changes))), Code::kDenied);
  }
  EXPECT_EQ(KeyFetches(), 0) << "what is refused anyway costs the provider nothing";
}

TEST_F(TokenVerifierTest, NoneAndHmacAreRefused) {
  const std::string none = Base64UrlEncode(R"({"alg":"none","kid":"k1"})");
  EXPECT_EQ(RefusalOf(none + "." + Base64UrlEncode(Payload()) + "."), Code::kDenied);
  EXPECT_EQ(RefusalOf(none + "." + Base64UrlEncode(Payload()) + ".AAAA"), Code::kDenied);
  for (const std::string& secret : {key_.PublicPem(), key_.PublicDer(), key_.PublicJson()}) {
    EXPECT_EQ(RefusalOf(testing::HmacToken(R"({"alg":"HS256","kid":"k1"})", Payload(), secret)),
              Code::kDenied);
  }
}

TEST_F(TokenVerifierTest, ATokenForAnotherUseIsRefused) {
  for (const char* type : {"at+jwt", "JWT", "application/at+jwt"}) {
    const auto header = fmt::format(R"({{"alg":"ES256","kid":"k1","typ":"{}"}})", type);
    EXPECT_TRUE(Verify(key_.TokenWithHeader(header, Payload()))) << type;
  }
  for (const char* type : {"logout+jwt", "dpop+jwt", "secevent+jwt", "x"}) {
    const auto header = fmt::format(R"({{"alg":"ES256","kid":"k1","typ":"{}"}})", type);
    EXPECT_EQ(RefusalOf(key_.TokenWithHeader(header, Payload())), Code::kDenied) << type;
  }
  TokenRules rules{.issuer = std::string(kIssuer),
                   .audience = "https://paddock",
                   .role_claim = "",
                   .use = TokenUse::kIdentity};
  const auto token = key_.TokenWithHeader(R"({"alg":"ES256","typ":"at+jwt"})", Payload());
  EXPECT_FALSE(Run(VerifyToken(token, rules, provider_, now_, Soon())));
}

TEST_F(TokenVerifierTest, WithoutAnIdTheOnlyKeyThatFitsIsTaken) {
  const testing::SigningKey bare(Algorithm::kEs256, "");
  const testing::SigningKey other(Algorithm::kEs384, "");
  AnswerKeys({bare.PublicJson(), other.PublicJson()});
  EXPECT_TRUE(Verify(bare.Token(Payload())));
  const testing::SigningKey second(Algorithm::kEs256, "");
  AnswerKeys({bare.PublicJson(), second.PublicJson()});
  Pass(seconds(600));
  EXPECT_EQ(RefusalOf(second.Token(Payload())), Code::kDenied) << "it would be a guess";
}

TEST_F(TokenVerifierTest, ANewKeyIsAcceptedWithoutARestart) {
  ASSERT_TRUE(Verify(key_.Token(Payload())));
  const testing::SigningKey next(Algorithm::kEs256, "k2");
  AnswerKeys({next.PublicJson()});
  Pass(seconds(30));
  EXPECT_TRUE(Verify(next.Token(Payload())));
  EXPECT_EQ(KeyFetches(), 2);
  EXPECT_EQ(RefusalOf(key_.Token(Payload({.more = R"(,"jti":"2")"}))), Code::kDenied)
      << "the old key is gone";
}

TEST_F(TokenVerifierTest, ANewKeyWithoutAnIdIsNoticedToo) {
  const testing::SigningKey old(Algorithm::kEs256, "");
  const testing::SigningKey next(Algorithm::kEs256, "");
  AnswerKeys({old.PublicJson()});
  ASSERT_TRUE(Verify(old.Token(Payload())));
  AnswerKeys({next.PublicJson()});
  Pass(seconds(30));
  EXPECT_TRUE(Verify(next.Token(Payload())));
}

TEST_F(TokenVerifierTest, MadeUpKeyIdsDoNotReachTheProvider) {
  ASSERT_TRUE(Verify(key_.Token(Payload())));
  for (int i = 0; i < 100; ++i) {
    const auto header = fmt::format(R"({{"alg":"ES256","kid":"made-up-{}"}})", i);
    EXPECT_EQ(RefusalOf(key_.TokenWithHeader(header, Payload())), Code::kDenied);
  }
  EXPECT_EQ(KeyFetches(), 1);
}

TEST_F(TokenVerifierTest, WhileTheProviderIsDownKnownKeysStillVerify) {
  ASSERT_TRUE(Verify(key_.Token(Payload())));
  GoDown();
  Pass(seconds(3600));
  EXPECT_TRUE(Verify(key_.Token(Payload())));
  const testing::SigningKey next(Algorithm::kEs256, "k2");
  EXPECT_EQ(RefusalOf(next.Token(Payload())), Code::kUnavailable)
      << "it may be good: who sent it should not throw it away";
}

TEST_F(TokenVerifierTest, AKnownTokenIsForgottenWhenItExpiresAndBeforeItIsOld) {
  const std::string brief = key_.Token(Payload());
  const std::string lasting = key_.Token(Payload({.expires_in = 100'000}));
  ASSERT_TRUE(Verify(brief) && Verify(lasting));
  Pass(seconds(159));
  EXPECT_NE(verifier_.Known(brief, now_), nullptr);
  Pass(seconds(1));
  EXPECT_EQ(verifier_.Known(brief, now_), nullptr);
  EXPECT_NE(verifier_.Known(lasting, now_), nullptr);
  Pass(VerifiedTokens::kRememberedMax - seconds(160));
  EXPECT_EQ(verifier_.Known(lasting, now_), nullptr);
  EXPECT_TRUE(Verify(lasting)) << "it is only asked again";
}

TEST(VerifiedTokensTest, ItIsBoundedAndForgetsWhatWasUnusedLongest) {
  const Moment now{.wall = SystemTime(seconds(1'800'000'000)), .steady = SteadyTime(seconds(1))};
  Claims claims;
  claims.expires_at = now.wall + seconds(100);
  VerifiedTokens tokens(2);
  const auto remember = [&](std::string_view token) {
    tokens.Remember(token, std::make_shared<const Claims>(claims), now);
  };
  remember("a");
  remember("b");
  remember("b");
  EXPECT_NE(tokens.Find("a", now), nullptr);
  remember("c");
  EXPECT_EQ(tokens.size(), 2U);
  EXPECT_EQ(tokens.Find("b", now), nullptr);
  EXPECT_NE(tokens.Find("a", now), nullptr);
  EXPECT_NE(tokens.Find("c", now), nullptr);
  EXPECT_EQ(tokens.Find("", now), nullptr);
}

}  // namespace
}  // namespace paddock::oidc
