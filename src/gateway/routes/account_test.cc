// What people do with their own account: profile, password, sessions, tokens, links, over the real
// HTTP server and a real store.
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/routes/testing/people_fixture.h"

namespace paddock::gateway {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kAccount = "/api/v1/account";
constexpr std::string_view kTokens = "/api/v1/account/tokens";
constexpr std::string_view kSessions = "/api/v1/account/sessions";

TEST_F(PeopleTest, AProfileIsChangedFieldByField) {
  const auto cleo = SignIn("cleo", Role::kLearner);
  const auto changed =
      Ask("PATCH", kAccount, cleo, R"({"display_name":"Cleo K.","language":"zh","theme":"dark"})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(Ask("PATCH", kAccount, cleo, R"({"email":"cleo@example.com"})").status, 200);
  const auto now = Json(Ask("GET", kAccount, cleo));
  EXPECT_EQ(now.at("display_name").as_string(), "Cleo K.");
  EXPECT_EQ(now.at("language").as_string(), "zh");
  EXPECT_EQ(now.at("email").as_string(), "cleo@example.com");
  EXPECT_EQ(Ask("PATCH", kAccount, cleo, R"({"email":""})").status, 200);
  EXPECT_TRUE(Json(Ask("GET", kAccount, cleo)).at("email").is_null());
  for (const char* body :
       {R"({"display_name":""})", R"({"display_name":"a\u202Eb"})", R"({"email":"cleo"})",
        R"({"theme":"pink"})", R"({"role":"admin"})", R"({"display_name":" x"})"}) {
    EXPECT_EQ(Ask("PATCH", kAccount, cleo, body).status, 400) << body;
  }
  EXPECT_EQ(Ask("GET", kAccount, ann_).status, 403) << "a guest has none";
}

TEST_F(PeopleTest, ANewPasswordNeedsTheOldOneAndEndsOtherSessions) {
  const auto cleo = SignIn("cleo", Role::kLearner);
  const auto elsewhere = SecretOf(Login("cleo", kPassword));
  const auto set = [&](std::string_view current, std::string_view wanted) {
    return Ask("POST", "/api/v1/account/password", cleo,
               fmt::format(R"({{"current":"{}","new":"{}"}})", current, wanted));
  };
  EXPECT_EQ(set("not it at all", "another long secret").status, 403);
  EXPECT_EQ(set(kPassword, "short").status, 400);
  EXPECT_EQ(set(kPassword, "password1234").status, 400);
  EXPECT_EQ(set(kPassword, "another long secret").status, 204);
  EXPECT_EQ(Ask("GET", kAccount, cleo).status, 200);
  EXPECT_EQ(Ask("GET", kAccount, elsewhere).status, 401);
  EXPECT_EQ(Login("cleo", kPassword).status, 401);
  EXPECT_EQ(Login("cleo", "another long secret").status, 200);
}

TEST_F(PeopleTest, SessionsAreListedAndEndedOneByOneAndAllAtOnce) {
  const auto cleo = SignIn("cleo", Role::kLearner);
  const auto phone = SecretOf(Login("cleo", kPassword, "User-Agent: Phone\r\n"));
  const auto tablet = SecretOf(Login("cleo", kPassword));
  const auto listed = Json(Ask("GET", kSessions, cleo)).at("sessions").as_array();
  ASSERT_EQ(listed.size(), 3U);
  std::string phone_id;
  int current_count = 0;
  for (const auto& session : listed) {
    current_count += session.at("current").as_bool() ? 1 : 0;
    if (session.at("user_agent").as_string() == "Phone") {
      phone_id = session.at("id").as_string();
    }
  }
  EXPECT_EQ(current_count, 1);
  const auto of_phone = fmt::format("{}/{}", kSessions, phone_id);
  EXPECT_EQ(Ask("DELETE", of_phone, SignIn("dora", Role::kAdmin)).status, 404) << "not theirs";
  EXPECT_EQ(Ask("GET", kAccount, phone).status, 200);
  EXPECT_EQ(Ask("DELETE", of_phone, cleo).status, 204);
  EXPECT_EQ(Ask("GET", kAccount, phone).status, 401);
  EXPECT_EQ(Ask("DELETE", of_phone, cleo).status, 404);
  EXPECT_EQ(Ask("DELETE", kSessions, cleo).status, 204);
  EXPECT_EQ(Ask("GET", kAccount, tablet).status, 401);
  EXPECT_EQ(Ask("GET", kAccount, cleo).status, 200);
}

TEST_F(PeopleTest, AnApiTokenDoesWhatItsScopesSayUntilItIsRevoked) {
  const auto cleo = SignIn("cleo", Role::kLearner);
  const auto reads = Ask("POST", kTokens, cleo, R"({"name":"reads","scopes":[]})");
  const auto writes = Ask("POST", kTokens, cleo,
                          R"({"name":"writes","scopes":["write:resource"],"expires_in_days":1})");
  ASSERT_EQ(reads.status, 201) << reads.body;
  ASSERT_EQ(writes.status, 201) << writes.body;
  const auto reader = Text(reads, "secret");
  const auto writer = Text(writes, "secret");
  EXPECT_EQ(Ask("GET", kSandboxes, reader).status, 200);
  const auto denied = Ask("POST", kSandboxes, reader, "{}");
  EXPECT_EQ(denied.status, 403);
  EXPECT_THAT(Text(denied, "message"), HasSubstr("write:resource"));
  EXPECT_EQ(Ask("POST", kSandboxes, writer, "{}").status, 201);
  EXPECT_EQ(Ask("GET", kAccount, writer).status, 200);
  EXPECT_EQ(Ask("PATCH", kAccount, writer, R"({"theme":"dark"})").status, 403);
  EXPECT_EQ(Ask("POST", kTokens, writer, R"({"name":"more"})").status, 403)
      << "no token makes another";
  const auto listed = Ask("GET", kTokens, cleo);
  EXPECT_EQ(Json(listed).at("tokens").as_array().size(), 2U);
  EXPECT_THAT(listed.body, Not(HasSubstr("pdt_")));
  EXPECT_EQ(Ask("DELETE", fmt::format("{}/{}", kTokens, Text(writes, "id")), cleo).status, 204);
  EXPECT_EQ(Ask("GET", kSandboxes, writer).status, 401) << "at once, though it was remembered";
  EXPECT_THAT(Audited(), Contains("token.made"));
  EXPECT_THAT(Audited(), Contains("token.revoked"));
}

TEST_F(PeopleTest, AnApiTokenWithAWrongScopeOrLifetimeIsNotMade) {
  const auto cleo = SignIn("cleo", Role::kLearner);
  for (const char* body :
       {R"({"name":"x","scopes":["root"]})", R"({"name":"","scopes":[]})", R"({"scopes":[]})",
        R"({"name":"x","expires_in_days":0})", R"({"name":"x","expires_in_days":3651})"}) {
    EXPECT_EQ(Ask("POST", kTokens, cleo, body).status, 400) << body;
  }
}

TEST_F(PeopleTest, TheFirstAdminComesByALinkThatWorksOnce) {
  EXPECT_TRUE(Json(Ask("GET", "/api/v1/sign-in", "")).at("setup").as_bool());
  const auto link = Await(people_->MakeFirstAdminLink());
  const auto look =
      Ask("POST", "/api/v1/links/look", "", fmt::format(R"({{"secret":"{}"}})", link));
  ASSERT_EQ(look.status, 200) << look.body;
  EXPECT_EQ(Text(look, "purpose"), "first_admin");
  EXPECT_EQ(UseLink(link, "root", "password12").status, 400) << "the link is still good";
  const auto used = UseLink(link, "root", kPassword);
  ASSERT_EQ(used.status, 201) << used.body;
  EXPECT_EQ(Json(used).at("user").at("role").as_string(), "admin");
  EXPECT_EQ(Ask("GET", kAccount, SecretOf(used)).status, 200);
  EXPECT_EQ(UseLink(link, "evil", kPassword).status, 404);
  EXPECT_EQ(UseLink("pdl_x", "evil", kPassword).status, 404);
  EXPECT_FALSE(Json(Ask("GET", "/api/v1/sign-in", "")).at("setup").as_bool());
  EXPECT_THAT(Audited(), Contains("link.used"));
  EXPECT_THAT(Audited(), Contains("user.signed_up"));
}

TEST_F(PeopleTest, OfManyWhoUseTheLastUseOfALinkAtOnceOneGetsIn) {
  const auto link = Await(people_->MakeInvitation({.role = Role::kTeacher}));
  std::vector<int> statuses(6);
  std::vector<std::thread> threads;
  threads.reserve(statuses.size());
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    threads.emplace_back(
        [&, i] { statuses.at(i) = UseLink(link, fmt::format("user{}", i), kPassword).status; });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(std::ranges::count(statuses, 201), 1);
  EXPECT_EQ(std::ranges::count(statuses, 404), 5);
}

TEST_F(PeopleTest, TwoWhoChooseOneNameAtOnceDoNotBothGetIt) {
  const auto link = Await(people_->MakeInvitation({.uses = 10}));
  std::vector<int> statuses(6);
  std::vector<std::thread> threads;
  threads.reserve(statuses.size());
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    threads.emplace_back(
        [&, i] { statuses.at(i) = UseLink(link, i % 2 == 0 ? "Cleo" : "cleo", kPassword).status; });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(std::ranges::count(statuses, 201), 1);
  EXPECT_EQ(std::ranges::count(statuses, 409), 5) << "and their link is not used up by it";
}

TEST_F(PeopleTest, AResetLinkGivesANewPasswordAndEndsWhatWasSignedIn) {
  const auto cleo = SignIn("cleo", Role::kLearner);
  const auto link = Await(people_->MakeReset(IdOf(cleo)));
  const auto look =
      Ask("POST", "/api/v1/links/look", "", fmt::format(R"({{"secret":"{}"}})", link));
  EXPECT_EQ(Text(look, "name"), "cleo");
  EXPECT_EQ(Login("cleo", kPassword).status, 200) << "until the link is used";
  const auto used = UseLink(link, "", "another long secret");
  ASSERT_EQ(used.status, 201) << used.body;
  EXPECT_EQ(Ask("GET", kAccount, cleo).status, 401);
  EXPECT_EQ(Login("cleo", kPassword).status, 401);
  EXPECT_EQ(Login("cleo", "another long secret").status, 200);
  EXPECT_EQ(UseLink(link, "", "yet another secret").status, 404);
}

TEST_F(PeopleTest, AnInvitationRaisesWhoIsHereAndNeverLowers) {
  const auto cleo = SignIn("cleo", Role::kLearner);
  const auto teacher = Await(people_->MakeInvitation({.role = Role::kTeacher}));
  const auto body = fmt::format(R"({{"secret":"{}"}})", teacher);
  EXPECT_EQ(Ask("POST", "/api/v1/links/join", SignIn("root", Role::kAdmin), body).status, 409);
  const auto joined = Ask("POST", "/api/v1/links/join", cleo, body);
  ASSERT_EQ(joined.status, 200) << joined.body;
  EXPECT_EQ(Json(joined).at("user").at("role").as_string(), "teacher");
  EXPECT_EQ(Ask("POST", "/api/v1/links/join", cleo, body).status, 404);
}

TEST_F(PeopleTest, WhoeverDeletesTheirAccountLeavesNothingBehind) {
  const auto cleo = SignIn("cleo", Role::kLearner);
  NewSandbox(cleo);
  EXPECT_EQ(Ask("DELETE", kAccount, cleo, R"({"password":"wrong"})").status, 403);
  const auto body = fmt::format(R"({{"password":"{}"}})", kPassword);
  EXPECT_EQ(Ask("DELETE", kAccount, cleo, body).status, 204);
  EXPECT_EQ(Ask("GET", kAccount, cleo).status, 401);
  EXPECT_TRUE(driver_.machines.empty());
  EXPECT_EQ(Login("cleo", kPassword).status, 401);
  EXPECT_EQ(Ask("DELETE", kAccount, SignIn("root", Role::kAdmin), body).status, 409)
      << "nobody would run the server";
}

class NoGuestsTest : public PeopleTest {
 protected:
  static ApiConfig ConfigWithoutGuests() {
    ApiConfig config = Config();
    config.guests = false;
    return config;
  }
  NoGuestsTest() : PeopleTest(ConfigWithoutGuests()) {}
};

TEST_F(NoGuestsTest, EverybodySignsIn) {
  const auto refused = Ask("POST", "/api/v1/session", "");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(Text(refused, "message"), "Please sign in.");
  const auto token = signer_.Issue({.id = NewId<UserId>()}, std::chrono::system_clock::now()).token;
  EXPECT_EQ(Ask("GET", kSandboxes, token).status, 401) << "also with a token of earlier";
  EXPECT_EQ(Ask("GET", kSandboxes, SignIn("cleo", Role::kLearner)).status, 200);
  EXPECT_FALSE(Json(Ask("GET", "/api/v1/sign-in", "")).at("guests").as_bool());
}

}  // namespace
}  // namespace paddock::gateway
