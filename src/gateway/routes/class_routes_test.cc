// Classes and quotas over the real HTTP server and a real store.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/routes/testing/people_api_test.h"

namespace paddock::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ClassRoutesTest : public PeopleApiTest {
 protected:
  std::string tess_ = SignIn("tess", Role::kTeacher);
  std::string liu_ = SignIn("liu", Role::kLearner);
};

TEST_F(ClassRoutesTest, AClassShowsItsCodeToWhoTeachesItAndToNobodyElse) {
  const auto created = Ask("POST", kClasses, tess_, R"({"name":"Linux 1"})");
  ASSERT_EQ(created.status, 201) << created.body;
  const auto id = Text(created, "id");
  EXPECT_EQ(created.Header("Location"), fmt::format("{}/{}", kClasses, id));
  EXPECT_EQ(Text(created, "relation"), "own");
  EXPECT_EQ(Text(created, "join_code").size(), 9U) << "with its dash";
  EXPECT_TRUE(Json(created).at("joinable").as_bool());
  const auto joined = Join(liu_, Text(created, "join_code"));
  ASSERT_EQ(joined.status, 200) << joined.body;
  EXPECT_EQ(Text(joined, "relation"), "class");
  EXPECT_EQ(Json(joined).at("member_count").as_int64(), 1);
  for (const char* hidden : {"join_code", "joinable", "quota"}) {
    EXPECT_TRUE(Json(joined).at(hidden).is_null()) << hidden;
  }
  const auto mine = Json(Ask("GET", kClasses, liu_)).at("classes").as_array();
  ASSERT_EQ(mine.size(), 1U);
  EXPECT_EQ(mine[0].at("teacher").at("display_name").as_string(), "tess");
}

TEST_F(ClassRoutesTest, EveryBadFieldIsNamed) {
  const auto id = NewClass(tess_);
  const auto path = fmt::format("{}/{}", kClasses, id);
  const std::vector<std::pair<std::string, std::string>> bodies{
      {R"({"name":""})", "name"},
      {R"({"name":"\u0007"})", "name"},
      {fmt::format(R"({{"name":"{}"}})", std::string(81, 'x')), "name"},
      {R"({"joinable":"yes"})", "joinable"},
      {R"({"quota":{"sandboxes_max":-1}})", "quota.sandboxes_max"},
      {R"({"quota":{"memory_max_bytes":1}})", "quota.memory_max_bytes"},
      {R"({"quota":{"lifetime_max_s":1e308}})", "quota.lifetime_max_s"},
      {R"({"quota":{"sandboxes":1}})", "quota.sandboxes"},
      {R"({"teacher_id":"x"})", "teacher_id"},
      {R"({"owner":"x"})", "owner"}};
  for (const auto& [body, field] : bodies) {
    const auto refused = Ask("PATCH", path, tess_, body);
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_THAT(Text(refused, "message"), HasSubstr(field)) << body;
  }
  EXPECT_EQ(Ask("POST", kClasses, tess_, "{}").status, 400);
  EXPECT_EQ(Ask("GET", path + "/members?limit=0", tess_).status, 400);
  EXPECT_EQ(Ask("GET", path + "/members?after=x", tess_).status, 400);
}

TEST_F(ClassRoutesTest, AWrongCodeAndAClosedClassAnswerAlikeAndGuessingIsSlowed) {
  const auto id = NewClass(tess_);
  const auto code = Text(Ask("GET", fmt::format("{}/{}", kClasses, id), tess_), "join_code");
  ASSERT_EQ(Ask("PATCH", fmt::format("{}/{}", kClasses, id), tess_, R"({"joinable":false})").status,
            200);
  const auto closed = Join(liu_, code);
  const auto wrong = Join(liu_, "ACDE-FGHJ");
  EXPECT_EQ(closed.status, 404);
  EXPECT_EQ(wrong.status, 404);
  EXPECT_EQ(Text(closed, "message"), Text(wrong, "message"));
  int status = 404;
  for (int i = 0; i < 40 && status == 404; ++i) {
    status = Join(liu_, "ACDE-FGHJ").status;
  }
  EXPECT_EQ(status, 429);
  EXPECT_EQ(Join(SignIn("sam", Role::kLearner), "ACDE-FGHJ").status, 404) << "another user goes on";
}

TEST_F(ClassRoutesTest, MembersComeInPagesWithTheirMachineCount) {
  const auto id = NewClass(tess_);
  const auto code = Text(Ask("GET", fmt::format("{}/{}", kClasses, id), tess_), "join_code");
  ASSERT_EQ(Join(liu_, code).status, 200);
  ASSERT_EQ(Join(SignIn("sam", Role::kLearner), code).status, 200);
  (void)NewSandbox(liu_);
  const auto path = fmt::format("{}/{}/members?limit=1", kClasses, id);
  const auto first = Json(Ask("GET", path, tess_));
  ASSERT_EQ(first.at("members").as_array().size(), 1U);
  EXPECT_EQ(first.at("members").at(0).at("name").as_string(), "liu");
  EXPECT_EQ(first.at("members").at(0).at("sandbox_count").as_int64(), 1);
  const std::string next(first.at("next").as_string());
  const auto second = Json(Ask("GET", fmt::format("{}&after={}", path, next), tess_));
  EXPECT_EQ(second.at("members").at(0).at("name").as_string(), "sam");
  EXPECT_TRUE(second.at("next").is_null());
}

TEST_F(ClassRoutesTest, AQuotaOfTheRoleHoldsAndOneOfTheClassGivesMore) {
  const auto ada = SignIn("ada", Role::kAdmin);
  ASSERT_EQ(Ask("PUT", "/api/v1/quotas/learner", ada, R"({"sandboxes_max":0})").status, 200);
  const auto refused = Ask("POST", kSandboxes, liu_, "{}");
  EXPECT_EQ(refused.status, 403) << refused.body;
  EXPECT_EQ(Json(Ask("GET", "/api/v1/status", liu_)).at("sandboxes_max").as_int64(), 0);
  EXPECT_EQ(Json(Ask("GET", "/api/v1/status", tess_)).at("sandboxes_max").as_int64(), 2);

  const auto id = NewClass(tess_);
  const auto path = fmt::format("{}/{}", kClasses, id);
  ASSERT_EQ(Ask("PATCH", path, tess_, R"({"quota":{"sandboxes_max":1}})").status, 200);
  ASSERT_EQ(Join(liu_, Text(Ask("GET", path, tess_), "join_code")).status, 200);
  EXPECT_EQ(Ask("POST", kSandboxes, liu_, "{}").status, 201);
  EXPECT_EQ(Ask("POST", kSandboxes, liu_, "{}").status, 429) << "one, and not two";
  EXPECT_EQ(Json(Ask("GET", "/api/v1/status", liu_)).at("sandboxes_max").as_int64(), 1);

  ASSERT_EQ(Ask("DELETE", path, tess_).status, 204);
  EXPECT_EQ(Json(Ask("GET", "/api/v1/status", liu_)).at("sandboxes_max").as_int64(), 0);
  EXPECT_EQ(Json(Ask("GET", kSandboxes, liu_)).at("sandboxes").as_array().size(), 1U)
      << "what is there lives on";
}

TEST_F(ClassRoutesTest, AQuotaOfMemoryAndLifetimeIsTheCeilingOfARequest) {
  const auto ada = SignIn("ada", Role::kAdmin);
  ASSERT_EQ(Ask("PUT", "/api/v1/quotas/learner", ada,
                R"({"memory_max_bytes":67108864,"lifetime_max_s":60})")
                .status,
            200);
  const auto more = Ask("POST", kSandboxes, liu_, R"({"limits":{"memory_bytes":67108865}})");
  EXPECT_EQ(more.status, 400);
  EXPECT_THAT(Text(more, "message"), StartsWith("limits.memory_bytes"));
  const auto made = Ask("POST", kSandboxes, liu_, "{}");
  ASSERT_EQ(made.status, 201) << "the defaults follow: " << made.body;
  EXPECT_EQ(Json(made).at("limits").at("memory_bytes").as_int64(), 67'108'864);
  EXPECT_EQ(Json(made).at("limits").at("lifetime_s").as_int64(), 60);
}

TEST_F(ClassRoutesTest, AGuestsQuotaIsTheGuestRoles) {
  const auto ada = SignIn("ada", Role::kAdmin);
  ASSERT_EQ(Ask("PUT", "/api/v1/quotas/guest", ada, R"({"sandboxes_max":1})").status, 200);
  EXPECT_EQ(Ask("POST", kSandboxes, ann_, "{}").status, 201);
  EXPECT_EQ(Ask("POST", kSandboxes, ann_, "{}").status, 429);
  const auto quotas = Json(Ask("GET", "/api/v1/quotas", ada));
  EXPECT_EQ(quotas.at("roles").at("guest").at("sandboxes_max").as_int64(), 1);
  EXPECT_TRUE(quotas.at("roles").at("learner").at("sandboxes_max").is_null());
  EXPECT_EQ(quotas.at("effective_max").at("sandboxes_max").as_int64(), 2);
}

TEST_F(ClassRoutesTest, AnInvitationShowsItsSecretOnceAndIsTakenBack) {
  const auto id = NewClass(tess_);
  const auto path = fmt::format("{}/{}/invitations", kClasses, id);
  const auto made = Ask("POST", path, tess_, R"({"note":"group 2","uses":30})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(Text(made, "role"), "learner");
  EXPECT_EQ(Text(made, "class_id"), id);
  EXPECT_FALSE(Text(made, "secret").empty());
  const auto listed = Ask("GET", path, tess_);
  EXPECT_EQ(Json(listed).at("invitations").as_array().size(), 1U);
  EXPECT_THAT(listed.body, ::testing::Not(HasSubstr("secret")));
  for (const char* bad : {R"({"uses":0})", R"({"uses":1001})", R"({"expires_in_days":91})",
                          R"({"role":"teacher"})", R"({"note":"\u0000"})"}) {
    EXPECT_EQ(Ask("POST", path, tess_, bad).status, 400) << bad;
  }
  const auto link = fmt::format("{}/{}", path, Text(made, "id"));
  EXPECT_EQ(Ask("DELETE", link, tess_).status, 204);
  EXPECT_EQ(Ask("DELETE", link, tess_).status, 404);
}

}  // namespace
}  // namespace paddock::gateway
