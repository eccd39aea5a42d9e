#include "oidc/claims.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace paddock::oidc {
namespace {

using std::chrono::seconds;

const SystemTime kNow{seconds(1'800'000'000)};

/// Claims that hold at kNow, with `more` members.
std::string Payload(std::string_view more = "") {
  return fmt::format(R"({{"iss":"https://a","sub":"ada","aud":"paddock","exp":1800000100{}{}}})",
                     more.empty() ? "" : ",", more);
}

TokenRules Rules() { return {.issuer = "https://a", .audience = "paddock", .role_claim = ""}; }

bool Holds(const std::string& payload, SystemTime now = kNow) {
  const auto claims = ParseClaims(payload, "");
  if (!claims) {
    EXPECT_EQ(claims.error().code, Code::kDenied);
    return false;
  }
  const auto checked = CheckClaims(*claims, Rules(), now);
  EXPECT_TRUE(checked || checked.error().code == Code::kDenied);
  return checked.has_value();
}

std::vector<std::string> RolesOf(std::string_view more, std::string_view path) {
  const auto claims = ParseClaims(Payload(more), path);
  EXPECT_TRUE(claims);
  return claims ? claims->roles : std::vector<std::string>{"?"};
}

TEST(Claims, AllThatATokenSaysIsRead) {
  const auto good =
      ParseClaims(Payload(R"("name":"Ada L","preferred_username":"ada","email":"ada@example.com",
                 "email_verified":true,"nonce":"n","azp":"paddock","at_hash":"h",
                 "iat":1799999990,"nbf":1799999991.5,"scope":"challenge  read:schema ")"),
                  "");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->issuer, "https://a");
  EXPECT_EQ(good->subject, "ada");
  EXPECT_EQ(good->audience, std::vector<std::string>{"paddock"});
  EXPECT_EQ(good->name, "Ada L");
  EXPECT_EQ(good->preferred_username, "ada");
  EXPECT_EQ(good->email, "ada@example.com");
  EXPECT_TRUE(good->email_verified);
  EXPECT_EQ(good->nonce, "n");
  EXPECT_EQ(good->authorized_party, "paddock");
  EXPECT_EQ(good->access_token_hash, "h");
  EXPECT_EQ(good->expires_at, kNow + seconds(100));
  EXPECT_EQ(good->issued_at, kNow - seconds(10));
  EXPECT_EQ(good->not_before, kNow - seconds(9));
  EXPECT_EQ(good->scopes, (std::vector<std::string>{"challenge", "read:schema"}));
}

TEST(Claims, ScopesMayBeAnArrayNamedScp) {
  EXPECT_EQ(ParseClaims(Payload(R"("scp":["a","b c"])"), "")->scopes,
            (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(ParseClaims(Payload(R"("scp":"a b")"), "")->scopes,
            (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(ParseClaims(Payload(R"("scope":7)"), "")->scopes.empty());
}

TEST(Claims, WhatMustBeThereIs) {
  EXPECT_TRUE(Holds(Payload()));
  for (const char* payload :
       {R"({"sub":"ada","aud":"paddock","exp":1800000100})",
        R"({"iss":"https://a","aud":"paddock","exp":1800000100})",
        R"({"iss":"https://a","sub":"ada","exp":1800000100})",
        R"({"iss":"https://a","sub":"ada","aud":"paddock"})",
        R"({"iss":"https://a","sub":"","aud":"paddock","exp":1800000100})",
        R"({"iss":"https://a","sub":7,"aud":"paddock","exp":1800000100})",
        R"({"iss":["https://a"],"sub":"ada","aud":"paddock","exp":1800000100})",
        R"({"iss":"https://a","sub":"ada","aud":[],"exp":1800000100})",
        R"({"iss":"https://a","sub":"ada","aud":{"a":"paddock"},"exp":1800000100})",
        R"({"iss":"https://a","sub":"ada","aud":"paddock","exp":"1800000100"})",
        R"({"iss":"https://a","sub":"ada","aud":"paddock","exp":null})",
        R"({"iss":"https://a","sub":"ada","aud":"paddock","exp":-1})",
        R"({"iss":"https://a","sub":"ada","aud":"paddock","exp":1e999})",
        R"({"iss":"https://a","sub":"ada","sub":"eve","aud":"paddock","exp":1800000100})", "[]",
        "null", "", "{"}) {
    EXPECT_FALSE(Holds(payload)) << payload;
  }
  EXPECT_FALSE(
      Holds(fmt::format(R"({{"iss":"https://a","sub":"{}","aud":"paddock","exp":1800000100}})",
                        std::string(kClaimTextBytesMax + 1, 'a'))));
}

TEST(Claims, AnotherIssuerIsRefused) {
  for (const char* issuer : {"https://b", "https://a/", "https://A", "https://a.example"}) {
    EXPECT_FALSE(Holds(
        fmt::format(R"({{"iss":"{}","sub":"ada","aud":"paddock","exp":1800000100}})", issuer)));
  }
}

TEST(Claims, TheAudienceMayBeOneOfSeveral) {
  const auto with_audience = [](std::string_view audience) {
    return Holds(
        fmt::format(R"({{"iss":"https://a","sub":"ada","aud":{},"exp":1800000100}})", audience));
  };
  EXPECT_TRUE(with_audience(R"(["other","paddock"])"));
  EXPECT_TRUE(with_audience(R"(["paddock"])"));
  EXPECT_FALSE(with_audience(R"(["other"])"));
  EXPECT_FALSE(with_audience(R"("other")"));
  EXPECT_FALSE(with_audience(R"("paddock2")"));
  EXPECT_FALSE(with_audience(R"("other paddock")"));
  EXPECT_FALSE(with_audience(R"([["paddock"]])"));
}

TEST(Claims, ATokenExpiresWithItsLeeway) {
  EXPECT_TRUE(Holds(Payload(), kNow + seconds(100) + kLeeway - seconds(1)));
  EXPECT_FALSE(Holds(Payload(), kNow + seconds(100) + kLeeway));
  EXPECT_TRUE(Holds(R"({"iss":"https://a","sub":"ada","aud":"paddock","exp":1e18})"));
}

TEST(Claims, ATokenFromTheFutureIsRefusedBeyondTheLeeway) {
  for (const std::string_view name : {"nbf", "iat"}) {
    EXPECT_TRUE(Holds(Payload(fmt::format(R"("{}":1800000060)", name))));
    EXPECT_FALSE(Holds(Payload(fmt::format(R"("{}":1800000061)", name))));
    EXPECT_FALSE(Holds(Payload(fmt::format(R"("{}":1e300)", name))));
    EXPECT_FALSE(Holds(Payload(fmt::format(R"("{}":"1799999990")", name))));
  }
}

TEST(Claims, RolesAreFoundWhereverTheProviderPutsThem) {
  EXPECT_EQ(RolesOf(R"("groups":["a","b"])", "groups"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(RolesOf(R"("role":"a")", "role"), std::vector<std::string>{"a"});
  EXPECT_EQ(RolesOf(R"("realm_access":{"roles":["a"]})", "realm_access.roles"),
            std::vector<std::string>{"a"});
  EXPECT_EQ(
      RolesOf(R"("resource_access":{"my.app":{"roles":["a"]}})", "resource_access.my.app.roles"),
      std::vector<std::string>{"a"});
  EXPECT_EQ(RolesOf(R"("https://a.example/roles":["a"])", "https://a.example/roles"),
            std::vector<std::string>{"a"});
}

TEST(Claims, RolesThatAreNotThereOrNoTextsAreNone) {
  EXPECT_TRUE(RolesOf(R"("groups":["a"])", "").empty());
  EXPECT_TRUE(RolesOf(R"("groups":["a"])", "group").empty());
  EXPECT_TRUE(RolesOf(R"("groups":[1,null,["a"],{"b":"a"}])", "groups").empty());
  EXPECT_TRUE(RolesOf(R"("groups":"a")", "groups.roles").empty());
  EXPECT_TRUE(RolesOf(R"("a":{"b":"x"})", "a.").empty());
  EXPECT_TRUE(RolesOf(R"("a":{"b":"x"})", ".b").empty());
  EXPECT_TRUE(RolesOf(R"("a":{"b":"x"})", "...").empty());
}

TEST(Claims, AnEmailCountsAsVerifiedOnlyWhenTheProviderSaysSo) {
  const auto verified = [](std::string_view more) {
    return ParseClaims(Payload(more), "")->email_verified;
  };
  EXPECT_TRUE(verified(R"("email":"a@b","email_verified":true)"));
  EXPECT_TRUE(verified(R"("email":"a@b","email_verified":"true")"));
  EXPECT_FALSE(verified(R"("email":"a@b","email_verified":"false")"));
  EXPECT_FALSE(verified(R"("email":"a@b","email_verified":1)"));
  EXPECT_FALSE(verified(R"("email":"a@b")"));
  EXPECT_FALSE(verified(R"("email_verified":true)"));
}

TEST(Claims, UserInfoFillsInWhatIsMissingAndNothingElse) {
  auto claims = ParseClaims(Payload(R"("name":"Ada")"), "groups");
  ASSERT_TRUE(claims);
  ASSERT_TRUE(AddUserInfo(R"({"sub":"ada","name":"Eve","email":"ada@example.com",
      "email_verified":true,"groups":["staff"],"iss":"https://b","nonce":"x"})",
                          "groups", *claims));
  EXPECT_EQ(claims->name, "Ada");
  EXPECT_EQ(claims->email, "ada@example.com");
  EXPECT_TRUE(claims->email_verified);
  EXPECT_EQ(claims->roles, std::vector<std::string>{"staff"});
  EXPECT_EQ(claims->issuer, "https://a");
  EXPECT_EQ(claims->nonce, "");
}

TEST(Claims, UserInfoCannotVerifyAnAddressThatTheTokenGave) {
  auto claims = ParseClaims(Payload(R"("email":"boss@example.com")"), "");
  ASSERT_TRUE(claims);
  ASSERT_TRUE(
      AddUserInfo(R"({"sub":"ada","email":"ada@example.com","email_verified":true})", "", *claims));
  EXPECT_EQ(claims->email, "boss@example.com");
  EXPECT_FALSE(claims->email_verified);
}

TEST(Claims, UserInfoOfSomebodyElseIsIgnored) {
  auto claims = ParseClaims(Payload(), "");
  ASSERT_TRUE(claims);
  for (const char* text : {R"({"sub":"eve","name":"Eve"})", R"({"name":"Eve"})", "", "[]"}) {
    EXPECT_FALSE(AddUserInfo(text, "", *claims));
    EXPECT_EQ(claims->name, "");
  }
}

}  // namespace
}  // namespace paddock::oidc
