// TestPeople: the services of identity over a real store in a directory of its own.
//
// Threading: made before the loop runs, on the thread that will run nothing else meanwhile; then
// as the services. Ownership: await Close before it goes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "aio/testing/run_on.h"
#include "base/check.h"
#include "identity/services.h"
#include "images/testing/temp_directory.h"
#include "store/migrations.h"
#include "store/testing/failing_database.h"
#include "store/users.h"
#include "stores/sqlite/sqlite_database.h"

namespace paddock::gateway::testing {

class TestPeople {
 public:
  explicit TestPeople(boost::asio::io_context& loop,
                      identity::TransferSandboxes transfer = {},
                      std::optional<identity::ProviderConfig> provider = std::nullopt)
      : sqlite_(Opened(loop, directory_.path() / "paddock.db")),
        database(*sqlite_),
        services(database, Config(std::move(transfer), std::move(provider)), loop.get_executor()) {
    auto migrated = aio::testing::RunUntilDone(loop, database.Migrate(store::Migrations(), Soon()));
    PADDOCK_CHECK(migrated.has_value());
    loop.restart();
  }

  static identity::ServicesConfig Config(identity::TransferSandboxes transfer,
                                         std::optional<identity::ProviderConfig> provider) {
    identity::ServicesConfig config;
    config.name_space = "test";
    config.session_lifetime = std::chrono::hours(24);
    config.ceiling = {
        .sandboxes_max = 2, .memory_max_bytes = std::int64_t{1} << 32U, .lifetime_max_s = 86'400};
    config.password_cost = {.memory_kib = 64, .passes = 1};  // cheap: nobody attacks a test
    config.transfer = std::move(transfer);
    config.provider = std::move(provider);
    return config;
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }

  static constexpr std::string_view kPassword = "a long enough secret";

  /// A user called `name` whose password is kPassword, and a session of theirs: its secret.
  aio::Task<std::string> SignIn(std::string name, Role role) {
    auto hash = co_await services.passwords.Hash(std::string(kPassword));
    PADDOCK_CHECK(hash.has_value());
    const auto now = std::chrono::system_clock::now();
    store::UserRecord user{.id = NewId<UserId>(),
                           .role = role,
                           .name = name,
                           .name_key = name,
                           .display_name = name,
                           .password_hash = *std::move(hash),
                           .created_at = now,
                           .seen_at = now};
    const store::Users users(database, services.name_space);
    const auto session = services.sessions.Make(user.id, {.address = "127.0.0.1"});
    store::Transaction transaction = services.sessions.Entry(session);
    transaction.insert(transaction.begin(), users.Insert(user));
    auto written = co_await database.Write(std::move(transaction), Soon());
    PADDOCK_CHECK(written.has_value());
    co_return session.secret;
  }

  /// The secret of a new link.
  aio::Task<std::string> MakeFirstAdminLink() {
    auto link = co_await services.links.MakeFirstAdmin(Soon());
    PADDOCK_CHECK(link.has_value());
    co_return link->secret;
  }
  aio::Task<std::string> MakeInvitation(identity::Links::Invitation invitation) {
    identity::AuditContext nobody;
    auto link =
        co_await services.links.MakeInvitation(std::move(nobody), std::move(invitation), Soon());
    PADDOCK_CHECK(link.has_value());
    co_return link->secret;
  }
  /// For the user whose id it is.
  aio::Task<std::string> MakeReset(UserId id) {
    auto user = co_await services.accounts.Find(std::move(id), Soon());
    PADDOCK_CHECK(user.has_value());
    identity::AuditContext nobody;
    auto link = co_await services.links.MakeReset(std::move(nobody), *std::move(user), Soon());
    PADDOCK_CHECK(link.has_value());
    co_return link->secret;
  }
  /// All actions in the audit log, the newest first.
  aio::Task<std::vector<std::string>> Audited() {
    store::AuditQuery query{.limit = 200};
    auto rows = co_await services.audit.List(std::move(query), Soon());
    PADDOCK_CHECK(rows.has_value());
    std::vector<std::string> actions;
    for (const store::AuditRow& row : *rows) {
      actions.push_back(row.entry.action);
    }
    co_return actions;
  }

  aio::Task<bool> Close() {
    co_await services.Close();
    co_await database.Close(Soon());
    co_return true;
  }

 private:
  static std::unique_ptr<stores::sqlite::SqliteDatabase> Opened(boost::asio::io_context& loop,
                                                                std::filesystem::path path) {
    auto opened =
        stores::sqlite::SqliteDatabase::Open(loop.get_executor(), {.path = std::move(path)});
    PADDOCK_CHECK(opened.has_value());
    return *std::move(opened);
  }

  images::TempDirectory directory_;
  std::unique_ptr<stores::sqlite::SqliteDatabase> sqlite_;

 public:
  store::testing::FailingDatabase database;
  identity::Services services;
};

}  // namespace paddock::gateway::testing
