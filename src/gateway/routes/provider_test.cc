// Signing in through a provider of identities, with a browser and with its tokens, over the real
// HTTP server; the provider itself is a fake that signs with real keys.
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/routes/provider_routes.h"
#include "gateway/routes/testing/people_fixture.h"
#include "oidc/testing/fake_http_client.h"
#include "oidc/testing/signing_key.h"

namespace paddock::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kIssuer = "https://id.example.com";
constexpr std::string_view kStart = "/api/v1/sign-in/provider";
constexpr std::string_view kCallback = "/api/v1/sign-in/provider/callback";

/// What outlives the server.
struct FakeProvider {
  FakeProvider() {
    client.Answer(fmt::format("{}/.well-known/openid-configuration", kIssuer),
                  fmt::format(R"({{"issuer":"{0}","authorization_endpoint":"{0}/auth",
                              "token_endpoint":"{0}/token","jwks_uri":"{0}/jwks"}})",
                              kIssuer));
    client.Answer(fmt::format("{}/jwks", kIssuer), oidc::testing::KeySetJson({key.PublicJson()}));
  }
  identity::ProviderConfig Config() {
    oidc::OidcConfig config;
    config.issuer = kIssuer;
    config.client_id = "paddock";
    config.client_secret = "not so secret";
    config.audience = "https://paddock.example";
    config.role_claim = "groups";
    config.roles = "staff=teacher,root=admin";
    config.name = "School";
    return {.config = config, .client = &client, .secret = {1, 2, 3}};
  }
  oidc::testing::FakeHttpClient client;
  oidc::testing::SigningKey key{oidc::Algorithm::kEs256, "1"};
};

class ProviderTest : public FakeProvider, public PeopleTest {
 protected:
  ProviderTest() : PeopleTest(PeopleTest::Config(), FakeProvider::Config()) {}

  static std::string Parameter(const std::string& url, std::string_view name) {
    const auto at = url.find(fmt::format("{}=", name));
    const auto begin = at + name.size() + 1;
    return at == std::string::npos ? "" : url.substr(begin, url.find('&', begin) - begin);
  }
  static std::int64_t InSeconds(int from_now) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count() + from_now;
  }

  /// Begins a login, and lets the provider vouch for `subject` in `group`.
  void Start(std::string_view headers = {}, std::string_view body = R"({"return_to":"/classes"})") {
    const auto started = Ask("POST", kStart, "", body, std::string(headers) + Origin());
    ASSERT_EQ(started.status, 200) << started.body;
    url_ = Text(started, "url");
    cookie_ = started.Header("Set-Cookie");
    sealed_ = cookie_.substr(0, cookie_.find(';'));
  }
  void Vouch(std::string_view subject, std::string_view group) {
    const auto token = key.Token(fmt::format(
        R"({{"iss":"{}","sub":"{}","aud":"paddock","exp":{},"nonce":"{}","name":"Ada L.",
            "groups":["{}"]}})",
        kIssuer, subject, InSeconds(300), Parameter(url_, "nonce"), group));
    server_.OnLoop([&] {
      client.Answer(
          fmt::format("{}/token", kIssuer),
          fmt::format(R"({{"access_token":"x","token_type":"Bearer","id_token":"{}"}})", token));
    });
  }
  testing::RawResponse Finish(std::string_view query = {}) {
    const auto target =
        query.empty() ? fmt::format("{}?code=c0de&state={}", kCallback, Parameter(url_, "state"))
                      : fmt::format("{}?{}", kCallback, query);
    return Ask("GET", target, "", "", fmt::format("Cookie: {}\r\n", sealed_));
  }
  /// The session of a whole login.
  std::string LogIn(std::string_view subject, std::string_view group) {
    Start();
    Vouch(subject, group);
    const auto finished = Finish();
    EXPECT_EQ(finished.status, 302) << finished.body;
    EXPECT_EQ(finished.Header("Location"), "/classes");
    return SecretOf(finished);
  }
  std::string Bearer(std::string_view subject, std::string_view scope, int lifetime_s = 300) {
    return key.Token(fmt::format(
        R"({{"iss":"{}","sub":"{}","aud":"https://paddock.example","exp":{},"scope":"{}"}})",
        kIssuer, subject, InSeconds(lifetime_s), scope));
  }

  std::string url_;
  std::string cookie_;
  std::string sealed_;
};

TEST_F(ProviderTest, WhoeverTheProviderVouchesForIsSignedInAndStaysTheSame) {
  EXPECT_EQ(Json(Ask("GET", "/api/v1/sign-in", "")).at("provider").at("name").as_string(),
            "School");
  const auto first = LogIn("ada", "staff");
  EXPECT_THAT(cookie_, HasSubstr("; Path=/api/v1/sign-in; HttpOnly; SameSite=Lax; Max-Age=600"));
  const auto who = Json(Ask("GET", "/api/v1/session", first)).at("user");
  EXPECT_EQ(who.at("display_name").as_string(), "Ada L.");
  EXPECT_EQ(who.at("role").as_string(), "teacher");
  EXPECT_TRUE(who.at("name").is_null());
  const auto again = LogIn("ada", "root");
  EXPECT_NE(first, again);
  const auto now = Json(Ask("GET", "/api/v1/session", again)).at("user");
  EXPECT_EQ(now.at("id"), who.at("id"));
  EXPECT_EQ(now.at("role").as_string(), "admin") << "the role follows the claims";
  const auto lowered = LogIn("ada", "nobody");
  EXPECT_EQ(Json(Ask("GET", "/api/v1/session", lowered)).at("user").at("role").as_string(), "admin")
      << "but the last admin stays one";
  const auto other = LogIn("bob", "nobody");
  EXPECT_NE(IdOf(other), IdOf(first));
}

TEST_F(ProviderTest, AGuestWhoComesBackFromTheProviderKeepsWhatTheyMade) {
  const auto sandbox = NewSandbox(ann_);
  Start(fmt::format("Cookie: paddock_session={}\r\n", ann_));
  Vouch("ada", "staff");
  const auto finished = Finish();  // the browser does not send the session's cookie here
  EXPECT_EQ(Ask("GET", At(sandbox, ""), SecretOf(finished)).status, 200);
}

TEST_F(ProviderTest, OnlyTheBrowserThatBeganALoginEndsIt) {
  Start();
  Vouch("ada", "staff");
  const auto good = sealed_;
  for (const std::string& bad : {std::string("paddock_sign_in="), std::string("x=y"), good + "A",
                                 good.substr(0, good.size() - 4) + "AAAA"}) {
    sealed_ = bad;
    const auto refused = Finish();
    EXPECT_EQ(refused.status, 302);
    EXPECT_EQ(refused.Header("Location"), "/sign-in?problem=denied") << bad;
    EXPECT_EQ(SecretOf(refused), "");
  }
  sealed_ = good;
  EXPECT_EQ(Finish("code=c0de&state=another").Header("Location"), "/sign-in?problem=denied");
  EXPECT_EQ(Finish("error=access_denied&error_description=%3Cscript%3E").Header("Location"),
            "/sign-in?problem=denied");
  EXPECT_EQ(Finish().Header("Location"), "/classes");
}

TEST_F(ProviderTest, AProviderThatIsDownIsSaidAndNothingIsSet) {
  Start();
  server_.OnLoop([this] { client.answers.clear(); });
  const auto failed = Finish();
  EXPECT_EQ(failed.Header("Location"), "/sign-in?problem=unavailable");
  EXPECT_EQ(SecretOf(failed), "");
}

TEST_F(ProviderTest, NobodyIsSentToAnotherSite) {
  for (const char* path : {"//evil.example", "https://evil.example", "/\\\\evil.example", "",
                           "evil", "/a\\u000d\\u000aSet-Cookie: x", "/\\u0009/evil.example",
                           "javascript:alert(1)", "/ /evil.example"}) {
    const auto refused =
        Ask("POST", kStart, "", fmt::format(R"({{"return_to":"{}"}})", path), Origin());
    EXPECT_EQ(refused.status, 400) << path;
    EXPECT_TRUE(refused.Header("Set-Cookie").empty());
  }
  for (const char* path : {"/", "/classes/abc?x=1#y"}) {
    EXPECT_TRUE(IsLocalPath(path)) << path;
  }
}

TEST_F(ProviderTest, ABearerTokenOfTheProviderDoesWhatItsScopesSay) {
  const auto reads = Bearer("ada", "openid");
  EXPECT_EQ(Ask("GET", kSandboxes, reads).status, 200);
  EXPECT_EQ(Ask("GET", kSandboxes, reads).status, 200) << "from memory";
  EXPECT_EQ(Ask("POST", kSandboxes, reads, "{}").status, 403);
  const auto writes = Bearer("ada", "openid write:resource");
  EXPECT_EQ(Ask("POST", kSandboxes, writes, "{}").status, 201);
  EXPECT_EQ(Json(Ask("GET", kSandboxes, reads)).at("sandboxes").as_array().size(), 1U)
      << "it is the same person";
  EXPECT_EQ(Ask("GET", "/api/v1/account/tokens", writes).status, 403) << "a token makes no tokens";
}

TEST_F(ProviderTest, ABearerTokenThatIsNotGoodIsRefused) {
  const oidc::testing::SigningKey foreign(oidc::Algorithm::kEs256, "1");
  const auto payload =
      fmt::format(R"({{"iss":"{}","sub":"ada","aud":"https://paddock.example","exp":{}}})", kIssuer,
                  InSeconds(300));
  EXPECT_EQ(Ask("GET", kSandboxes, foreign.Token(payload)).status, 401);
  EXPECT_EQ(Ask("GET", kSandboxes, Bearer("ada", "", -300)).status, 401);
  EXPECT_EQ(Ask("GET", kSandboxes, "a.b.c").status, 401);
  const auto planted = fmt::format("Cookie: paddock_session={}\r\n", Bearer("ada", ""));
  EXPECT_EQ(Ask("GET", kSandboxes, "", "", planted).status, 401);
}

TEST_F(ProviderTest, ADisabledUserIsOutHoweverTheyCome) {
  EXPECT_NE(LogIn("ada", "staff"), "");
  Execute("UPDATE users SET disabled = 1", {});
  EXPECT_EQ(Ask("GET", kSandboxes, Bearer("ada", "write:resource")).status, 401);
  Start();
  Vouch("ada", "staff");
  EXPECT_EQ(Finish().Header("Location"), "/sign-in?problem=denied");
}

TEST_F(PeopleTest, WithoutAProviderThereIsNothingToSignInThrough) {
  EXPECT_EQ(Ask("POST", kStart, "", "{}", Origin()).status, 404);
  EXPECT_EQ(Ask("GET", kCallback, "").status, 404);
  EXPECT_EQ(Ask("GET", kSandboxes, "a.b.c").status, 401);
}

}  // namespace
}  // namespace paddock::gateway
