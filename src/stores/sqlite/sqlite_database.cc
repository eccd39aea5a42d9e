#include "stores/sqlite/sqlite_database.h"

#include <cstddef>
#include <system_error>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "stores/sqlite/migrate.h"
#include "stores/sqlite/reader.h"
#include "stores/sqlite/snapshot.h"
#include "stores/sqlite/writer.h"

namespace paddock::stores::sqlite {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kWritesMax = 4096;  // waiting
constexpr std::size_t kReadsMax = 4096;   // waiting
constexpr int kReaderCount = 2;
constexpr int kSnapshotsMax = 4;
constexpr std::uintmax_t kCheckedSizeMax = std::uintmax_t{256} << 20U;

// A new file says first whose it is: while it has no log yet, so that the header itself says so.
Result<void> NameOwner(const SqliteConfig& config) {
  auto connection = Connection::Open(config.path, Access::kCreate, config.vfs);
  if (!connection) {
    return Fail(std::move(connection).error());
  }
  const std::string sql = fmt::format("PRAGMA application_id={}", kApplicationId);
  return (*connection)->Execute(sql.c_str());
}

std::unexpected<Error> FailDamaged(const SqliteConfig& config) {
  return Fail(Code::kInvalid,
              fmt::format("{} is damaged; it was left as it is: restore a backup, or name another "
                          "file",
                          config.path.native()));
}

// To read all of a large file would make a start slow; there a fault is found when it is met.
Result<void> CheckContent(Connection& connection, const SqliteConfig& config) {
  std::error_code failure;
  if (std::filesystem::file_size(config.path, failure) > kCheckedSizeMax || failure) {
    return {};
  }
  auto checked = connection.Run({.sql = "PRAGMA quick_check(1)"});
  if (!checked && checked.error().code != Code::kInternal) {
    return Fail(std::move(checked).error());
  }
  const store::Row fine{std::string("ok")};
  if (!checked || checked->rows.size() != 1 || checked->rows.front() != fine) {
    return FailDamaged(config);
  }
  return {};
}

}  // namespace

SqliteDatabase::SqliteDatabase(asio::any_io_executor executor,
                               SqliteConfig config,
                               DatabaseFile file)
    : executor_(std::move(executor)),
      config_(std::move(config)),
      file_(std::move(file)),
      state_{.engine = "SQLite " + LibraryVersion()},
      writes_(kWritesMax),
      reads_(kReadsMax) {}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(asio::any_io_executor executor,
                                                             SqliteConfig config) {
  auto file = config.read_only ? DatabaseFile::OpenToRead(config.path)
                               : DatabaseFile::OpenToWrite(config.path);
  if (!file) {
    return Fail(std::move(file).error());
  }
  std::unique_ptr<SqliteDatabase> database(
      new SqliteDatabase(std::move(executor), std::move(config), *std::move(file)));
  if (auto started = database->Start(); !started) {
    return Fail(std::move(started).error());
  }
  return database;
}

SqliteDatabase::~SqliteDatabase() { Stop(); }

Result<void> SqliteDatabase::Start() {
  if (config_.read_only) {
    return StartReaders();
  }
  if (file_.is_new()) {
    if (auto named = NameOwner(config_); !named) {
      return named;
    }
  }
  auto connection = Connection::Open(config_.path, Access::kWrite, config_.vfs);
  if (!connection) {
    const bool is_damaged = connection.error().code == Code::kInternal;
    return is_damaged ? FailDamaged(config_) : Fail(std::move(connection).error());
  }
  writing_ = *std::move(connection);
  if (auto checked = CheckContent(*writing_, config_); !checked) {
    return checked;
  }
  if (auto started = StartReaders(); !started) {
    return started;
  }
  threads_.emplace_back([this] { Writer(*writing_, writes_, executor_).Serve(); });
  return {};
}

Result<void> SqliteDatabase::StartReaders() {
  for (int i = 0; i < kReaderCount; ++i) {
    auto connection = Connection::Open(config_.path, Access::kRead, config_.vfs);
    if (!connection) {
      return Fail(std::move(connection).error());
    }
    reading_.push_back(*std::move(connection));
  }
  for (const auto& connection : reading_) {
    threads_.emplace_back(
        [this, reading = connection.get()] { Serve(*reading, reads_, executor_); });
  }
  return {};
}

void SqliteDatabase::Stop() {
  writes_.Close();
  reads_.Close();
  for (const CallPtr& call : pending_) {
    call->watch.abandoned = true;
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
  reading_.clear();
  writing_.reset();  // the last one, which folds the log into the file
}

aio::Task<Outcome> SqliteDatabase::Submit(CallQueue& queue, CallPtr call, Deadline deadline) {
  if (deadline.Passed()) {
    co_return Fail(Code::kDeadlineExceeded, "deadline passed before the database was asked");
  }
  call->watch.deadline = deadline;
  if (!queue.TryPush(call)) {
    co_return Fail(Code::kExhausted, "too many calls wait for the database, or it is closing");
  }
  const auto entry = pending_.insert(pending_.end(), call);
  call->done.expires_at(deadline.when());
  co_await call->done.async_wait(asio::as_tuple(asio::use_awaitable));
  pending_.erase(entry);
  idle_.NotifyAll();
  if (call->outcome) {
    Note(*call->outcome);
    co_return *std::move(call->outcome);
  }
  call->watch.abandoned = true;
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != asio::cancellation_type::none) {
    co_return Fail(Code::kCancelled, "cancelled while the database worked");
  }
  co_return Fail(Code::kDeadlineExceeded, "the database did not answer in time");
}

// What a caller did wrong says nothing about the database.
void SqliteDatabase::Note(const Outcome& outcome) {
  if (outcome) {
    state_.failure.reset();
  } else if (outcome.error().code == Code::kDiskFull ||
             outcome.error().code == Code::kUnavailable) {
    state_.failure = outcome.error().message;
  }
}

aio::Task<Result<void>> SqliteDatabase::Migrate(std::span<const store::Migration> migrations,
                                                Deadline deadline) {
  if (config_.read_only) {
    co_return Fail(Code::kInternal, "this database was opened to be read only");
  }
  auto call = std::make_shared<Call>(executor_);
  const std::vector<store::Migration> steps(migrations.begin(), migrations.end());
  call->alone = [steps](Connection& connection) { return sqlite::Migrate(connection, steps); };
  auto outcome = co_await Submit(writes_, call, deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error());
  }
  state_.schema_version = static_cast<int>(steps.size());
  co_return Result<void>();
}

aio::Task<Result<store::Rows>> SqliteDatabase::Read(store::Statement statement, Deadline deadline) {
  if (auto checked = store::CheckStatements({&statement, 1}); !checked) {
    co_return Fail(std::move(checked).error());
  }
  auto call = std::make_shared<Call>(executor_);
  call->statements.push_back(std::move(statement));
  auto outcome = co_await Submit(reads_, call, deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error());
  }
  co_return std::move(outcome->front());
}

aio::Task<Outcome> SqliteDatabase::Write(store::Transaction transaction, Deadline deadline) {
  if (config_.read_only) {
    co_return Fail(Code::kInternal, "this database was opened to be read only");
  }
  if (auto checked = store::CheckStatements(transaction); !checked) {
    co_return Fail(std::move(checked).error());
  }
  auto call = std::make_shared<Call>(executor_);
  call->statements = std::move(transaction);
  co_return co_await Submit(writes_, call, deadline);
}

aio::Task<Result<std::unique_ptr<store::Snapshot>>> SqliteDatabase::OpenSnapshot(
    Deadline deadline) {
  if (*snapshot_count_ == kSnapshotsMax) {
    co_return Fail(Code::kExhausted, "too many snapshots of the database are open");
  }
  co_return co_await sqlite::OpenSnapshot(config_.path, config_.vfs, snapshot_count_, deadline);
}

aio::Task<void> SqliteDatabase::Close(Deadline deadline) {
  writes_.Close();
  reads_.Close();
  while (!pending_.empty()) {
    auto changed = co_await idle_.Wait(deadline);
    if (!changed) {
      break;
    }
  }
  Stop();
}

}  // namespace paddock::stores::sqlite
