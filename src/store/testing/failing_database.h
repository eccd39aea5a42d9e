// FailingDatabase: a database that works until a test says how it fails.
//
// Threading: as Database; `failure` is set on the loop thread. Ownership: the other outlives it.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "store/database.h"

namespace paddock::store::testing {

class FailingDatabase final : public Database {
 public:
  explicit FailingDatabase(Database& other) : other_(other) {}

  std::optional<Error> read_failure;
  std::optional<Error> write_failure;
  int read_count = 0;
  int write_count = 0;

  aio::Task<Result<void>> Migrate(std::span<const Migration> migrations,
                                  Deadline deadline) override {
    return other_.Migrate(migrations, deadline);
  }
  aio::Task<Result<Rows>> Read(Statement statement, Deadline deadline) override {
    ++read_count;
    if (read_failure) {
      co_return Fail(*read_failure);
    }
    auto rows = co_await other_.Read(std::move(statement), deadline);
    co_return rows;
  }
  aio::Task<Result<std::vector<Rows>>> Write(Transaction transaction, Deadline deadline) override {
    ++write_count;
    if (write_failure) {
      co_return Fail(*write_failure);
    }
    auto written = co_await other_.Write(std::move(transaction), deadline);
    co_return written;
  }
  aio::Task<Result<std::unique_ptr<Snapshot>>> OpenSnapshot(Deadline deadline) override {
    return other_.OpenSnapshot(deadline);
  }
  [[nodiscard]] DatabaseState state() const override { return other_.state(); }
  aio::Task<void> Close(Deadline deadline) override { return other_.Close(deadline); }

 private:
  Database& other_;
};

}  // namespace paddock::store::testing
