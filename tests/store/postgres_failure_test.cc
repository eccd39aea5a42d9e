#include <signal.h>

#include <chrono>
#include <string>

#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "base/log.h"
#include "cutting_proxy.h"
#include "postgres_host.h"
#include "store/testing/test_schema.h"

namespace paddock::testing {
namespace {

using store::testing::InsertItem;
using store::testing::kTestMigrations;

constexpr int kMessagesMax = 3000;  // what takes more does not end
constexpr int kTriesMax = 200;      // until a connection is there again

class PostgresFailure : public ::testing::Test {
 protected:
  void SetUp() override {
    // That connections are lost is what happens here all the time.
    log::SetLevel(log::Level::kError);
    if (!host_.missing().empty()) {
      GTEST_SKIP() << host_.missing();
    }
  }
  void TearDown() override { CloseAll(); }

  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(60)); }
  static PostgresServer& server() { return PostgresHost::server(); }

  store::Database& Open(const std::string& url) {
    auto opened = host_.OpenAt(loop_, url);
    EXPECT_TRUE(opened) << opened.error().message;
    databases_.push_back(std::move(opened).value());
    return *databases_.back();
  }
  store::Database& OpenMigrated() {
    store::Database& database = Open(server().Url(host_.name()));
    EXPECT_TRUE(Await(database.Migrate(kTestMigrations, Soon())));
    return database;
  }
  static aio::Task<bool> CloseOf(store::Database& database) {
    co_await database.Close(Soon());
    co_return true;
  }
  void CloseAll() {
    for (const auto& database : databases_) {
      Await(CloseOf(*database));
    }
    databases_.clear();
  }
  static store::Transaction AddOne(std::string_view id = "sum") {
    return {{.sql = "UPDATE items SET number = number + 1 WHERE id = ?",
             .values = {std::string(id)},
             .if_none = Error{.code = Code::kNotFound, .message = "no sum"}},
            {.sql = "INSERT INTO items (namespace, id) SELECT 'test', 'a' || number FROM items "
                    "WHERE id = 'sum'"}};
  }
  std::int64_t Number(const std::string& sql) {
    return std::stoll(server().Ask(host_.name(), sql));
  }
  static aio::Task<bool> Pause() {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                    std::chrono::milliseconds(50));
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return true;
  }
  // Tries until the database answers again. The transaction must be one that may be repeated.
  bool WorksAgain(store::Database& database) {
    for (int i = 0; i < kTriesMax; ++i) {
      auto read = Await(database.Read({.sql = "SELECT 1"}, Soon()));
      auto written = Await(
          database.Write({{.sql = "UPDATE items SET content = 'again' WHERE id = 'sum'"}}, Soon()));
      if (read && written) {
        return true;
      }
      EXPECT_EQ((read ? written.error() : read.error()).code, Code::kUnavailable);
      Await(Pause());
    }
    return false;
  }
  // True when the n-th message was not reached any more.
  bool CutAt(int n, const store::Transaction& transaction) {
    server().Ask(host_.name(), "DELETE FROM items");
    server().Ask(host_.name(),
                 "INSERT INTO items (namespace, id, number) VALUES ('test', 'sum', 0)");
    CuttingProxy proxy(loop_, server().socket_directory());
    store::Database& database = Open(server().Url(host_.name(), proxy.socket_directory()));
    EXPECT_TRUE(WorksAgain(database));
    proxy.Arm(n);
    auto written = Await(database.Write(transaction, Soon()));
    const bool is_over = !proxy.has_cut();
    proxy.Disarm();
    // At one moment, for a server that has got all of it may still be at work.
    const std::string found =
        server().Ask(host_.name(),
                     "SELECT number || ' ' || (SELECT COUNT(*) FROM items WHERE id LIKE 'a%') "
                     "FROM items WHERE id = 'sum'");
    if (written) {
      EXPECT_EQ(found, "1 1") << n;
    } else {
      EXPECT_TRUE(found == "0 0" || found == "1 1") << n << ": " << found;
      EXPECT_EQ(written.error().code, Code::kUnavailable) << written.error().message;
    }
    EXPECT_TRUE(WorksAgain(database)) << n;
    CloseAll();
    Await(proxy.Close());
    return is_over;
  }

  boost::asio::io_context loop_;
  PostgresHost host_;
  std::vector<std::unique_ptr<store::Database>> databases_;
};

TEST_F(PostgresFailure, AConnectionCutAfterAnyMessageLeavesAllOrNothing) {
  OpenMigrated();
  CloseAll();
  int n = 1;
  while (!CutAt(n, AddOne()) && !HasFailure() && n < kMessagesMax) {
    ++n;
  }
  EXPECT_GT(n, 10);
  EXPECT_LT(n, kMessagesMax);
}

TEST_F(PostgresFailure, SoDoesOneThatNeedsNoLookBeforeItsCommit) {
  OpenMigrated();
  CloseAll();
  auto transaction = AddOne();
  transaction.front().if_none.reset();
  int n = 1;
  while (!CutAt(n, transaction) && !HasFailure() && n < kMessagesMax) {
    ++n;
  }
  EXPECT_GT(n, 10);
  EXPECT_LT(n, kMessagesMax);
}

TEST_F(PostgresFailure, AMigrationCutAfterAnyMessageCanBeGoneOnWith) {
  int n = 0;
  bool has_cut = true;
  while (has_cut && !HasFailure() && n < kMessagesMax) {
    ++n;
    PostgresHost fresh;
    CuttingProxy proxy(loop_, server().socket_directory());
    store::Database& database = Open(server().Url(fresh.name(), proxy.socket_directory()));
    proxy.Arm(n);
    auto migrated = Await(database.Migrate(kTestMigrations, Soon()));
    has_cut = proxy.has_cut();
    proxy.Disarm();
    EXPECT_TRUE(migrated || has_cut);
    auto again = Await(database.Migrate(kTestMigrations, Soon()));
    EXPECT_TRUE(again) << n << ": " << again.error().message;
    CloseAll();
    Await(proxy.Close());
    n += n / 8;  // each database is made anew, which takes a while
  }
  EXPECT_GT(n, 20);
  EXPECT_LT(n, kMessagesMax);
}

TEST_F(PostgresFailure, ARestartOfTheServerFailsCallsAndLaterOnesWork) {
  store::Database& database = OpenMigrated();
  ASSERT_TRUE(Await(database.Write({InsertItem("sum", std::int64_t{0})}, Soon())));
  server().Stop(SIGINT);
  auto read = Await(database.Read({.sql = "SELECT 1"}, Soon()));
  auto written = Await(database.Write({InsertItem("lost")}, Soon()));
  ASSERT_FALSE(read);
  ASSERT_FALSE(written);
  EXPECT_EQ(read.error().code, Code::kUnavailable) << read.error().message;
  EXPECT_EQ(written.error().code, Code::kUnavailable) << written.error().message;
  EXPECT_TRUE(database.state().failure);
  EXPECT_EQ(read.error().message.find("hunter2"), std::string::npos);
  server().Start();
  EXPECT_TRUE(WorksAgain(database));
  EXPECT_FALSE(database.state().failure);
}

TEST_F(PostgresFailure, SessionsThatAnAdministratorEndsAreMadeAgain) {
  store::Database& database = OpenMigrated();
  ASSERT_TRUE(Await(database.Write({InsertItem("sum", std::int64_t{0})}, Soon())));
  for (int round = 0; round < 3; ++round) {
    server().Ask("postgres", fmt::format("SELECT COUNT(pg_terminate_backend(pid)) FROM "
                                         "pg_stat_activity WHERE datname = '{}'",
                                         host_.name()));
    EXPECT_TRUE(WorksAgain(database));
  }
}

TEST_F(PostgresFailure, AnUnreachableServerIsSaidWithoutThePassword) {
  const images::TempDirectory nowhere;
  for (const std::string& url :
       {server().Url("postgres", nowhere.path()), server().Url("no_such_database"),
        std::string("postgres://paddock:hunter2@no-such-host.invalid/db"),
        std::string("postgres://paddock:hunter2@127.0.0.1:1/db"),
        std::string("postgres://paddock:hunter2@127.0.0.1:x/db")}) {
    auto opened = host_.OpenAt(loop_, url);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kUnavailable);
    EXPECT_EQ(opened.error().message.find("hunter2"), std::string::npos);
    EXPECT_FALSE(opened.error().message.empty());
  }
}

TEST_F(PostgresFailure, ADatabaseOfAnotherEncodingIsRefused) {
  server().Ask("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  auto opened = host_.OpenAt(loop_, server().Url("latin"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kInvalid);
  EXPECT_NE(opened.error().message.find("UTF8"), std::string::npos) << opened.error().message;
}

aio::Task<void> MigrateInto(store::Database& database, int& succeeded) {
  const auto soon = Deadline::After(std::chrono::seconds(60));
  auto migrated = co_await database.Migrate(kTestMigrations, soon);
  succeeded += static_cast<int>(migrated.has_value());
}

aio::Task<void> WriteInto(store::Database& database, store::Transaction transaction, int& good) {
  const auto soon = Deadline::After(std::chrono::seconds(60));
  auto written = co_await database.Write(std::move(transaction), soon);
  good += static_cast<int>(written.has_value());
}

aio::Task<bool> JoinOf(aio::TaskScope& scope) {
  co_await scope.Join();
  co_return true;
}

TEST_F(PostgresFailure, ServersThatStartAtOnceMigrateOnce) {
  constexpr int kServers = 6;
  aio::TaskScope scope(loop_.get_executor());
  int succeeded = 0;
  for (int i = 0; i < kServers; ++i) {
    scope.Spawn(MigrateInto(Open(server().Url(host_.name())), succeeded));
  }
  Await(JoinOf(scope));
  EXPECT_EQ(succeeded, kServers);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM schema_versions"),
            static_cast<std::int64_t>(kTestMigrations.size()));
}

TEST_F(PostgresFailure, ManyServersAtOneDatabaseLoseNothing) {
  OpenMigrated();
  server().Ask(host_.name(), "INSERT INTO items (namespace, id, number) VALUES ('test', 'sum', 0)");
  constexpr int kServers = 5;
  constexpr int kWrites = 100;
  aio::TaskScope scope(loop_.get_executor());
  int good = 0;
  for (int i = 0; i < kServers; ++i) {
    store::Database& database = Open(server().Url(host_.name()));
    for (int k = 0; k < kWrites; ++k) {
      scope.Spawn(WriteInto(database, AddOne(), good));
    }
  }
  Await(JoinOf(scope));
  EXPECT_EQ(good, kServers * kWrites);
  EXPECT_EQ(Number("SELECT number FROM items WHERE id = 'sum'"), kServers * kWrites);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items WHERE id LIKE 'a%'"), kServers * kWrites);
}

// Two servers that lock the same rows in opposite orders: the one that PostgreSQL stops tries
// again.
TEST_F(PostgresFailure, ADeadlockIsResolvedByTryingAgain) {
  store::Database& one = OpenMigrated();
  store::Database& other = Open(server().Url(host_.name()));
  ASSERT_TRUE(Await(
      one.Write({InsertItem("a", std::int64_t{0}), InsertItem("b", std::int64_t{0})}, Soon())));
  const auto add = [](const char* id) {
    return store::Statement{.sql = "UPDATE items SET number = number + 1 WHERE id = ?",
                            .values = {std::string(id)},
                            .if_none = Error{.code = Code::kNotFound, .message = "gone"}};
  };
  // Between the two locks, so that each has its first before it asks for its second.
  const store::Statement pause{.sql = "SELECT 1 FROM pg_sleep(0.2)"};
  aio::TaskScope scope(loop_.get_executor());
  int good = 0;
  scope.Spawn(WriteInto(one, {add("a"), pause, add("b")}, good));
  scope.Spawn(WriteInto(other, {add("b"), pause, add("a")}, good));
  Await(JoinOf(scope));
  EXPECT_EQ(good, 2);
  EXPECT_EQ(Number("SELECT SUM(number) FROM items"), 4);
  // The statistics come a little later.
  std::int64_t deadlocks = 0;
  for (int i = 0; i < kTriesMax && deadlocks == 0; ++i) {
    deadlocks = Number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    Await(Pause());
  }
  EXPECT_GE(deadlocks, 1);
}

TEST_F(PostgresFailure, WhoHoldsALockForTooLongIsNotWaitedForEver) {
  store::Database& database = OpenMigrated();
  store::Database& other = Open(server().Url(host_.name()));
  ASSERT_TRUE(Await(database.Write({InsertItem("sum", std::int64_t{0})}, Soon())));
  aio::TaskScope scope(loop_.get_executor());
  int good = 0;
  scope.Spawn(WriteInto(other,
                        {{.sql = "UPDATE items SET number = 5 WHERE id = 'sum'"},
                         {.sql = "SELECT 1 FROM pg_sleep(1)"}},
                        good));
  // Until the other one has its lock.
  while (Number("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                "wait_event = 'PgSleep'") == 0) {
    Await(Pause());
  }
  auto late = Await(database.Write({{.sql = "UPDATE items SET number = 6 WHERE id = 'sum'"}},
                                   Deadline::After(std::chrono::milliseconds(100))));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kDeadlineExceeded) << late.error().message;
  Await(JoinOf(scope));
  EXPECT_EQ(good, 1);
  EXPECT_TRUE(WorksAgain(database));
}

}  // namespace
}  // namespace paddock::testing
