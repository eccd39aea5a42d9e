#include "stores/postgres/migrate.h"

#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "store/migrations.h"
#include "stores/postgres/connection.h"

namespace paddock::stores::postgres {
namespace {

// Any number that other programs in the same database are unlikely to lock ("Paddock1").
constexpr const char* kTakeLock = "SELECT pg_advisory_lock(5791134797836378929)";

aio::Task<Result<std::vector<store::AppliedMigration>>> ReadApplied(Connection& connection,
                                                                    Deadline deadline) {
  auto made = co_await connection.Execute(std::string(store::kCreateSchemaVersions), deadline);
  if (!made) {
    co_return Fail(std::move(made).error());
  }
  store::Statement select{.sql = std::string(store::kSelectSchemaVersions)};
  auto rows = co_await connection.Run(std::move(select), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  co_return store::ReadHistory(*rows);
}

// What fails leaves the transaction open, and the connection's end undoes it.
aio::Task<Result<void>> RunStep(Connection& connection, store::Migration step, Deadline deadline) {
  auto begun = co_await connection.Execute("BEGIN", deadline);
  if (!begun) {
    co_return begun;
  }
  auto done = co_await connection.Execute(std::string(step.postgres), deadline);
  if (!done) {
    co_return done;
  }
  if (!connection.in_transaction()) {
    co_return Fail(Code::kInternal, "the step ended its own transaction");
  }
  auto note = store::NoteMigration(step, &store::Migration::postgres);
  auto noted = co_await connection.Run(std::move(note), deadline);
  if (!noted) {
    co_return Fail(std::move(noted).error());
  }
  auto committed = co_await connection.Execute("COMMIT", deadline);
  co_return committed;
}

}  // namespace

aio::Task<Result<void>> Migrate(Settings settings,
                                std::vector<store::Migration> migrations,
                                Deadline deadline) {
  if (deadline.Passed()) {
    co_return Fail(Code::kDeadlineExceeded, "deadline passed before the database was asked");
  }
  auto connected =
      co_await Connection::Connect(std::move(settings), Connection::Mode::kWrite, deadline);
  if (!connected) {
    co_return Fail(std::move(connected).error());
  }
  Connection& connection = **connected;
  auto locked = co_await connection.Execute(kTakeLock, deadline);
  if (!locked) {
    co_return Fail(std::move(locked).error().With("wait for another server's migration"));
  }
  auto applied = co_await ReadApplied(connection, deadline);
  if (!applied) {
    co_return Fail(std::move(applied).error());
  }
  auto pending = store::PendingMigrations(migrations, *applied, &store::Migration::postgres);
  if (!pending) {
    co_return Fail(std::move(pending).error());
  }
  for (const store::Migration& step : *pending) {
    auto done = co_await RunStep(connection, step, deadline);
    if (!done) {
      co_return Fail(std::move(done).error().With(
          fmt::format("schema version {} ('{}')", step.version, step.name)));
    }
  }
  co_return Result<void>();
}

}  // namespace paddock::stores::postgres
