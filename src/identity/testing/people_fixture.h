// PeopleTest: the services of people over a real store with the real schema.
//
// Its tests run on every implementation of the store that INSTANTIATE_TEST_SUITE_P names: SQLite in
// the unit tests, a real PostgreSQL in tests/store.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "identity/audit_log.h"
#include "identity/classes.h"
#include "identity/quotas.h"
#include "identity/user_directory.h"
#include "store/migrations.h"
#include "store/testing/database_fixture.h"

namespace paddock::identity::testing {

class PeopleTest : public store::testing::DatabaseFixture {
 protected:
  static constexpr Grant kCeiling{
      .sandboxes_max = 5, .memory_max_bytes = std::int64_t{4} << 30U, .lifetime_max_s = 86'400};

  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) {
      return;
    }
    auto migrated = Migrate(store::Migrations());
    ASSERT_TRUE(migrated) << migrated.error().message;
    audit_ = std::make_unique<AuditLog>(database(), kNameSpace);
    quotas_ = std::make_unique<Quotas>(database(), kNameSpace, kCeiling);
    classes_ = std::make_unique<Classes>(database(), kNameSpace, *audit_, *quotas_);
    directory_ = std::make_unique<UserDirectory>(database(), kNameSpace, *audit_, cache_);
  }

  /// A user of the store, in the store's namespace or in another.
  Principal AddUser(Role role,
                    const std::string& name,
                    const std::string& name_space = kNameSpace) {
    Principal user{.user = NewId<UserId>(),
                   .role = role,
                   .credential = CredentialKind::kSession,
                   .name = name};
    const auto now = store::ToValue(std::chrono::system_clock::now());
    auto written = Write({{.sql = "INSERT INTO users (namespace, id, role, name, name_key, "
                                  "display_name, email, password_hash, created_at, seen_at) "
                                  "VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)",
                           .values = {name_space, user.user.value(), std::string(Name(role)), name,
                                      name, name, name + "@example.org", now, now}}});
    EXPECT_TRUE(written) << written.error().message;
    return user;
  }
  static AuditContext By(const Principal& principal) {
    return {.principal = principal, .address = "192.0.2.7"};
  }
  store::ClassRecord AddClass(const Principal& teacher, const std::string& name) {
    auto made = Await(classes_->Create(By(teacher), name, Soon()));
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }
  void AddMember(const store::ClassRecord& into, const Principal& member) {
    auto joined = Await(classes_->Join(By(member), into.join_code, Soon()));
    EXPECT_TRUE(joined) << joined.error().message;
  }
  std::vector<store::AuditRow> Audited(store::AuditQuery query = {}) {
    auto rows = Await(audit_->List(std::move(query), Soon()));
    EXPECT_TRUE(rows) << rows.error().message;
    return *std::move(rows);
  }
  /// The actions, oldest first.
  std::vector<std::string> Actions() {
    std::vector<std::string> actions;
    for (const store::AuditRow& row : Audited()) {
      actions.insert(actions.begin(), row.entry.action);
    }
    return actions;
  }
  template <class T>
  static Code CodeOf(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::kInternal : result.error().code;
  }

  inline static const std::string kNameSpace = "paddock";
  CredentialCache cache_;
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<Quotas> quotas_;
  std::unique_ptr<Classes> classes_;
  std::unique_ptr<UserDirectory> directory_;
};

}  // namespace paddock::identity::testing
