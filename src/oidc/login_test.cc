#include "oidc/login.h"

#include <array>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "base/encoding.h"
#include "oidc/testing/provider_fixture.h"

namespace paddock::oidc {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::map<std::string, std::string> Decoded(std::string_view form) {
  std::map<std::string, std::string> values;
  while (!form.empty()) {
    const std::size_t end = std::min(form.find('&'), form.size());
    const std::string_view pair = form.substr(0, end);
    const std::size_t equals = pair.find('=');
    values[Unescaped(pair.substr(0, equals))] = Unescaped(pair.substr(equals + 1));
    form.remove_prefix(std::min(end + 1, form.size()));
  }
  return values;
}

std::string Sha(const EVP_MD* digest, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), hash.data(), &size, digest, nullptr);
  return {hash.begin(), hash.begin() + size};
}

class LoginTest : public testing::ProviderFixture {
 protected:
  LoginTest() {
    AnswerKeys({key_.PublicJson()});
    config_.issuer = kIssuer;
    config_.client_id = "paddock";
    config_.client_secret = "s3cret/+";
    config_.name = "School";
  }

  Login MakeLogin() { return {config_, provider_, client_, Sealer::Secret{7}}; }

  /// Starts a login and remembers what was sent to the browser.
  void Start() {
    const LoginRequest request{.redirect_uri = "https://paddock/callback",
                               .return_to = "/machines?x=1",
                               .context = "guest-1"};
    auto started = Run(MakeLogin().Start(request, now_, Soon()));
    ASSERT_TRUE(started) << started.error().message;
    started_ = *std::move(started);
    query_ = Decoded(std::string_view(started_.url).substr(started_.url.find('?') + 1));
  }

  [[nodiscard]] std::string Payload(std::string_view more = "") const {
    return fmt::format(R"({{"iss":"{}","sub":"ada","aud":"paddock","exp":1800000100,"nonce":"{}",
                           "name":"Ada","email":"ada@example.com","email_verified":true{}}})",
                       kIssuer, query_.at("nonce"), more);
  }
  void AnswerTokens(const std::string& id_token) {
    client_.Answer(std::string(kTokenUrl),
                   fmt::format(R"({{"id_token":"{}","access_token":"access","token_type":"Bearer",
                                  "expires_in":3600}})",
                               id_token));
  }
  [[nodiscard]] LoginCallback Callback() const {
    LoginCallback callback;
    callback.code = "the-code";
    callback.state = query_.at("state");
    return callback;
  }
  Result<FinishedLogin> Finish(LoginCallback callback) {
    return Run(MakeLogin().Finish(std::move(callback), started_.cookie, now_, Soon()));
  }
  Result<FinishedLogin> FinishWith(const std::string& payload) {
    AnswerTokens(key_.Token(payload));
    return Finish(Callback());
  }
  [[nodiscard]] const HttpRequest& TokenRequest() const {
    return *std::ranges::find(client_.requests, std::string(kTokenUrl), &HttpRequest::url);
  }

  testing::SigningKey key_{Algorithm::kEs256, "k1"};
  OidcConfig config_;
  StartedLogin started_;
  std::map<std::string, std::string> query_;
};

TEST_F(LoginTest, TheBrowserIsSentWithStateNonceAndChallenge) {
  Start();
  EXPECT_TRUE(started_.url.starts_with("https://id.example.com/auth?"));
  EXPECT_EQ(query_["response_type"], "code");
  EXPECT_EQ(query_["client_id"], "paddock");
  EXPECT_EQ(query_["redirect_uri"], "https://paddock/callback");
  EXPECT_EQ(query_["scope"], "openid profile email");
  EXPECT_EQ(query_["code_challenge_method"], "S256");
  EXPECT_FALSE(query_.contains("resource"));
  const auto first = query_;
  Start();
  for (const char* name : {"state", "nonce", "code_challenge"}) {
    EXPECT_EQ(query_[name].size(), 43U) << name;
    EXPECT_NE(query_[name], first.at(name)) << name;
  }
  EXPECT_THAT(started_.url, Not(HasSubstr("s3cret")));
  EXPECT_LE(started_.cookie.size(), Sealer::kSealedBytesMax);
}

TEST_F(LoginTest, AnEndpointMayHaveAQueryOfItsOwn) {
  AnswerMetadata(R"(,"x":1)");
  auto& answer = client_.answers[MetadataUrl(kIssuer)].body;
  answer.replace(answer.find("/auth"), 5, "/auth?p=1");
  Start();
  EXPECT_TRUE(started_.url.starts_with("https://id.example.com/auth?p=1&response_type=code"));
}

TEST_F(LoginTest, ACodeBecomesClaimsAndWhatTheCallerKept) {
  Start();
  const auto finished = FinishWith(Payload());
  ASSERT_TRUE(finished) << finished.error().message;
  EXPECT_EQ(finished->claims.subject, "ada");
  EXPECT_EQ(finished->claims.email, "ada@example.com");
  EXPECT_EQ(finished->return_to, "/machines?x=1");
  EXPECT_EQ(finished->context, "guest-1");
  auto form = Decoded(TokenRequest().form);
  EXPECT_EQ(form["grant_type"], "authorization_code");
  EXPECT_EQ(form["code"], "the-code");
  EXPECT_EQ(form["redirect_uri"], "https://paddock/callback");
  EXPECT_EQ(Base64UrlEncode(Sha(EVP_sha256(), form["code_verifier"])), query_["code_challenge"]);
  EXPECT_FALSE(form.contains("resource") || form.contains("client_secret"));
  EXPECT_EQ(TokenRequest().authorization, "Basic " + Base64Encode("paddock:s3cret%2F%2B"));
}

TEST_F(LoginTest, TheSecretGoesIntoTheFormWhereTheProviderWantsIt) {
  AnswerMetadata(R"(,"token_endpoint_auth_methods_supported":["client_secret_post"])");
  Start();
  ASSERT_TRUE(FinishWith(Payload()));
  auto form = Decoded(TokenRequest().form);
  EXPECT_EQ(form["client_id"], "paddock");
  EXPECT_EQ(form["client_secret"], "s3cret/+");
  EXPECT_EQ(TokenRequest().authorization, "");
}

TEST_F(LoginTest, APublicClientSendsItsNameOnly) {
  config_.client_secret.clear();
  config_.public_client = true;
  Start();
  ASSERT_TRUE(FinishWith(Payload()));
  auto form = Decoded(TokenRequest().form);
  EXPECT_EQ(form["client_id"], "paddock");
  EXPECT_FALSE(form.contains("client_secret"));
  EXPECT_EQ(TokenRequest().authorization, "");
}

TEST_F(LoginTest, TheResourceIsNamedInBothRequests) {
  config_.resource = "https://api.paddock";
  Start();
  EXPECT_EQ(query_["resource"], "https://api.paddock");
  ASSERT_TRUE(FinishWith(Payload()));
  EXPECT_EQ(Decoded(TokenRequest().form)["resource"], "https://api.paddock");
}

TEST_F(LoginTest, ALoginOfAnotherBrowserIsRefusedBeforeAnythingIsAsked) {
  Start();
  LoginCallback callback = Callback();
  const std::size_t asked = client_.requests.size();
  callback.state.front() = callback.state.front() == 'A' ? 'B' : 'A';
  EXPECT_EQ(Finish(callback).error().code, Code::kDenied);
  callback.state.clear();
  EXPECT_EQ(Finish(callback).error().code, Code::kDenied);
  const std::string own_cookie = started_.cookie;
  const LoginCallback own = Callback();
  Start();
  EXPECT_EQ(Finish(own).error().code, Code::kDenied) << "another login's state";
  for (const std::string& cookie : {std::string(), std::string("AAAA"), own_cookie + "A"}) {
    started_.cookie = cookie;
    EXPECT_EQ(Finish(own).error().code, Code::kDenied);
  }
  EXPECT_EQ(client_.requests.size(), asked);
}

TEST_F(LoginTest, ALoginThatTookTooLongIsRefused) {
  Start();
  Pass(Login::kLifetime);
  const auto finished = FinishWith(Payload());
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, Code::kDenied);
  EXPECT_THAT(finished.error().message, HasSubstr("sign in again"));
}

TEST_F(LoginTest, AnIdTokenOfAnotherLoginOrClientIsRefused) {
  Start();
  const std::string good = Payload();
  const auto with = [&good](std::string_view what, std::string_view by) {
    std::string changed = good;
    return changed.replace(changed.find(what), what.size(), by);
  };
  for (const std::string& payload :
       {with(query_["nonce"], "other"), with(query_["nonce"], ""), with(R"("nonce")", R"("once")"),
        with(R"("aud":"paddock")", R"("aud":"other")"),
        with(R"("aud":"paddock")", R"("aud":["paddock","other"])"),
        with(R"("aud":"paddock")", R"("aud":["paddock","other"],"azp":"other")"),
        with(R"("aud":"paddock")", R"("aud":"paddock","azp":"other")"),
        with(kIssuer, "https://evil.example"), with("1800000100", "1799999940"),
        Payload(R"(,"at_hash":"AAAA")")}) {
    const auto finished = FinishWith(payload);
    ASSERT_FALSE(finished) << payload;
    EXPECT_EQ(finished.error().code, Code::kDenied);
  }
  EXPECT_TRUE(
      FinishWith(with(R"("aud":"paddock")", R"("aud":["paddock","other"],"azp":"paddock")")));
  EXPECT_TRUE(FinishWith(good));
}

TEST_F(LoginTest, AForgedIdTokenIsRefused) {
  Start();
  AnswerTokens(testing::SigningKey(Algorithm::kEs256, "k1").Token(Payload()));
  EXPECT_EQ(Finish(Callback()).error().code, Code::kDenied);
}

TEST_F(LoginTest, TheHashOfTheAccessTokenIsCheckedByTheDigestOfTheSignature) {
  for (const auto& [algorithm, digest] :
       {std::pair(Algorithm::kEs256, EVP_sha256()), std::pair(Algorithm::kEs384, EVP_sha384()),
        std::pair(Algorithm::kEs512, EVP_sha512()), std::pair(Algorithm::kEdDsa, EVP_sha512())}) {
    const testing::SigningKey key(algorithm, fmt::format("key-{}", Name(algorithm)));
    AnswerKeys({key.PublicJson()});
    Pass(seconds(30));
    Start();
    const std::string hash = Sha(digest, "access");
    const auto half = Base64UrlEncode(std::string_view(hash).substr(0, hash.size() / 2));
    AnswerTokens(key.Token(Payload(fmt::format(R"(,"at_hash":"{}")", half))));
    EXPECT_TRUE(Finish(Callback())) << Name(algorithm);
  }
}

TEST_F(LoginTest, TheIssuerOfTheCallbackIsCheckedWhenItIsNamed) {
  Start();
  AnswerTokens(key_.Token(Payload()));
  LoginCallback callback = Callback();
  callback.issuer = "https://evil.example";
  EXPECT_EQ(Finish(callback).error().code, Code::kDenied);
  callback.issuer = kIssuer;
  EXPECT_TRUE(Finish(callback));
}

TEST_F(LoginTest, TheIssuerMustBeNamedWhereTheProviderPromisesIt) {
  AnswerMetadata(R"(,"authorization_response_iss_parameter_supported":true)");
  Start();
  AnswerTokens(key_.Token(Payload()));
  EXPECT_EQ(Finish(Callback()).error().code, Code::kDenied);
}

TEST_F(LoginTest, WhatTheProviderRefusesBecomesAMessage) {
  Start();
  const auto refusal = [this](std::string_view error) {
    LoginCallback callback = Callback();
    callback.code.clear();
    callback.error = error;
    callback.error_description = "call +1 555 now";
    const auto finished = Finish(callback);
    EXPECT_FALSE(finished);
    EXPECT_THAT(finished.error().message, HasSubstr("School"));
    EXPECT_THAT(finished.error().message, Not(HasSubstr("555")));
    return finished.error();
  };
  EXPECT_EQ(refusal("access_denied").code, Code::kDenied);
  EXPECT_EQ(refusal("login_required").code, Code::kDenied);
  EXPECT_EQ(refusal("temporarily_unavailable").code, Code::kUnavailable);
  EXPECT_EQ(refusal("invalid_scope").code, Code::kInternal);
  EXPECT_THAT(refusal("invalid_target").message, HasSubstr("invalid_target"));
  EXPECT_THAT(refusal("<b>").message, Not(HasSubstr("<b>")));
  LoginCallback empty = Callback();
  empty.code.clear();
  EXPECT_EQ(Finish(empty).error().code, Code::kDenied);
}

TEST_F(LoginTest, WhatTheTokenEndpointRefusesBecomesAMessage) {
  Start();
  const auto refusal = [this](int status, std::string body) {
    client_.Answer(std::string(kTokenUrl), std::move(body), status);
    const auto finished = Finish(Callback());
    EXPECT_FALSE(finished);
    EXPECT_THAT(finished.error().message, Not(HasSubstr("s3cret")));
    return finished.error();
  };
  EXPECT_EQ(refusal(400, R"({"error":"invalid_grant"})").code, Code::kDenied);
  EXPECT_EQ(refusal(401, R"({"error":"invalid_client"})").code, Code::kInternal);
  EXPECT_THAT(refusal(401, R"({"error":"invalid_client"})").message,
              HasSubstr("--oidc-client-secret"));
  EXPECT_EQ(refusal(400, "<html>").code, Code::kInternal);
  EXPECT_EQ(refusal(503, "").code, Code::kUnavailable);
  EXPECT_EQ(refusal(200, "{}").code, Code::kInternal);
  EXPECT_EQ(refusal(200, R"({"id_token":7})").code, Code::kInternal);
  EXPECT_EQ(refusal(302, "").code, Code::kInternal);
  client_.answers.erase(std::string(kTokenUrl));
  EXPECT_EQ(Finish(Callback()).error().code, Code::kUnavailable);
}

TEST_F(LoginTest, UserInfoIsAskedForWhatTheIdTokenDoesNotSay) {
  AnswerMetadata(fmt::format(R"(,"userinfo_endpoint":"{}")", kUserInfoUrl));
  client_.Answer(std::string(kUserInfoUrl), R"({"sub":"ada","preferred_username":"ada_l"})");
  Start();
  ASSERT_TRUE(FinishWith(Payload()));
  EXPECT_EQ(client_.CountOf(std::string(kUserInfoUrl)), 0) << "it says all";
  const std::string bare =
      fmt::format(R"({{"iss":"{}","sub":"ada","aud":"paddock","exp":1800000100,"nonce":"{}"}})",
                  kIssuer, query_["nonce"]);
  const auto finished = FinishWith(bare);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->claims.preferred_username, "ada_l");
  EXPECT_EQ(client_.requests.back().authorization, "Bearer access");
  client_.answers.erase(std::string(kUserInfoUrl));
  EXPECT_TRUE(FinishWith(bare)) << "it only describes";
}

TEST_F(LoginTest, WhileTheProviderIsDownNobodyStarts) {
  GoDown();
  const auto started = Run(MakeLogin().Start(LoginRequest{}, now_, Soon()));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::kUnavailable);
}

TEST_F(LoginTest, WhatDoesNotFitTheCookieIsInvalid) {
  LoginRequest request;
  request.return_to.assign(5000, 'x');
  EXPECT_EQ(Run(MakeLogin().Start(request, now_, Soon())).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace paddock::oidc
