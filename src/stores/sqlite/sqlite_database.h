// SqliteDatabase: the store in one file, for one server on one host.
//
// A write-ahead log, one thread that writes and a few that read. Passes
// store/testing/database_contract.h; made by app/ only.
//
// Threading: loop thread only, as Database says; the threads inside are its own. Ownership: what it
// has opened is closed by Close or, with less patience for what is pending, by the destructor.
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "aio/condition.h"
#include "store/database.h"
#include "stores/sqlite/call.h"
#include "stores/sqlite/connection.h"
#include "stores/sqlite/file.h"

namespace paddock::stores::sqlite {

struct SqliteConfig {
  std::filesystem::path path;
  /// Beside a server that writes; Migrate and Write fail then.
  bool read_only = false;
  /// Of sqlite3_vfs_find, for tests of failing disks; empty: the system's own.
  std::string vfs = {};  // NOLINT(readability-redundant-member-init): may be left out
};

class SqliteDatabase final : public store::Database {
 public:
  /// Blocks, so it belongs to a start. kConflict: another process serves from the file. kInvalid:
  /// the file is not ours, or damaged; it is left as it is. kNotFound, kDenied, kDiskFull,
  /// kUnavailable, kExhausted, kInternal.
  [[nodiscard]] static Result<std::unique_ptr<SqliteDatabase>> Open(
      boost::asio::any_io_executor executor, SqliteConfig config);
  ~SqliteDatabase() override;
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  [[nodiscard]] aio::Task<Result<void>> Migrate(std::span<const store::Migration> migrations,
                                                Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<store::Rows>> Read(store::Statement statement,
                                                    Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<std::vector<store::Rows>>> Write(store::Transaction transaction,
                                                                  Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<std::unique_ptr<store::Snapshot>>> OpenSnapshot(
      Deadline deadline) override;
  [[nodiscard]] store::DatabaseState state() const override { return state_; }
  [[nodiscard]] aio::Task<void> Close(Deadline deadline) override;

 private:
  SqliteDatabase(boost::asio::any_io_executor executor, SqliteConfig config, DatabaseFile file);

  [[nodiscard]] Result<void> Start();
  [[nodiscard]] Result<void> StartReaders();
  [[nodiscard]] aio::Task<Outcome> Submit(CallQueue& queue, CallPtr call, Deadline deadline);
  void Note(const Outcome& outcome);
  void Stop();

  boost::asio::any_io_executor executor_;
  SqliteConfig config_;
  DatabaseFile file_;
  store::DatabaseState state_;
  std::shared_ptr<int> snapshot_count_ = std::make_shared<int>(0);

  CallQueue writes_;
  CallQueue reads_;
  aio::Condition idle_;
  std::list<CallPtr> pending_;

  std::unique_ptr<Connection> writing_;
  std::vector<std::unique_ptr<Connection>> reading_;
  std::vector<std::thread> threads_;
};

}  // namespace paddock::stores::sqlite
