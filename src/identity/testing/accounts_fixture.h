// AccountsTest: the services of people over a real store with the real schema.
//
// Its tests run on every implementation of the store that INSTANTIATE_TEST_SUITE_P names: SQLite in
// the unit tests, a real PostgreSQL in tests/store.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "identity/services.h"
#include "store/migrations.h"
#include "store/testing/database_fixture.h"

namespace paddock::identity::testing {

class AccountsTest : public store::testing::DatabaseFixture {
 protected:
  static constexpr std::string_view kPassword = "a long enough secret";
  static constexpr std::chrono::seconds kLifetime{3600};

  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) {
      return;
    }
    auto migrated = Migrate(store::Migrations());
    ASSERT_TRUE(migrated) << migrated.error().message;
    services_ = std::make_unique<Services>(database(), Config("paddock"), loop_.get_executor());
  }
  void TearDown() override {
    if (services_ != nullptr) {
      Await(CloseServices(*services_));
    }
    services_.reset();
    DatabaseFixture::TearDown();
  }

  ServicesConfig Config(std::string name_space) {
    ServicesConfig config;
    config.name_space = std::move(name_space);
    config.session_lifetime = kLifetime;
    config.ceiling = {.sandboxes_max = 3, .memory_max_bytes = 1 << 30, .lifetime_max_s = 3600};
    config.password_cost = {.memory_kib = 64, .passes = 1};
    config.transfer = [this](UserId from, UserId to, Deadline) { return Transfer(from, to); };
    return config;
  }

  /// Notes who hands over to whom; fails while `transfer_failure_` is set.
  aio::Task<Result<void>> Transfer(UserId from, UserId to) {
    if (transfer_failure_) {
      co_return Fail(*transfer_failure_);
    }
    transfers_.emplace_back(std::move(from), std::move(to));
    co_return Result<void>();
  }

  SignedIn SignUp(const std::string& name, Role role = Role::kLearner, Arrival arrival = {}) {
    auto link = Await(services_->links.MakeInvitation({}, {.role = role}, Soon()));
    EXPECT_TRUE(link) << link.error().message;
    NewAccount account{.name = name, .password = std::string(kPassword), .display_name = {}};
    auto signed_in = Await(
        services_->sign_up.UseLink(link->secret, std::move(account), std::move(arrival), Soon()));
    EXPECT_TRUE(signed_in) << signed_in.error().message;
    return *std::move(signed_in);
  }
  Result<SignedIn> SignIn(const std::string& name,
                          std::string_view password = kPassword,
                          Arrival arrival = {}) {
    PasswordLogin login{.name = name, .password = std::string(password), .limit_key = "192.0.2.7"};
    return Await(
        services_->accounts.SignIn(std::move(login), std::move(arrival), retry_after_, Soon()));
  }
  Result<SharedPrincipal> LookUp(const std::string& secret) {
    return Await(services_->sessions.LookUp(secret, Soon()));
  }
  static AuditContext By(const SignedIn& signed_in) {
    AuditContext context = ContextOf(signed_in.user, {.address = "192.0.2.7"});
    context.principal->session = signed_in.session.record.id;
    return context;
  }
  void Execute(std::string sql, std::vector<store::Value> values = {}) {
    auto written = Write({{.sql = std::move(sql), .values = std::move(values)}});
    ASSERT_TRUE(written) << written.error().message;
  }
  std::int64_t CountOf(const std::string& table) {
    const auto count = ReadValue({.sql = "SELECT COUNT(*) FROM " + table});
    const auto* number = std::get_if<std::int64_t>(&count);
    return number == nullptr ? -1 : *number;
  }
  /// Until what was noted in the background has been written.
  void AwaitBackground() { Await(JoinOf(services_->background)); }
  static aio::Task<bool> JoinOf(aio::TaskScope& scope) {
    co_await scope.Join();
    co_return true;
  }
  static aio::Task<bool> CloseServices(Services& services) {
    co_await services.Close();
    co_return true;
  }

  std::unique_ptr<Services> services_;
  std::optional<std::chrono::milliseconds> retry_after_;
  std::optional<Error> transfer_failure_;
  std::vector<std::pair<UserId, UserId>> transfers_;
};

}  // namespace paddock::identity::testing
