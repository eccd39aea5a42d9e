#include "oidc/discovery.h"

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock::oidc {
namespace {

namespace json = boost::json;

constexpr std::string_view kIssuer = "https://id.example.com/realms/a";

json::object Document() {
  return {{"issuer", kIssuer},
          {"authorization_endpoint", "https://id.example.com/auth"},
          {"token_endpoint", "https://id.example.com/token"},
          {"jwks_uri", "https://keys.example.com/jwks"}};
}

Result<ProviderMetadata> Parse(const json::object& document) {
  return ParseMetadata(json::serialize(document), kIssuer);
}

TEST(Discovery, TheAddressFollowsTheIssuer) {
  EXPECT_EQ(MetadataUrl(kIssuer),
            "https://id.example.com/realms/a/.well-known/openid-configuration");
  EXPECT_EQ(MetadataUrl("https://a/"), "https://a/.well-known/openid-configuration");
}

TEST(Discovery, WhatIsNotSaidHasItsDefault) {
  const auto metadata = Parse(Document());
  ASSERT_TRUE(metadata) << metadata.error().message;
  EXPECT_EQ(metadata->token_endpoint, "https://id.example.com/token");
  EXPECT_EQ(metadata->token_endpoint_auth_methods, std::vector<std::string>{"client_secret_basic"});
  EXPECT_EQ(metadata->userinfo_endpoint, "");
  EXPECT_FALSE(metadata->has_callback_issuer);
}

TEST(Discovery, WhatIsSaidIsRead) {
  json::object document = Document();
  document["token_endpoint_auth_methods_supported"] = json::array{"client_secret_post", "none"};
  document["authorization_response_iss_parameter_supported"] = true;
  document["userinfo_endpoint"] = "https://id.example.com/me";
  document["response_types_supported"] = json::array{"id_token", "code"};
  document["code_challenge_methods_supported"] = json::array{"plain", "S256"};
  const auto metadata = Parse(document);
  ASSERT_TRUE(metadata) << metadata.error().message;
  EXPECT_EQ(metadata->token_endpoint_auth_methods,
            (std::vector<std::string>{"client_secret_post", "none"}));
  EXPECT_TRUE(metadata->has_callback_issuer);
  EXPECT_EQ(metadata->userinfo_endpoint, "https://id.example.com/me");
}

TEST(Discovery, TheIssuerMustBeTheConfiguredOneExactly) {
  for (const char* other : {"https://id.example.com/realms/b", "https://id.example.com/realms/a/",
                            "https://ID.example.com/realms/a", ""}) {
    json::object document = Document();
    document["issuer"] = other;
    const auto metadata = Parse(document);
    ASSERT_FALSE(metadata) << other;
    EXPECT_EQ(metadata.error().code, Code::kInvalid);
    EXPECT_THAT(metadata.error().message, ::testing::HasSubstr("--oidc-issuer"));
  }
}

TEST(Discovery, EveryEndpointMustBeThereAndSecure) {
  for (const char* name : {"authorization_endpoint", "token_endpoint", "jwks_uri"}) {
    json::object document = Document();
    document.erase(name);
    EXPECT_FALSE(Parse(document)) << name;
    for (const char* bad : {"http://id.example.com/x", "javascript:alert(1)", "/relative", ""}) {
      document[name] = bad;
      EXPECT_FALSE(Parse(document)) << name << " " << bad;
    }
    document[name] = "http://127.0.0.1:3000/x";
    EXPECT_TRUE(Parse(document)) << name;
  }
  json::object document = Document();
  document["userinfo_endpoint"] = "http://id.example.com/me";
  EXPECT_FALSE(Parse(document));
}

TEST(Discovery, AProviderWithoutTheFlowOrPkceIsRefused) {
  json::object document = Document();
  document["response_types_supported"] = json::array{"id_token"};
  EXPECT_FALSE(Parse(document));
  document = Document();
  document["code_challenge_methods_supported"] = json::array{"plain"};
  EXPECT_FALSE(Parse(document));
}

TEST(Discovery, WhatIsNoDocumentIsRefused) {
  for (const char* text : {"", "<html>", "[]", "{", R"({"issuer":"a","issuer":"b"})"}) {
    EXPECT_FALSE(ParseMetadata(text, kIssuer)) << text;
  }
}

}  // namespace
}  // namespace paddock::oidc
