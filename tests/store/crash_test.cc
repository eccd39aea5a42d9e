#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "postgres_host.h"
#include "store/testing/test_schema.h"
#include "stores/sqlite/testing/sqlite_host.h"

namespace paddock::testing {
namespace {

using store::testing::InsertItem;
using store::testing::kTestMigrations;

constexpr int kAnswerMs = 60'000;

/// A store_writer, and the numbers that it has said were acknowledged.
class Writer {
 public:
  explicit Writer(std::string url) {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    output_.Reset(ends[0]);
    const UniqueFd input(ends[1]);
    std::string program =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / "store_writer";
    std::array<char*, 3> arguments{program.data(), url.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
    EXPECT_EQ(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { Kill(); }

  void WaitFor(std::size_t count) {
    while (acknowledged_.size() < count) {
      pollfd readable{.fd = output_.get(), .events = POLLIN, .revents = 0};
      ASSERT_EQ(poll(&readable, 1, kAnswerMs), 1) << "the writer writes nothing any more";
      ASSERT_TRUE(Take()) << "the writer has ended";
    }
  }
  void Kill() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
      pid_ = -1;
    }
    while (Take()) {
    }
  }
  [[nodiscard]] const std::set<std::int64_t>& acknowledged() const { return acknowledged_; }

 private:
  bool Take() {
    std::uint32_t number = 0;
    if (!output_ || read(output_.get(), &number, sizeof number) != sizeof number) {
      return false;
    }
    acknowledged_.insert(number);
    return true;
  }

  pid_t pid_ = -1;
  UniqueFd output_;
  std::set<std::int64_t> acknowledged_;
};

class Crash : public ::testing::Test {
 protected:
  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(60)); }
  static aio::Task<bool> CloseOf(store::Database& database) {
    co_await database.Close(Soon());
    co_return true;
  }

  void Prepare(store::testing::DatabaseHost& host) {
    auto database = host.Open(loop_);
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE(Await((*database)->Migrate(kTestMigrations, Soon())));
    ASSERT_TRUE(Await((*database)->Write({InsertItem("sum", std::int64_t{0})}, Soon())));
    Await(CloseOf(**database));
  }
  store::Rows Read(store::Database& database, std::string sql) {
    store::Statement statement{.sql = std::move(sql)};
    auto rows = Await(database.Read(std::move(statement), Soon()));
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? *std::move(rows) : store::Rows();
  }
  // Every acknowledged number is there, and of each all or nothing.
  void Check(store::testing::DatabaseHost& host, const std::set<std::int64_t>& acknowledged) {
    auto database = host.Open(loop_);
    ASSERT_TRUE(database) << database.error().message;
    std::set<std::int64_t> found;
    for (const store::Row& row :
         Read(**database, "SELECT number FROM items WHERE id LIKE 'a%'").rows) {
      found.insert(std::get<std::int64_t>(row.front()));
    }
    for (const std::int64_t number : acknowledged) {
      EXPECT_TRUE(found.contains(number)) << number << " was acknowledged and is lost";
    }
    const auto counts =
        Read(**database,
             "SELECT number, (SELECT COUNT(*) FROM items WHERE id LIKE 'a%'), "
             "(SELECT COUNT(*) FROM items WHERE id LIKE 'b%') FROM items WHERE id = 'sum'");
    ASSERT_EQ(counts.rows.size(), 1U);
    EXPECT_EQ(counts.rows[0][0], counts.rows[0][1]);
    EXPECT_EQ(counts.rows[0][1], counts.rows[0][2]);
    Await(CloseOf(**database));
  }

  boost::asio::io_context loop_;
  std::minstd_rand random_{42};
};

TEST_F(Crash, AKilledWriterOfAFileLosesNothingAcknowledged) {
  stores::sqlite::testing::SqliteHost host;
  Prepare(host);
  std::set<std::int64_t> acknowledged;
  for (int round = 0; round < 20 && !HasFailure(); ++round) {
    Writer writer(host.path());
    writer.WaitFor(1 + random_() % 400);
    writer.Kill();
    acknowledged.insert(writer.acknowledged().begin(), writer.acknowledged().end());
    Check(host, acknowledged);
  }
}

TEST_F(Crash, AKilledWriterOfPostgresLosesNothingAcknowledged) {
  PostgresHost host;
  if (!host.missing().empty()) {
    GTEST_SKIP() << host.missing();
  }
  Prepare(host);
  std::set<std::int64_t> acknowledged;
  for (int round = 0; round < 5 && !HasFailure(); ++round) {
    Writer writer(PostgresHost::server().Url(host.name()));
    writer.WaitFor(1 + random_() % 300);
    writer.Kill();
    acknowledged.insert(writer.acknowledged().begin(), writer.acknowledged().end());
    Check(host, acknowledged);
  }
}

TEST_F(Crash, APostgresThatCrashesLosesNothingAcknowledged) {
  PostgresHost host;
  if (!host.missing().empty()) {
    GTEST_SKIP() << host.missing();
  }
  Prepare(host);
  std::set<std::int64_t> acknowledged;
  for (int round = 0; round < 3 && !HasFailure(); ++round) {
    Writer writer(PostgresHost::server().Url(host.name()));
    writer.WaitFor(1 + random_() % 300);
    PostgresHost::server().Stop(SIGQUIT);
    writer.Kill();
    PostgresHost::server().Start();
    acknowledged.insert(writer.acknowledged().begin(), writer.acknowledged().end());
    Check(host, acknowledged);
  }
}

}  // namespace
}  // namespace paddock::testing
