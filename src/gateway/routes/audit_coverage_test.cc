// Every action that the audit log knows, done through the API and then found in the log.
#include <functional>
#include <map>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/routes/testing/fake_sql_runner.h"
#include "gateway/routes/testing/people_api_test.h"
#include "identity/audit_log.h"

namespace paddock::gateway {
namespace {

using identity::AuditAction;

constexpr std::string_view kPassword = "correct horse battery";

class AuditCoverageTest : private testing::FakeSqlRunner, public PeopleApiTest {
 protected:
  AuditCoverageTest() : PeopleApiTest(WithRunner(socket())) {}
  static ApiConfig WithRunner(std::string path) {
    ApiConfig config = Roomy();
    config.sql_runner = {.socket = std::move(path), .users = {}};
    return config;
  }
  void Must(std::string_view method,
            const std::string& path,
            const std::string& who,
            const std::string& body = "") {
    const auto response = Ask(method, "/api/v1" + path, who, body);
    EXPECT_LT(response.status, 300) << method << ' ' << path << ": " << response.body;
  }
  std::string Made(const std::string& path,
                   const std::string& who,
                   const std::string& body,
                   std::string_view name = "id") {
    const auto response = Ask("POST", "/api/v1" + path, who, body);
    EXPECT_LT(response.status, 300) << path << ": " << response.body;
    return Text(response, name);
  }
  std::string Invitation() { return Made("/invitations", ada_, R"({"uses":5})", "secret"); }
  /// An account that can sign in: its session.
  std::string NewAccount(std::string_view name) {
    const auto response = Ask("POST", "/api/v1/links/use", "",
                              fmt::format(R"({{"secret":"{}","name":"{}","password":"{}",)"
                                          R"("display_name":"{}"}})",
                                          Invitation(), name, kPassword, name));
    EXPECT_EQ(response.status, 201) << response.body;
    return CookieOf(response, "paddock_session");
  }
  testing::RawResponse SignInAs(std::string_view name, std::string_view password) {
    return Ask("POST", "/api/v1/sign-in", "",
               fmt::format(R"({{"name":"{}","password":"{}"}})", name, password));
  }
  std::string ActAsLiu() {
    return CookieOf(Ask("POST", fmt::format("/api/v1/users/{}/act-as", IdOf(liu_)), ada_),
                    "paddock_session");
  }
  std::string ClassWithLiu() {
    const auto id = NewClass(tess_);
    const auto code = Text(Ask("GET", fmt::format("{}/{}", kClasses, id), tess_), "join_code");
    EXPECT_EQ(Join(liu_, code).status, 200);
    return "/classes/" + id;
  }
  void PatchLiu(const std::string& body) { Must("PATCH", "/users/" + IdOf(liu_), ada_, body); }
  void ResetPassword() {
    (void)NewAccount("nora");
    const auto users = Json(Ask("GET", "/api/v1/users?query=nora", ada_)).at("users").as_array();
    const std::string id(users.at(0).at("id").as_string());
    const auto secret = Made(fmt::format("/users/{}/reset", id), ada_, "", "secret");
    (void)Made("/links/use", "",
               fmt::format(R"({{"secret":"{}","password":"another long one"}})", secret));
  }

  /// A schema of its own, and a question of it: its number.
  std::string NewQuestion() {
    (void)Made("/schemas", tess_, R"({"document":"id: s\ntitle: S\nsql: CREATE TABLE t (a)\n"})");
    const auto response = Ask(
        "POST", "/api/v1/questions", tess_,
        R"({"schema":"s","document":"id: q\ntitle: Q\ndescription: D\ndifficulty: easy\ncategory: C\nreferences: [SELECT 1 AS a]\n"})");
    EXPECT_EQ(response.status, 201) << response.body;
    return fmt::format("{}", Json(response).at("number").as_int64());
  }
  /// A change of what NewQuestion made.
  void ChangeDocument(const std::string& path, const std::string& who) {
    const auto read = Ask("GET", "/api/v1" + path + "/document", who);
    boost::json::object change;
    change["document"] = Json(read).at("document");
    change["version"] = Json(read).at("version");
    Must("PUT", path, who, boost::json::serialize(change));
  }

  void Do(AuditAction action);
  void DoWithQuestion(AuditAction action);
  void DoWithDatabase(AuditAction action);
  void DoWithAccount(AuditAction action);
  void DoWithClass(AuditAction action);

  std::string ada_ = SignIn("ada", Role::kAdmin);
  std::string tess_ = SignIn("tess", Role::kTeacher);
  std::string liu_ = SignIn("liu", Role::kLearner);
};

void AuditCoverageTest::DoWithAccount(AuditAction action) {
  switch (action) {
    case AuditAction::kSessionOpened:
    case AuditAction::kUserSignedUp:
    case AuditAction::kLinkUsed: (void)NewAccount("nora"); return;
    case AuditAction::kSessionRefused:
      (void)NewAccount("nora");
      EXPECT_EQ(SignInAs("nora", "wrong horse battery").status, 401);
      return;
    case AuditAction::kSessionClosed: Must("DELETE", "/session", liu_); return;
    case AuditAction::kSessionRevoked: Must("DELETE", "/account/sessions", liu_); return;
    case AuditAction::kUserChanged:
      Must("PATCH", "/account", liu_, R"({"display_name":"Liu"})");
      return;
    case AuditAction::kPasswordChanged:
      Must("POST", "/account/password", NewAccount("nora"),
           fmt::format(R"({{"current":"{}","new":"another long one"}})", kPassword));
      return;
    case AuditAction::kPasswordReset: ResetPassword(); return;
    case AuditAction::kTokenMade: (void)NewToken(liu_, R"("challenge")"); return;
    case AuditAction::kTokenRevoked:
      Must("DELETE",
           "/account/tokens/" +
               Made("/account/tokens", liu_, R"({"name":"t","scopes":["challenge"]})"),
           liu_);
      return;
    default: DoWithClass(action);
  }
}

void AuditCoverageTest::DoWithClass(AuditAction action) {
  switch (action) {
    case AuditAction::kClassMade: (void)NewClass(tess_); return;
    case AuditAction::kClassChanged:
      Must("PATCH", ClassWithLiu(), tess_, R"({"joinable":false})");
      return;
    case AuditAction::kClassDeleted: Must("DELETE", ClassWithLiu(), tess_); return;
    case AuditAction::kClassCodeRenewed: Must("POST", ClassWithLiu() + "/code", tess_); return;
    case AuditAction::kClassJoined: (void)ClassWithLiu(); return;
    case AuditAction::kClassLeft:
      Must("DELETE", ClassWithLiu() + "/members/" + IdOf(liu_), liu_);
      return;
    case AuditAction::kClassMemberRemoved:
      Must("DELETE", ClassWithLiu() + "/members/" + IdOf(liu_), tess_);
      return;
    default: DoWithQuestion(action);
  }
}

void AuditCoverageTest::DoWithQuestion(AuditAction action) {
  switch (action) {
    case AuditAction::kQuestionMade:
    case AuditAction::kSchemaMade: (void)NewQuestion(); return;
    case AuditAction::kQuestionChanged:
      ChangeDocument("/questions/" + NewQuestion(), tess_);
      return;
    case AuditAction::kQuestionDeleted:
      Must("DELETE", "/questions/" + NewQuestion(), tess_);
      return;
    case AuditAction::kSchemaChanged:
      (void)NewQuestion();
      ChangeDocument("/schemas/s", tess_);
      return;
    case AuditAction::kSchemaDeleted:
      Must("DELETE", "/questions/" + NewQuestion(), tess_);
      Must("DELETE", "/schemas/s", tess_);
      return;
    case AuditAction::kProgressReset:
      Must("POST", ClassWithLiu() + "/progress/" + IdOf(liu_) + "/reset", tess_, "{}");
      return;
    default: DoWithDatabase(action);
  }
}

void AuditCoverageTest::DoWithDatabase(AuditAction action) {
  Must("POST", "/databases", ada_, R"({"name":"shop","dsn":"postgres://r:p@db/shop"})");
  switch (action) {
    case AuditAction::kDatabaseRegistered: return;
    case AuditAction::kDatabaseChanged:
      Must("PUT", "/databases/shop", ada_, R"({"dsn":"postgres://r:p@other/shop"})");
      return;
    case AuditAction::kDatabaseRemoved: Must("DELETE", "/databases/shop", ada_); return;
    default: FAIL() << identity::Name(action) << ": nothing here does this";
  }
}

void AuditCoverageTest::Do(AuditAction action) {
  switch (action) {
    case AuditAction::kUserRoleChanged: PatchLiu(R"({"role":"teacher"})"); return;
    case AuditAction::kUserDisabled: PatchLiu(R"({"disabled":true})"); return;
    case AuditAction::kUserEnabled: {
      const auto user = "/users/" + IdOf(liu_);
      Must("PATCH", user, ada_, R"({"disabled":true})");
      Must("PATCH", user, ada_, R"({"disabled":false})");
      return;
    }
    case AuditAction::kUserDeleted: Must("DELETE", "/users/" + IdOf(liu_), ada_); return;
    case AuditAction::kLinkMade: (void)Invitation(); return;
    case AuditAction::kLinkRevoked:
      Must("DELETE", "/invitations/" + Made("/invitations", ada_, "{}"), ada_);
      return;
    case AuditAction::kQuotaChanged:
      Must("PUT", "/quotas/learner", ada_, R"({"sandboxes_max":1})");
      return;
    case AuditAction::kActingBegun: (void)ActAsLiu(); return;
    case AuditAction::kActingEnded: Must("DELETE", "/session", ActAsLiu()); return;
    case AuditAction::kSandboxCreated: (void)NewSandbox(ActAsLiu()); return;
    case AuditAction::kSandboxDeleted: {
      const auto acting = ActAsLiu();
      Must("DELETE", "/sandboxes/" + NewSandbox(acting), acting);
      return;
    }
    default: DoWithAccount(action);
  }
}

class EveryAuditAction : public AuditCoverageTest, public ::testing::WithParamInterface<int> {};

TEST_P(EveryAuditAction, IsWrittenWhenItIsDone) {
  const auto action = static_cast<AuditAction>(GetParam());
  const auto count = [&] {
    const auto path = fmt::format("/api/v1/audit?action={}", identity::Name(action));
    return Json(Ask("GET", path, ada_)).at("entries").as_array().size();
  };
  ASSERT_EQ(count(), 0U);
  Do(action);
  // What changes nothing else is written beside the answer.
  const auto deadline = testing::TestPeople::Soon();
  while (count() == 0 && !deadline.Passed()) {
  }
  EXPECT_GE(count(), 1U) << identity::Name(action);
}

INSTANTIATE_TEST_SUITE_P(Actions,
                         EveryAuditAction,
                         ::testing::Range(0, static_cast<int>(identity::kLastAuditAction) + 1));

}  // namespace
}  // namespace paddock::gateway
