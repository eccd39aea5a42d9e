// PostgresDatabase: the store in a PostgreSQL server, which several servers may share.
//
// One connection for writes, so that they keep their order, and a few for reads, all pipelined.
// Passes store/testing/database_contract.h; made by app/ only.
//
// Threading: loop thread only. Ownership: Close first, then destroy.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "store/database.h"
#include "stores/postgres/pipeline.h"
#include "stores/postgres/settings.h"

namespace paddock::stores::postgres {

class PostgresDatabase final : public store::Database {
 public:
  /// `url`: postgres://user:password@host:port/database?sslmode=…. Connects once, so that a start
  /// says what is wrong: kInvalid (the URL, an old server, an encoding), kUnavailable,
  /// kDeadlineExceeded, kCancelled. No message has the password in it.
  [[nodiscard]] static aio::Task<Result<std::unique_ptr<PostgresDatabase>>> Open(std::string url,
                                                                                 Deadline deadline);

  [[nodiscard]] aio::Task<Result<void>> Migrate(std::span<const store::Migration> migrations,
                                                Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<store::Rows>> Read(store::Statement statement,
                                                    Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<std::vector<store::Rows>>> Write(store::Transaction transaction,
                                                                  Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<std::unique_ptr<store::Snapshot>>> OpenSnapshot(
      Deadline deadline) override;
  [[nodiscard]] store::DatabaseState state() const override;
  [[nodiscard]] aio::Task<void> Close(Deadline deadline) override;

 private:
  PostgresDatabase(const boost::asio::any_io_executor& executor,
                   Settings settings,
                   std::string engine);

  Settings settings_;
  store::DatabaseState state_;
  std::shared_ptr<int> snapshot_count_ = std::make_shared<int>(0);
  FailureLog log_;
  Pipeline writes_;
  std::vector<std::unique_ptr<Pipeline>> reads_;
};

}  // namespace paddock::stores::postgres
