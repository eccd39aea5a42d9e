// QuestionsTest: the question bank over a real store with the real schema.
//
// Its tests run on every implementation of the store that INSTANTIATE_TEST_SUITE_P names: SQLite in
// the unit tests, a real PostgreSQL in tests/store.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "identity/audit_log.h"
#include "questions/services.h"
#include "questions/testing/sqlite_runner.h"
#include "store/migrations.h"
#include "store/testing/database_fixture.h"

namespace paddock::questions::testing {

inline constexpr std::string_view kUsersSchema =
    "id: users\ntitle: {en: Users, zh: 用户}\nsql: |\n"
    "  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n"
    "data_sql: INSERT INTO users (id, name) VALUES (1, 'John'), (2, 'Jane');\n"
    "hidden_sql: [\"INSERT INTO users VALUES (1, 'John'), (2, 'Jane'), (3, 'Jim');\"]\n";

/// A question of it, whose right answer is `SELECT * FROM users;`.
[[nodiscard]] inline std::string UsersQuestion(std::string_view id, std::string_view more = "") {
  return fmt::format(
      "id: {}\nschema: users\ntitle: All users\ndescription: List **all**.\ndifficulty: easy\n"
      "category: Basics\nreferences: ['SELECT * FROM users;']\n{}",
      id, more);
}

class QuestionsTest : public store::testing::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) {
      return;
    }
    auto migrated = Migrate(store::Migrations());
    ASSERT_TRUE(migrated) << migrated.error().message;
    audit_ = std::make_unique<identity::AuditLog>(database(), kNameSpace);
    services_ = std::make_unique<Services>(database(), kNameSpace, runner_, *audit_);
    auto schema =
        Await(services_->authoring.CreateSchema(By(author_), std::string(kUsersSchema), Soon()));
    ASSERT_TRUE(schema) << schema.error().message;
  }
  void TearDown() override {
    services_.reset();
    audit_.reset();
    DatabaseFixture::TearDown();
  }

  static identity::AuditContext By(const UserId& user) {
    return {.principal = identity::Principal{.user = user, .role = Role::kTeacher},
            .address = "192.0.2.7"};
  }
  BankQuestionRef AddQuestion(std::string_view id, std::string_view more = "") {
    auto made = Await(
        services_->authoring.CreateQuestion(By(author_), UsersQuestion(id, more), "", Soon()));
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : nullptr;
  }
  Result<Graded> Submit(const UserId& user, BankQuestionRef question, std::string query) {
    return Await(attempts_->Submit(user, std::move(question), std::move(query), Soon()));
  }
  /// An account, of which leaderboards know.
  UserId AddUser(const std::string& name) {
    auto id = NewId<UserId>();
    const auto now = store::ToValue(std::chrono::system_clock::now());
    auto written = Write({{.sql = "INSERT INTO users (namespace, id, role, name, name_key, "
                                  "display_name, created_at, seen_at) "
                                  "VALUES (?, ?, 'learner', ?, ?, ?, ?, ?)",
                           .values = {kNameSpace, id.value(), name, name, name, now, now}}});
    EXPECT_TRUE(written) << written.error().message;
    return id;
  }
  /// Attempts whose clock stands at `now_`.
  void UseClock() {
    attempts_ = std::make_unique<Attempts>(database(), kNameSpace, services_->grader, *audit_,
                                           [this] { return now_; });
  }

  inline static const std::string kNameSpace = "paddock";

  SqliteRunner runner_;
  UserId author_ = NewId<UserId>();
  store::SystemTime now_ = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26);  // a Thursday
  std::unique_ptr<identity::AuditLog> audit_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<Attempts> attempts_;
};

}  // namespace paddock::questions::testing
