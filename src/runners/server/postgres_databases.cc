#include "runners/server/postgres_databases.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runners/server/postgres_facts.h"
#include "runners/server/postgres_rights.h"
#include "runners/server/script.h"

namespace paddock::runners::server {
namespace {

constexpr std::size_t kPieceBytesMax = std::size_t{256} << 10U;

constexpr const char* kAsk =
    "SELECT rolsuper, current_setting('max_prepared_transactions'), current_setting('fsync') = "
    "'off' "
    "AND current_setting('server_version_num')::int >= 150000 FROM pg_catalog.pg_roles "
    "WHERE rolname = current_user";
constexpr const char* kLeftDatabases =
    "SELECT datname FROM pg_catalog.pg_database WHERE starts_with(datname, 'paddock_challenge_')";
constexpr const char* kLeftRoles =
    "SELECT rolname FROM pg_catalog.pg_roles WHERE starts_with(rolname, 'paddock_challenge_')";
// Of the first tables; nothing of it is run.
constexpr const char* kWarmUp =
    "SELECT string_agg(format('EXPLAIN SELECT * FROM %I.%I;', n.nspname, c.relname), '') FROM "
    "(SELECT relname, relnamespace FROM pg_catalog.pg_class WHERE relkind = 'r' AND oid >= 16384 "
    "ORDER BY oid LIMIT 32) AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace";
// Nobody is let into any database that was not made for them.
constexpr const char* kShutOut =
    "DO $$ DECLARE name text; BEGIN FOR name IN SELECT datname FROM pg_catalog.pg_database LOOP "
    "EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', name); END LOOP; END $$";

}  // namespace

aio::Task<Result<void>> PostgresDatabases::CheckServer(Deadline deadline) {
  auto asked = co_await link().Ask(kAsk, deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  if (asked->empty() || asked->front().at(0) != "true") {
    co_return Fail(Code::kInvalid,
                   fmt::format("the role {} of challenge-postgres is not a superuser of {}",
                               link().access().user, link().access().place));
  }
  if (asked->front().at(1) != "0") {
    co_return Fail(Code::kInvalid,
                   fmt::format("the server {} of challenge-postgres has max_prepared_transactions, "
                               "by which something could be left behind: set it to 0",
                               link().access().place));
  }
  copies_files_ = asked->front().at(2) == "true";
  co_return Result<void>();
}

aio::Task<Result<bool>> PostgresDatabases::Lock(Deadline deadline) {
  // The number is one that nobody else should have.
  auto locked = co_await link().AskFirst(
      "SET lock_timeout = '5s'; SELECT pg_catalog.pg_advisory_lock(7220144160193311)", deadline);
  if (!locked && locked.error().code != Code::kConflict) {
    co_return Fail(std::move(locked).error());
  }
  co_return locked.has_value();
}

ServerDatabases::Leftovers PostgresDatabases::AskForLeftovers() const {
  return {.databases = kLeftDatabases, .accounts = kLeftRoles};
}

aio::Task<Result<void>> PostgresDatabases::DropLeftovers(TextTable databases,
                                                         TextTable accounts,
                                                         Deadline deadline) {
  std::vector<std::string> statements;
  for (const auto& row : databases) {
    statements.push_back(fmt::format("DROP DATABASE {} WITH (FORCE)", row.at(0)));
  }
  for (const auto& row : accounts) {
    statements.push_back(fmt::format("DROP ROLE {}", row.at(0)));
  }
  auto dropped = co_await AskAll(std::move(statements), deadline);
  co_return dropped;
}

std::vector<std::string> PostgresDatabases::Settings() const {
  std::vector<std::string> statements;
  statements.reserve(kPostgresSettings.size() + 1);
  for (const std::string_view setting : kPostgresSettings) {
    statements.push_back(fmt::format("ALTER ROLE ALL SET {}", setting));
  }
  statements.emplace_back(kShutOut);
  return statements;
}

aio::Task<Result<void>> PostgresDatabases::MakeDatabase(Account account,
                                                        std::string source,
                                                        Deadline deadline) {
  std::string statement = fmt::format("CREATE DATABASE {} TEMPLATE {}{}", account.name, source,
                                      copies_files_ ? " STRATEGY FILE_COPY" : "");
  auto made = co_await link().Ask(std::move(statement), deadline);
  if (!made) {
    co_return Fail(std::move(made).error().With("make a database"));
  }
  co_return Result<void>();
}

aio::Task<Result<void>> PostgresDatabases::InDatabase(std::string database,
                                                      std::string statements,
                                                      Deadline deadline) {
  auto session = co_await link().Administer(std::move(database), deadline);
  if (!session) {
    co_return Fail(std::move(session).error());
  }
  auto done = co_await AskOn(**session, std::move(statements), deadline);
  if (!done) {
    co_return Fail(std::move(done).error());
  }
  co_return Result<void>();
}

aio::Task<Result<PreparedSchema>> PostgresDatabases::Prepare(std::string script,
                                                             Deadline deadline) {
  Account account = link().NewAccount();
  auto prepared = co_await PrepareAs(account, std::move(script), deadline);
  if (!prepared) {
    co_await Undo(account.name, prepared.error());
  }
  co_return prepared;
}

aio::Task<Result<PreparedSchema>> PostgresDatabases::PrepareAs(Account account,
                                                               std::string script,
                                                               Deadline deadline) {
  auto step = co_await MakeDatabase(account, "template0", deadline);
  if (step) {
    step = co_await FillTemplate(account, std::move(script), deadline);
  }
  if (!step) {
    co_return Fail(std::move(step).error());
  }
  auto prepared = co_await Learn(account.name, deadline);
  if (!prepared) {
    co_return Fail(std::move(prepared).error());
  }
  auto sealed = co_await SealTemplate(account, deadline);
  if (!sealed) {
    co_return Fail(std::move(sealed).error());
  }
  auto readers = co_await MakeReaders(account.name, deadline);
  if (!readers) {
    co_return Fail(std::move(readers).error());
  }
  prepared->readers = *std::move(readers);
  co_return prepared;
}

aio::Task<Result<void>> PostgresDatabases::FillTemplate(Account account,
                                                        std::string script,
                                                        Deadline deadline) {
  auto role = co_await link().Ask(RoleText(account, false), deadline);
  if (!role) {
    co_return Fail(std::move(role).error());
  }
  auto owned = co_await InDatabase(account.name, OwnersRights(account.name), deadline);
  if (!owned) {
    co_return owned;
  }
  auto session = co_await link().Connect(account, deadline);
  if (!session) {
    co_return Fail(std::move(session).error());
  }
  auto pieces = ScriptPieces(script, sql::Dialect::kPostgres, kPieceBytesMax);
  auto filled = co_await RunScript(**session, std::move(pieces), deadline);
  if (filled && (*session)->transaction() != sql::TransactionState::kNone) {
    co_return Fail(Code::kInvalid, "the script begins a transaction that it does not end");
  }
  co_return filled;
}

aio::Task<Result<PreparedSchema>> PostgresDatabases::Learn(std::string database,
                                                           Deadline deadline) {
  auto session = co_await link().Administer(database, deadline);
  if (!session) {
    co_return Fail(std::move(session).error());
  }
  // Plans are then the same from the first run on, and nothing is left to be written by a reader.
  auto analyzed = co_await AskOn(**session, "VACUUM (ANALYZE)", deadline);
  if (!analyzed) {
    co_return Fail(std::move(analyzed).error());
  }
  auto tables = co_await AskAllOn(**session, kPostgresFactQueries, deadline);
  if (!tables) {
    co_return Fail(std::move(tables).error());
  }
  auto warm_up = co_await AskOn(**session, kWarmUp, deadline);
  if (!warm_up) {
    co_return Fail(std::move(warm_up).error());
  }
  PreparedSchema prepared{.source = std::move(database), .readers = Account()};
  prepared.warm_up = warm_up->empty() ? "" : warm_up->front().at(0);
  prepared.facts = PostgresFacts(*tables);
  co_return prepared;
}

// From now on nobody is in it, which is what cloning it needs.
aio::Task<Result<void>> PostgresDatabases::SealTemplate(Account account, Deadline deadline) {
  constexpr const char* kSeal =
      "ALTER ROLE {0} NOLOGIN; ALTER DATABASE {0} ALLOW_CONNECTIONS false; "
      "SELECT pg_catalog.pg_terminate_backend(pid, 5000) FROM pg_catalog.pg_stat_activity "
      "WHERE datname = '{0}'";
  auto sealed = co_await link().Ask(fmt::format(fmt::runtime(kSeal), account.name), deadline);
  if (!sealed) {
    co_return Fail(std::move(sealed).error());
  }
  co_return Result<void>();
}

aio::Task<Result<Account>> PostgresDatabases::MakeReaders(std::string source, Deadline deadline) {
  Account readers = link().NewAccount();
  auto step = co_await MakeDatabase(readers, std::move(source), deadline);
  if (step) {
    auto role = co_await link().Ask(RoleText(readers, true), deadline);
    step = role ? Result<void>() : Fail(std::move(role).error());
  }
  if (step) {
    step = co_await InDatabase(readers.name, ReadersRights(readers.name), deadline);
  }
  if (!step) {
    co_await Undo(readers.name, step.error());
  }
  if (!step) {
    co_return Fail(std::move(step).error());
  }
  co_return readers;
}

aio::Task<Result<Place>> PostgresDatabases::Make(const PreparedSchema& schema,
                                                 Use use,
                                                 Deadline deadline) {
  if (use == Use::kReader) {
    auto reader = co_await Enter(schema.readers, schema.warm_up, deadline);
    if (reader) {
      reader->database.clear();
    }
    co_return reader;
  }
  auto clone = co_await MakeClone(schema, deadline);
  co_return clone;
}

aio::Task<Result<Place>> PostgresDatabases::MakeClone(const PreparedSchema& schema,
                                                      Deadline deadline) {
  Account account = link().NewAccount();
  std::string ownership = fmt::format("REASSIGN OWNED BY {} TO {}", schema.source, account.name);
  Result<Place> clone;
  auto step = co_await MakeDatabase(account, schema.source, deadline);
  if (step) {
    auto role = co_await link().Ask(RoleText(account, false), deadline);
    step = role ? Result<void>() : Fail(std::move(role).error());
  }
  if (step) {
    step = co_await InDatabase(account.name, std::move(ownership), deadline);
  }
  if (step) {
    clone = co_await Enter(account, schema.warm_up, deadline);
  } else {
    clone = Fail(std::move(step).error());
  }
  if (!clone) {
    co_await Undo(account.name, clone.error());
  }
  co_return clone;
}

// A session reads the catalog at the first statement about a table: it does so now.
aio::Task<Result<Place>> PostgresDatabases::Enter(Account account,
                                                  std::string warm_up,
                                                  Deadline deadline) {
  Place place{.session = nullptr, .database = account.name};
  auto session = co_await link().Connect(std::move(account), deadline);
  if (!session) {
    co_return Fail(std::move(session).error());
  }
  place.session = *std::move(session);
  auto warmed = co_await AskAllOn(*place.session, "SELECT 1;" + warm_up, deadline);
  if (!warmed && warmed.error().code != Code::kConflict) {  // what is refused is only slower
    co_return Fail(std::move(warmed).error());
  }
  co_return place;
}

aio::Task<Result<void>> PostgresDatabases::BeginRun(sql::Session& session,
                                                    Use use,
                                                    std::chrono::milliseconds time,
                                                    Deadline deadline) {
  std::string statements =
      use == Use::kReader
          ? fmt::format("BEGIN READ ONLY; SET LOCAL statement_timeout = {}", time.count())
          : fmt::format("SET statement_timeout = {}", time.count());
  auto begun = co_await AskOn(session, std::move(statements), deadline);
  if (!begun) {
    co_return Fail(std::move(begun).error());
  }
  co_return Result<void>();
}

aio::Task<bool> PostgresDatabases::Renew(sql::Session& session, Deadline deadline) {
  if (session.transaction() != sql::TransactionState::kNone) {
    auto ended = co_await AskOn(session, "ROLLBACK", deadline);
    if (!ended) {
      co_return false;
    }
  }
  auto discarded = co_await AskOn(session, "DISCARD ALL", deadline);
  co_return discarded.has_value();
}

aio::Task<Result<void>> PostgresDatabases::Drop(std::string database, Deadline deadline) {
  std::vector<std::string> statements{
      fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", database),
      fmt::format("DROP ROLE IF EXISTS {}", database)};
  auto dropped = co_await AskAll(std::move(statements), deadline);
  co_return dropped;
}

// A reader may do less than its database's owner, and is told so before anything was done.
bool PostgresDatabases::WantsClone(const sql::StatementError& error) const {
  constexpr auto kStates = std::to_array<std::string_view>({"25006", "42501"});
  return std::ranges::find(kStates, error.code) != kStates.end();
}

}  // namespace paddock::runners::server
