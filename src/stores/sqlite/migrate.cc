#include "stores/sqlite/migrate.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "store/migrations.h"

namespace paddock::stores::sqlite {
namespace {

Result<std::span<const store::Migration>> Pending(Connection& connection,
                                                  std::span<const store::Migration> migrations) {
  if (auto made = connection.Run({.sql = std::string(store::kCreateSchemaVersions)}); !made) {
    return Fail(std::move(made).error());
  }
  auto rows = connection.Run({.sql = std::string(store::kSelectSchemaVersions)});
  if (!rows) {
    return Fail(std::move(rows).error());
  }
  auto history = store::ReadHistory(*rows);
  if (!history) {
    return Fail(std::move(history).error());
  }
  return store::PendingMigrations(migrations, *history, &store::Migration::sqlite);
}

Result<void> CheckReferences(Connection& connection) {
  auto broken = connection.Run({.sql = "PRAGMA foreign_key_check"});
  if (!broken) {
    return Fail(std::move(broken).error());
  }
  if (!broken->rows.empty()) {
    return Fail(Code::kInternal,
                fmt::format("{} rows refer to rows that are not there", broken->rows.size()));
  }
  return {};
}

Result<void> RunStep(Connection& connection, const store::Migration& step) {
  const std::string text(step.sqlite);
  if (auto done = connection.Execute(text.c_str()); !done) {
    return done;
  }
  if (!connection.InTransaction()) {
    return Fail(Code::kInternal, "the step ended its own transaction");
  }
  if (auto checked = CheckReferences(connection); !checked) {
    return checked;
  }
  auto noted = connection.Run(store::NoteMigration(step, &store::Migration::sqlite));
  if (!noted) {
    return Fail(std::move(noted).error());
  }
  return {};
}

// One transaction: the lock is taken, then the history read, so that of two processes the second
// finds the first one's work. True when nothing is left to do.
Result<bool> DoNext(Connection& connection, std::span<const store::Migration> migrations) {
  auto pending = Pending(connection, migrations);
  if (!pending) {
    return Fail(std::move(pending).error());
  }
  if (pending->empty()) {
    return true;
  }
  const store::Migration& step = pending->front();
  if (auto done = RunStep(connection, step); !done) {
    return Fail(std::move(done).error().With(
        fmt::format("schema version {} ('{}')", step.version, step.name)));
  }
  return false;
}

Result<bool> CommitNext(Connection& connection, std::span<const store::Migration> migrations) {
  if (auto begun = connection.Execute("BEGIN IMMEDIATE"); !begun) {
    return Fail(std::move(begun).error());
  }
  auto is_done = DoNext(connection, migrations);
  if (is_done) {
    if (auto committed = connection.Execute("COMMIT"); !committed) {
      is_done = Fail(std::move(committed).error());
    }
  }
  if (connection.InTransaction()) {
    [[maybe_unused]] const auto rolled_back = connection.Execute("ROLLBACK");
  }
  return is_done;
}

}  // namespace

Result<void> Migrate(Connection& connection, std::span<const store::Migration> migrations) {
  // A table that is rebuilt would take what refers to it along; each step is checked as a whole
  // instead. SQLite ignores this pragma inside a transaction.
  if (auto off = connection.Execute("PRAGMA foreign_keys=OFF"); !off) {
    return off;
  }
  Result<bool> is_done = false;
  while (is_done && !*is_done) {
    is_done = CommitNext(connection, migrations);
  }
  auto on = connection.Execute("PRAGMA foreign_keys=ON");
  if (!is_done) {
    return Fail(std::move(is_done).error());
  }
  return on;
}

}  // namespace paddock::stores::sqlite
