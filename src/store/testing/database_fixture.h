// DatabaseFixture: a host's store, opened, for a suite of tests over all implementations.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "store/testing/database_host.h"
#include "store/testing/test_schema.h"

namespace paddock::store::testing {

class DatabaseFixture : public ::testing::TestWithParam<StoreUnderTest> {
 protected:
  void SetUp() override {
    host_ = GetParam().make();
    if (const std::string missing = host_->missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    Open();
  }
  void TearDown() override { Close(); }

  void Open() {
    auto opened = host_->Open(loop_);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
  }
  void Close() {
    if (database_ != nullptr) {
      Await(CloseOf(*database_));
      database_.reset();
    }
  }
  void Reopen() {
    Close();
    Open();
  }

  Database& database() { return *database_; }
  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }

  Result<void> Migrate(std::span<const Migration> steps = kTestMigrations) {
    return Await(database().Migrate(steps, Soon()));
  }
  void MustMigrate() {
    auto migrated = Migrate();
    ASSERT_TRUE(migrated) << migrated.error().message;
  }
  Result<std::vector<Rows>> Write(Transaction transaction) {
    return Await(database().Write(std::move(transaction), Soon()));
  }
  Result<Rows> Read(Statement statement) {
    return Await(database().Read(std::move(statement), Soon()));
  }
  /// The only value of the only row; a text that says what went wrong instead.
  Value ReadValue(Statement statement) {
    auto rows = Read(std::move(statement));
    if (!rows || rows->rows.size() != 1 || rows->rows.front().size() != 1) {
      return rows ? "not one value" : rows.error().message;
    }
    return rows->rows.front().front();
  }
  std::int64_t ItemCount() {
    const Value count = ReadValue(CountItems());
    const auto* number = std::get_if<std::int64_t>(&count);
    return number == nullptr ? -1 : *number;
  }
  template <class T>
  static Code CodeOf(const Result<T>& result) {
    EXPECT_FALSE(result);
    return result ? Code::kNotFound : result.error().code;
  }
  static aio::Task<bool> CloseOf(Database& database) {
    co_await database.Close(Soon());
    co_return true;
  }

  boost::asio::io_context loop_;
  std::unique_ptr<DatabaseHost> host_;
  std::unique_ptr<Database> database_;
};

}  // namespace paddock::store::testing
