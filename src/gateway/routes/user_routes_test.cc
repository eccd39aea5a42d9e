// What admins do, over the real HTTP server and a real store.
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/routes/testing/people_api_test.h"

namespace paddock::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class UserRoutesTest : public PeopleApiTest {
 protected:
  std::string User(const std::string& who, std::string_view rest = "") {
    return fmt::format("/api/v1/users/{}{}", IdOf(who), rest);
  }
  /// The audited actions, newest first.
  std::vector<std::string> Audited() {
    std::vector<std::string> actions;
    const auto entries = Json(Ask("GET", "/api/v1/audit?limit=200", ada_));
    for (const auto& entry : entries.at("entries").as_array()) {
      actions.emplace_back(entry.at("action").as_string());
    }
    return actions;
  }

  /// Users are listed by the millisecond in which they came.
  std::string SignInLater(const char* name, Role role) {
    using std::chrono::system_clock;
    const auto before = std::chrono::floor<std::chrono::milliseconds>(system_clock::now());
    while (std::chrono::floor<std::chrono::milliseconds>(system_clock::now()) == before) {
    }
    return SignIn(name, role);
  }

  std::string ada_ = SignIn("ada", Role::kAdmin);
  std::string liu_ = SignInLater("liu", Role::kLearner);
};

TEST_F(UserRoutesTest, UsersAreListedFoundAndPaged) {
  const auto all = Json(Ask("GET", "/api/v1/users", ada_)).at("users").as_array();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("name").as_string(), "liu") << "the newest first";
  EXPECT_EQ(Json(Ask("GET", "/api/v1/users?query=AD", ada_)).at("users").as_array().size(), 1U);
  EXPECT_EQ(Json(Ask("GET", "/api/v1/users?role=teacher", ada_)).at("users").as_array().size(), 0U);
  const auto page = Json(Ask("GET", "/api/v1/users?limit=1", ada_));
  const auto next = std::string(page.at("next").as_string());
  const auto rest = Json(Ask("GET", "/api/v1/users?limit=1&after=" + next, ada_));
  EXPECT_EQ(rest.at("users").at(0).at("name").as_string(), "ada");
  EXPECT_TRUE(rest.at("next").is_null());
  for (const char* bad : {"?role=guest", "?role=root", "?limit=201", "?after=1"}) {
    EXPECT_EQ(Ask("GET", std::string("/api/v1/users") + bad, ada_).status, 400) << bad;
  }
  EXPECT_EQ(Ask("GET", "/api/v1/users/x", ada_).status, 404);
  EXPECT_THAT(Ask("GET", User(liu_), ada_).body, Not(HasSubstr("password_hash")));
}

TEST_F(UserRoutesTest, ARoleIsInForceAtOnce) {
  EXPECT_EQ(Ask("POST", kClasses, liu_, R"({"name":"x"})").status, 403);
  ASSERT_EQ(Ask("PATCH", User(liu_), ada_, R"({"role":"teacher"})").status, 200);
  EXPECT_EQ(Ask("POST", kClasses, liu_, R"({"name":"x"})").status, 201);
  EXPECT_EQ(Ask("PATCH", User(liu_), ada_, R"({"role":"learner"})").status, 409) << "has a class";
  EXPECT_EQ(Ask("PATCH", User(liu_), ada_, R"({"role":"guest"})").status, 400);
}

TEST_F(UserRoutesTest, DisablingEndsSessionsAndTokensAtOnce) {
  const auto token = NewToken(liu_, R"("write:resource")");
  EXPECT_EQ(Ask("GET", kSandboxes, token).status, 200);
  const auto user = User(liu_);
  ASSERT_EQ(Ask("PATCH", user, ada_, R"({"disabled":true})").status, 200);
  EXPECT_EQ(Ask("GET", kSandboxes, liu_).status, 401);
  EXPECT_EQ(Ask("GET", kSandboxes, token).status, 401);
  ASSERT_EQ(Ask("PATCH", user, ada_, R"({"disabled":false})").status, 200);
  EXPECT_EQ(Ask("GET", kSandboxes, liu_).status, 401) << "the session is over for good";
  EXPECT_EQ(Ask("GET", kSandboxes, token).status, 200) << "the token is the user's again";
}

TEST_F(UserRoutesTest, EndedSessionsAreOverAtOnce) {
  EXPECT_EQ(Ask("GET", kSandboxes, liu_).status, 200);
  ASSERT_EQ(Ask("DELETE", User(liu_, "/sessions"), ada_).status, 204);
  EXPECT_EQ(Ask("GET", kSandboxes, liu_).status, 401);
}

TEST_F(UserRoutesTest, ADeletedUserTakesTheirMachinesAlong) {
  (void)NewSandbox(liu_);
  ASSERT_EQ(driver_.machines.size(), 1U);
  const auto user = User(liu_);
  EXPECT_EQ(Json(Ask("GET", user, ada_)).at("sandbox_count").as_int64(), 1);
  ASSERT_EQ(Ask("DELETE", user, ada_).status, 204);
  EXPECT_TRUE(driver_.machines.empty());
  EXPECT_EQ(Ask("GET", user, ada_).status, 404);
  EXPECT_EQ(Ask("GET", kSandboxes, liu_).status, 401);
}

TEST_F(UserRoutesTest, AResetLinkWorksOnceAndEndsOldSessions) {
  const auto made = Ask("POST", User(liu_, "/reset"), ada_);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(Ask("GET", kSandboxes, liu_).status, 200) << "until the link is used";
  const auto body =
      fmt::format(R"({{"secret":"{}","password":"a long new pass-phrase"}})", Text(made, "secret"));
  EXPECT_EQ(Ask("POST", "/api/v1/links/use", "", body).status, 201);
  EXPECT_EQ(Ask("GET", kSandboxes, liu_).status, 401);
  EXPECT_EQ(Ask("POST", "/api/v1/links/use", "", body).status, 404);
}

TEST_F(UserRoutesTest, AnAdminActsAsSomebodyOnTheRecordAndGoesBack) {
  const auto begun = Ask("POST", User(liu_, "/act-as"), ada_);
  ASSERT_EQ(begun.status, 200) << begun.body;
  EXPECT_EQ(Json(begun).at("user").at("id").as_string(), IdOf(liu_));
  EXPECT_EQ(Json(begun).at("acting_admin").at("name").as_string(), "ada");
  EXPECT_THAT(begun.head, HasSubstr("HttpOnly; SameSite=Strict"));
  const auto acting = CookieOf(begun, "paddock_session");
  const auto own = CookieOf(begun, "paddock_own_session");
  EXPECT_EQ(own, ada_);
  ASSERT_NE(acting, ada_);

  const auto sandbox = NewSandbox(acting);
  EXPECT_EQ(Ask("GET", At(sandbox, ""), liu_).status, 200) << "it is the user's";
  EXPECT_EQ(Ask("DELETE", At(sandbox, ""), acting).status, 204);
  EXPECT_EQ(Ask("GET", "/api/v1/users", acting).status, 403) << "no more than the user may";
  EXPECT_EQ(Ask("POST", "/api/v1/account/tokens", acting, R"({"name":"t","scopes":[]})").status,
            403);

  const auto cookies = fmt::format("Cookie: paddock_session={}; paddock_own_session={}\r\n{}",
                                   acting, own, Origin());
  const auto ended = Ask("DELETE", "/api/v1/session", "", "", cookies);
  ASSERT_EQ(ended.status, 204);
  EXPECT_EQ(CookieOf(ended, "paddock_session"), ada_);
  EXPECT_EQ(Ask("GET", kSandboxes, acting).status, 401);
  EXPECT_THAT(Audited(), ::testing::ElementsAre("acting.ended", "sandbox.deleted",
                                                "sandbox.created", "acting.begun"));
  const auto entry =
      Json(Ask("GET", "/api/v1/audit?action=sandbox.created", ada_)).at("entries").at(0);
  EXPECT_EQ(entry.at("actor").at("name").as_string(), "ada");
  EXPECT_EQ(entry.at("acting_as").at("name").as_string(), "liu");
  EXPECT_EQ(entry.at("subject").at("id").as_string(), sandbox);
  EXPECT_FALSE(entry.at("address").as_string().empty());
}

TEST_F(UserRoutesTest, AnActingSessionEndsWithTheAdminsRights) {
  const auto eve = SignIn("eve", Role::kAdmin);
  const auto begun = Ask("POST", User(liu_, "/act-as"), eve);
  const auto acting = CookieOf(begun, "paddock_session");
  EXPECT_EQ(Ask("GET", kSandboxes, acting).status, 200);
  ASSERT_EQ(Ask("PATCH", User(eve), ada_, R"({"role":"learner"})").status, 200);
  EXPECT_EQ(Ask("GET", kSandboxes, acting).status, 401);
}

TEST_F(UserRoutesTest, OnesOwnSandboxesAreNotAudited) {
  (void)NewSandbox(liu_);
  EXPECT_THAT(Audited(), ::testing::IsEmpty());
}

TEST_F(UserRoutesTest, TheAuditLogIsFilteredAndRefusesBadFilters) {
  ASSERT_EQ(Ask("PATCH", User(liu_), ada_, R"({"role":"teacher"})").status, 200);
  const auto count = [&](const std::string& filter) {
    const auto page = Json(Ask("GET", "/api/v1/audit?" + filter, ada_));
    return page.at("entries").as_array().size();
  };
  EXPECT_EQ(count("actor=" + IdOf(ada_)), 1U);
  EXPECT_EQ(count("actor=" + IdOf(liu_)), 0U);
  EXPECT_EQ(count("subject=" + IdOf(liu_)), 1U);
  EXPECT_EQ(count("action=user.role_changed"), 1U);
  EXPECT_EQ(count("until=2020-01-01T00:00:00Z"), 0U);
  for (const char* bad :
       {"actor=ada", "action=everything", "until=yesterday", "before=x", "limit=x"}) {
    const auto refused = Ask("GET", std::string("/api/v1/audit?") + bad, ada_);
    EXPECT_EQ(refused.status, 400) << bad;
    EXPECT_THAT(Text(refused, "message"),
                HasSubstr(std::string_view(bad).substr(0, std::string_view(bad).find('='))));
  }
}

TEST_F(UserRoutesTest, TheSystemShowsAllItsParts) {
  (void)NewSandbox(liu_);
  const auto system = Json(Ask("GET", "/api/v1/system", ada_));
  EXPECT_EQ(system.at("version").as_string(), "1.2.3");
  EXPECT_TRUE(system.at("store").at("ok").as_bool());
  EXPECT_THAT(std::string(system.at("store").at("engine").as_string()), HasSubstr("SQLite"));
  EXPECT_GE(system.at("store").at("schema_version").as_int64(), 3);
  EXPECT_TRUE(system.at("node").at("ready").as_bool());
  EXPECT_EQ(system.at("node").at("engine").as_string(), "fake");
  EXPECT_EQ(system.at("sandboxes").at("live").as_int64(), 1);
  EXPECT_EQ(system.at("sandboxes").at("running").as_int64(), 1);
  EXPECT_EQ(system.at("users").at("accounts").as_int64(), 2);
  EXPECT_GE(system.at("cache").at("sessions").as_int64(), 1);
  EXPECT_GT(system.at("load").at("memory_total_bytes").as_int64(), 0);
}

}  // namespace
}  // namespace paddock::gateway
