// Who a request is from, and how people sign in and out, over the real HTTP server and a real
// store.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/routes/session_cookie.h"
#include "gateway/routes/testing/people_fixture.h"

namespace paddock::gateway {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(SessionCookieTest, UnderTlsTheBrowserItselfGuardsTheCookie) {
  Request request;
  request.secure = true;
  for (const auto name : {SessionCookieName(true), OwnSessionCookieName(true)}) {
    Response response;
    SetSessionCookie(response, request, name, "secret", std::chrono::seconds(60));
    const auto& [header, cookie] = response.headers.at(0);
    EXPECT_EQ(header, "Set-Cookie");
    EXPECT_THAT(cookie, StartsWith("__Host-"));
    EXPECT_THAT(cookie, HasSubstr("; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure"));
    EXPECT_THAT(cookie, Not(HasSubstr("Domain"))) << "the prefix allows none";
  }
}

TEST_F(PeopleTest, ASessionIsKnownByItsCookieAndByNothingElse) {
  const std::string secret = SignIn("cleo", Role::kLearner);
  EXPECT_EQ(Ask("GET", kSandboxes, secret).status, 200);
  EXPECT_EQ(Ask("GET", kSandboxes, secret).status, 200) << "from memory";
  const auto bearer = fmt::format("Authorization: Bearer {}\r\n", secret);
  EXPECT_EQ(Ask("GET", kSandboxes, "", "", bearer).status, 401);
  const auto other = identity::NewSecretText(identity::kSessionPrefix);
  EXPECT_EQ(Ask("GET", kSandboxes, other).status, 401);
  const auto token = identity::NewSecretText(identity::kApiTokenPrefix);
  EXPECT_EQ(Ask("GET", kSandboxes, token).status, 401);
  const auto planted = fmt::format("Cookie: paddock_session={}\r\n", token);
  EXPECT_EQ(Ask("GET", kSandboxes, "", "", planted).status, 401);
}

TEST_F(PeopleTest, WhatASignedInUserChangesNeedsOurOwnOrigin) {
  const std::string secret = SignIn("cleo", Role::kLearner);
  const auto cookie = fmt::format("Cookie: paddock_session={}\r\n", secret);
  const std::string evil = "Origin: http://evil.example\r\n";
  EXPECT_EQ(Ask("POST", kSandboxes, "", "{}", cookie).status, 403) << "without any Origin";
  EXPECT_EQ(Ask("POST", kSandboxes, "", "{}", cookie + evil).status, 403);
  EXPECT_EQ(Ask("POST", "/api/v1/account/password", "", R"({"new":"x"})", cookie + evil).status,
            403);
  EXPECT_EQ(Ask("DELETE", "/api/v1/session", "", "", cookie).status, 403);
  EXPECT_EQ(Ask("POST", "/api/v1/sign-in", "", R"({"name":"a","password":"b"})", evil).status, 403)
      << "nobody is signed in by a foreign page";
  EXPECT_EQ(Ask("POST", kSandboxes, "", "{}", cookie + Origin()).status, 201);
}

TEST_F(PeopleTest, AStoreThatFailsIsSaidInPlainWordsAndGuestsGoOn) {
  const std::string secret = SignIn("cleo", Role::kLearner);
  FailReads(Code::kUnavailable);
  EXPECT_EQ(Ask("GET", kSandboxes, secret).status, 503);
  EXPECT_EQ(Login("cleo", kPassword).status, 503);
  EXPECT_EQ(Ask("GET", kSandboxes, ann_).status, 200) << "a guest needs no store";
  FailReads(std::nullopt);
  FailWrites(Code::kDiskFull);
  const auto full = Login("cleo", kPassword);
  EXPECT_EQ(full.status, 507);
  EXPECT_EQ(Text(full, "code"), "disk_full");
  EXPECT_TRUE(full.Header("Set-Cookie").empty());
  FailWrites(std::nullopt);
  EXPECT_EQ(Login("cleo", kPassword).status, 200);
}

TEST_F(PeopleTest, EverySignInIsANewSessionWhoseCookieOnlyTheBrowserReads) {
  const std::string first = SignIn("cleo", Role::kLearner);
  const auto again = Login("cleo", kPassword, SessionCookie(first));
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(Json(again).at("user").at("name").as_string(), "cleo");
  EXPECT_EQ(Json(again).at("user").at("role").as_string(), "learner");
  EXPECT_EQ(Json(again).at("quota").at("sandboxes_max").as_int64(), 2);
  const std::string cookie = again.Header("Set-Cookie");
  EXPECT_THAT(cookie, HasSubstr("; Path=/; HttpOnly; SameSite=Strict; Max-Age="));
  EXPECT_THAT(again.body, Not(HasSubstr("pds_"))) << "no script may read it";
  const std::string second = SecretOf(again);
  EXPECT_NE(first, second) << "whoever planted the first has nothing of it";
  EXPECT_EQ(Ask("GET", kSandboxes, first).status, 401);
  EXPECT_EQ(Ask("GET", kSandboxes, second).status, 200);
}

TEST_F(PeopleTest, ASessionThatSomebodyMadeUpIsNotTakenOver) {
  SignIn("cleo", Role::kLearner);
  const auto planted = identity::NewSecretText(identity::kSessionPrefix);
  const auto signed_in = Login("cleo", kPassword, SessionCookie(planted));
  ASSERT_EQ(signed_in.status, 200);
  EXPECT_NE(SecretOf(signed_in), planted);
  EXPECT_EQ(Ask("GET", kSandboxes, planted).status, 401);
}

TEST_F(PeopleTest, WrongNamesAndWrongPasswordsAreAnsweredAlikeAfterTheSameWork) {
  SignIn("cleo", Role::kLearner);
  MakeUserWithoutPassword("dora");
  SignIn("emil", Role::kLearner);
  Execute("UPDATE users SET disabled = 1 WHERE name_key = ?", {"emil"});
  std::vector<std::string> messages;
  for (const auto& [name, password] :
       std::vector<std::pair<std::string, std::string>>{{"cleo", "wrong password"},
                                                        {"nobody", "wrong password"},
                                                        {"dora", "wrong password"},
                                                        {"emil", std::string(kPassword)},
                                                        {"no name at all", "x"}}) {
    const auto before = people_->services.passwords.work_count();
    const auto response = Login(name, password);
    EXPECT_EQ(response.status, 401) << name;
    EXPECT_EQ(people_->services.passwords.work_count(), before + 1) << name;
    EXPECT_TRUE(response.Header("Set-Cookie").empty());
    messages.push_back(Text(response, "message"));
  }
  EXPECT_THAT(messages, ::testing::Each(messages.front()));
}

TEST_F(PeopleTest, GuessingIsSlowedDownAndTheRealUserGoesOn) {
  const std::string secret = SignIn("cleo", Role::kLearner);
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    const auto response = Login("cleo", fmt::format("wrong password {}", i));
    if (response.status == 429) {
      ++refused;
      EXPECT_GE(std::stoi(response.Header("Retry-After")), 1);
    }
  }
  EXPECT_GE(refused, 5);
  EXPECT_EQ(Login("cleo", kPassword).status, 429) << "the right one cannot be told from a guess";
  EXPECT_EQ(Ask("GET", kSandboxes, secret).status, 200) << "who is signed in goes on";
  SignIn("dora", Role::kLearner);
  EXPECT_EQ(Login("dora", kPassword).status, 200) << "others behind the same address too";
}

TEST_F(PeopleTest, SigningOutEndsTheSessionEverywhere) {
  const std::string secret = SignIn("cleo", Role::kLearner);
  EXPECT_EQ(Ask("GET", kSandboxes, secret).status, 200);
  const auto closed = Ask("DELETE", "/api/v1/session", secret);
  EXPECT_EQ(closed.status, 204);
  EXPECT_THAT(closed.Header("Set-Cookie"), StartsWith("paddock_session=; "));
  EXPECT_THAT(closed.Header("Set-Cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(Ask("GET", kSandboxes, secret).status, 401) << "at once, though it was remembered";
  EXPECT_THAT(Audited(), Contains("session.closed"));
}

TEST_F(PeopleTest, GetSessionSaysWhoOneIs) {
  const auto cleo = Ask("GET", "/api/v1/session", SignIn("cleo", Role::kTeacher));
  ASSERT_EQ(cleo.status, 200) << cleo.body;
  EXPECT_EQ(Json(cleo).at("user").at("role").as_string(), "teacher");
  EXPECT_TRUE(Json(cleo).at("user").at("has_password").as_bool());
  EXPECT_TRUE(Json(cleo).at("acting_admin").is_null());
  const auto guest = Ask("GET", "/api/v1/session", ann_);
  ASSERT_EQ(guest.status, 200);
  EXPECT_EQ(Json(guest).at("user").at("role").as_string(), "guest");
  EXPECT_TRUE(Json(guest).at("user").at("name").is_null());
  EXPECT_EQ(Ask("POST", "/api/v1/session", SignIn("dora", Role::kLearner)).status, 200)
      << "whoever is signed in does not become a guest";
}

TEST_F(PeopleTest, AGuestWhoSignsInKeepsWhatTheyMade) {
  SignIn("cleo", Role::kLearner);
  const auto sandbox = NewSandbox(ann_);
  const auto guest = fmt::format("Cookie: paddock_session={}\r\n", ann_);
  const auto signed_in = Login("cleo", kPassword, guest);
  ASSERT_EQ(signed_in.status, 200);
  const auto secret = SecretOf(signed_in);
  EXPECT_EQ(Ask("GET", At(sandbox, ""), secret).status, 200);
  EXPECT_EQ(Ask("GET", At(sandbox, ""), ann_).status, 404);
  EXPECT_EQ(ClaimCount(), 0U) << "all of it has been handed over";
}

TEST_F(PeopleTest, WhatCouldNotBeHandedOverAtOnceFollows) {
  SignIn("cleo", Role::kLearner);
  const auto sandbox = NewSandbox(ann_);
  server_.OnLoop(
      [this] { transfer_failure_ = Error{.code = Code::kUnavailable, .message = "no"}; });
  const auto guest = fmt::format("Cookie: paddock_session={}\r\n", ann_);
  const auto signed_in = Login("cleo", kPassword, guest);
  ASSERT_EQ(signed_in.status, 200) << "nobody is kept out by it";
  EXPECT_EQ(Ask("GET", At(sandbox, ""), SecretOf(signed_in)).status, 404);
  EXPECT_EQ(ClaimCount(), 1U);
  server_.OnLoop([this] { transfer_failure_.reset(); });
  SettleClaims();
  EXPECT_EQ(Ask("GET", At(sandbox, ""), SecretOf(signed_in)).status, 200);
  EXPECT_EQ(ClaimCount(), 0U);
}

TEST_F(PeopleTest, ASignInIsAuditedWithoutWhatWasTyped) {
  SignIn("cleo", Role::kLearner);
  EXPECT_EQ(Login("cleo", "my secret in the wrong field").status, 401);
  EXPECT_EQ(Login("cleo", kPassword).status, 200);
  EXPECT_THAT(Audited(), Contains("session.opened"));
  AwaitAudited("session.refused");
}

}  // namespace
}  // namespace paddock::gateway
