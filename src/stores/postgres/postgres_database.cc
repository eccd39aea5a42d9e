#include "stores/postgres/postgres_database.h"

#include <algorithm>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "stores/postgres/migrate.h"
#include "stores/postgres/snapshot.h"

namespace paddock::stores::postgres {
namespace asio = boost::asio;

namespace {

constexpr int kReadConnectionCount = 3;
constexpr int kSnapshotsMax = 4;

}  // namespace

PostgresDatabase::PostgresDatabase(const asio::any_io_executor& executor,
                                   Settings settings,
                                   std::string engine)
    : settings_(std::move(settings)),
      state_{.engine = std::move(engine)},
      writes_(executor, settings_, Connection::Mode::kWrite, log_) {
  for (int i = 0; i < kReadConnectionCount; ++i) {
    reads_.push_back(
        std::make_unique<Pipeline>(executor, settings_, Connection::Mode::kRead, log_));
  }
}

aio::Task<Result<std::unique_ptr<PostgresDatabase>>> PostgresDatabase::Open(std::string url,
                                                                            Deadline deadline) {
  auto settings = Settings::Parse(url);
  if (!settings) {
    co_return Fail(std::move(settings).error());
  }
  auto probe = co_await Connection::Connect(*settings, Connection::Mode::kRead, deadline);
  if (!probe) {
    co_return Fail(std::move(probe).error());
  }
  const auto executor = co_await asio::this_coro::executor;
  co_return std::unique_ptr<PostgresDatabase>(
      new PostgresDatabase(executor, *std::move(settings), (*probe)->ServerName()));
}

aio::Task<Result<void>> PostgresDatabase::Migrate(std::span<const store::Migration> migrations,
                                                  Deadline deadline) {
  const std::vector<store::Migration> steps(migrations.begin(), migrations.end());
  auto migrated = co_await postgres::Migrate(settings_, steps, deadline);
  if (migrated) {
    state_.schema_version = static_cast<int>(steps.size());
  }
  co_return migrated;
}

aio::Task<Result<store::Rows>> PostgresDatabase::Read(store::Statement statement,
                                                      Deadline deadline) {
  store::Transaction transaction;
  transaction.push_back(std::move(statement));
  if (auto checked = store::CheckStatements(transaction); !checked) {
    co_return Fail(std::move(checked).error());
  }
  const auto& pipeline = *std::ranges::min_element(
      reads_, {}, [](const std::unique_ptr<Pipeline>& each) { return each->load(); });
  auto outcome = co_await pipeline->Run(std::move(transaction), deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error());
  }
  co_return std::move(outcome->front());
}

aio::Task<Outcome> PostgresDatabase::Write(store::Transaction transaction, Deadline deadline) {
  if (auto checked = store::CheckStatements(transaction); !checked) {
    co_return Fail(std::move(checked).error());
  }
  co_return co_await writes_.Run(std::move(transaction), deadline);
}

aio::Task<Result<std::unique_ptr<store::Snapshot>>> PostgresDatabase::OpenSnapshot(
    Deadline deadline) {
  if (*snapshot_count_ == kSnapshotsMax) {
    co_return Fail(Code::kExhausted, "too many snapshots of the database are open");
  }
  co_return co_await postgres::OpenSnapshot(settings_, snapshot_count_, deadline);
}

store::DatabaseState PostgresDatabase::state() const {
  store::DatabaseState state = state_;
  state.failure = writes_.failure();
  for (const auto& pipeline : reads_) {
    state.failure = state.failure ? state.failure : pipeline->failure();
  }
  return state;
}

aio::Task<void> PostgresDatabase::Close(Deadline deadline) {
  co_await writes_.Close(deadline);
  for (const auto& pipeline : reads_) {
    co_await pipeline->Close(deadline);
  }
}

}  // namespace paddock::stores::postgres
