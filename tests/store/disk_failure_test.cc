#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "failing_vfs.h"
#include "images/testing/temp_directory.h"
#include "store/testing/test_schema.h"
#include "stores/sqlite/sqlite_database.h"

namespace paddock::testing {
namespace {

namespace fs = std::filesystem;
using store::testing::InsertItem;
using store::testing::kTestMigrations;
using stores::sqlite::SqliteDatabase;

constexpr int kStepsMax = 2000;  // a run that changes more often does not end
constexpr int kLargeBlob =
    6'000'000;  // more than SQLite's cache, and than the log before it is folded

std::string NameOf(DiskFault fault) {
  return fault == DiskFault::kFull ? "Full" : fault == DiskFault::kBroken ? "Broken" : "Gone";
}

class DiskFailure : public ::testing::TestWithParam<DiskFault> {
 protected:
  void SetUp() override { FailingVfs::Register(); }
  void TearDown() override { FailingVfs::Disarm(); }

  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(60)); }

  Result<std::unique_ptr<SqliteDatabase>> Open(const fs::path& path, bool failing) {
    return SqliteDatabase::Open(loop_.get_executor(),
                                {.path = path, .vfs = failing ? FailingVfs::kName : ""});
  }
  Result<std::unique_ptr<SqliteDatabase>> OpenMigrated(const fs::path& path, bool failing) {
    auto database = Open(path, failing);
    if (database) {
      auto migrated = Await((*database)->Migrate(kTestMigrations, Soon()));
      if (!migrated) {
        return Fail(std::move(migrated).error());
      }
    }
    return database;
  }
  static store::Transaction AddOne(bool large) {
    return {{.sql = "UPDATE items SET number = number + 1 WHERE id = 'sum'",
             .if_none = Error{.code = Code::kNotFound, .message = "no sum"}},
            {.sql = "INSERT INTO items (namespace, id, data) SELECT 'test', 'a' || number, ? FROM "
                    "items WHERE id = 'sum'",
             .values = {store::Bytes{std::string(large ? kLargeBlob : 10, 'x')}}},
            {.sql = "INSERT INTO items (namespace, id) SELECT 'test', 'b' || number FROM items "
                    "WHERE id = 'sum'"}};
  }
  // How many transactions are in the database; -1 when one is there in part, or it is damaged.
  std::int64_t WholeTransactions(store::Database& database) {
    const store::Statement ask{
        .sql =
            "SELECT number, (SELECT COUNT(*) FROM items WHERE id LIKE 'a%'), "
            "(SELECT COUNT(*) FROM items WHERE id LIKE 'b%') FROM items WHERE id = 'sum'"};
    auto rows = Await(database.Read(ask, Soon()));
    if (!rows || rows->rows.size() != 1) {
      ADD_FAILURE() << (rows ? "no sum" : rows.error().message);
      return -1;
    }
    const store::Row& row = rows->rows.front();
    return row[0] == row[1] && row[1] == row[2] ? std::get<std::int64_t>(row[0]) : -1;
  }
  // What a process would find that starts now, after this one has been killed.
  std::int64_t AfterCrash(const fs::path& path) {
    const images::TempDirectory copy;
    for (const char* suffix : {"", "-wal"}) {
      const fs::path part = path.native() + suffix;
      if (fs::exists(part)) {
        fs::copy_file(part, copy.path() / part.filename());
      }
    }
    auto database = OpenMigrated(copy.path() / path.filename(), false);
    EXPECT_TRUE(database) << database.error().message;
    return database ? WholeTransactions(**database) : -1;
  }
  // True when the n-th change was not reached any more.
  bool WriteWithFault(int n, bool large) {
    const images::TempDirectory directory;
    const fs::path path = directory.path() / "store.db";
    auto database = OpenMigrated(path, true);
    EXPECT_TRUE(database) << database.error().message;
    EXPECT_TRUE(Await((*database)->Write({InsertItem("sum", std::int64_t{0})}, Soon())));
    EXPECT_TRUE(Await((*database)->Write(AddOne(false), Soon())));
    FailingVfs::Arm(GetParam(), n);
    auto written = Await((*database)->Write(AddOne(large), Soon()));
    const bool is_over = !FailingVfs::HasFailed();
    FailingVfs::Disarm();
    const std::int64_t count = WholeTransactions(**database);
    if (written) {
      EXPECT_EQ(count, 2) << n;
      EXPECT_EQ(AfterCrash(path), 2) << n;
    } else if (written.error().code == Code::kDiskFull) {
      EXPECT_EQ(count, 1) << n;
      EXPECT_EQ(AfterCrash(path), 1) << n;
    } else {
      // It may have happened, wholly.
      EXPECT_EQ(written.error().code, Code::kUnavailable) << written.error().message;
      EXPECT_GE(count, 1) << n;
      EXPECT_GE(AfterCrash(path), 1) << n;
    }
    // The disk is well again, and so is the store, without having been opened again.
    auto again = Await((*database)->Write(AddOne(false), Soon()));
    EXPECT_TRUE(again) << n << ": " << again.error().message;
    EXPECT_EQ(WholeTransactions(**database), count + 1) << n;
    EXPECT_EQ(AfterCrash(path), count + 1) << n;
    return is_over;
  }

  boost::asio::io_context loop_;
};

TEST_P(DiskFailure, AtAnyStepOfASmallTransactionLeavesAllOrNothing) {
  int n = 1;
  while (!WriteWithFault(n, false) && !HasFailure() && n < kStepsMax) {
    ++n;
  }
  EXPECT_GT(n, 1);
  EXPECT_LT(n, kStepsMax);
}

// It spills out of the cache into the log before it is committed, and the log is folded into the
// file after that.
TEST_P(DiskFailure, AtAnyStepOfALargeTransactionLeavesAllOrNothing) {
  // There are thousands of steps, alike but for the first and the last ones.
  int n = 1;
  while (!WriteWithFault(n, true) && !HasFailure()) {
    n += n < 10 ? 1 : n / 3;
  }
  EXPECT_GT(n, 100);
}

TEST_P(DiskFailure, AtAnyStepOfTheFirstStartLeavesAStoreThatStarts) {
  int n = 0;
  bool has_failed = true;
  while (has_failed && !HasFailure() && n < kStepsMax) {
    ++n;
    const images::TempDirectory directory;
    const fs::path path = directory.path() / "store.db";
    FailingVfs::Arm(GetParam(), n);
    {
      auto opened = OpenMigrated(path, true);
      has_failed = FailingVfs::HasFailed();
      EXPECT_TRUE(opened || has_failed) << opened.error().message;
    }
    FailingVfs::Disarm();
    auto database = OpenMigrated(path, true);
    ASSERT_TRUE(database) << n << ": " << database.error().message;
    EXPECT_TRUE(Await((*database)->Write({InsertItem("a")}, Soon())));
  }
  EXPECT_GT(n, 5);
  EXPECT_LT(n, kStepsMax);
}

TEST_P(DiskFailure, AtAnyStepOfAMigrationLeavesAVersion) {
  int n = 0;
  bool has_failed = true;
  while (has_failed && !HasFailure() && n < kStepsMax) {
    ++n;
    const images::TempDirectory directory;
    const fs::path path = directory.path() / "store.db";
    auto database = Open(path, true);
    ASSERT_TRUE(database);
    const auto first = std::span(kTestMigrations).first(1);
    ASSERT_TRUE(Await((*database)->Migrate(first, Soon())));
    ASSERT_TRUE(Await((*database)->Write({InsertItem("sum", std::int64_t{0})}, Soon())));
    FailingVfs::Arm(GetParam(), n);
    auto migrated = Await((*database)->Migrate(kTestMigrations, Soon()));
    has_failed = FailingVfs::HasFailed();
    FailingVfs::Disarm();
    EXPECT_TRUE(migrated || has_failed);
    EXPECT_EQ(AfterCrash(path), 0) << n;
    auto again = Await((*database)->Migrate(kTestMigrations, Soon()));
    EXPECT_TRUE(again) << n << ": " << again.error().message;
    EXPECT_EQ(WholeTransactions(**database), 0);
  }
  EXPECT_GT(n, 3);
  EXPECT_LT(n, kStepsMax);
}

TEST_P(DiskFailure, AtAnyStepOfTheEndLosesNothing) {
  int n = 0;
  bool has_failed = true;
  while (has_failed && !HasFailure() && n < kStepsMax) {
    ++n;
    const images::TempDirectory directory;
    const fs::path path = directory.path() / "store.db";
    {
      auto database = OpenMigrated(path, true);
      ASSERT_TRUE(database);
      ASSERT_TRUE(Await((*database)->Write({InsertItem("sum", std::int64_t{0})}, Soon())));
      ASSERT_TRUE(Await((*database)->Write(AddOne(false), Soon())));
      FailingVfs::Arm(GetParam(), n);
    }
    has_failed = FailingVfs::HasFailed();
    FailingVfs::Disarm();
    EXPECT_EQ(AfterCrash(path), 1) << n;
    auto database = OpenMigrated(path, true);
    ASSERT_TRUE(database) << n << ": " << database.error().message;
    EXPECT_EQ(WholeTransactions(**database), 1) << n;
  }
  EXPECT_GT(n, 1);
  EXPECT_LT(n, kStepsMax);
}

INSTANTIATE_TEST_SUITE_P(Sqlite,
                         DiskFailure,
                         ::testing::Values(DiskFault::kFull, DiskFault::kBroken, DiskFault::kGone),
                         [](const auto& parameter) { return NameOf(parameter.param); });

}  // namespace
}  // namespace paddock::testing
