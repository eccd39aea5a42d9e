#include "runners/server/mariadb_databases.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "runners/server/mariadb_facts.h"
#include "runners/server/script.h"

namespace paddock::runners::server {
namespace {

constexpr int kLooksMax = 500;  // whether the sessions of a user have ended
constexpr int kLooksBeforeKill = 200;
constexpr std::chrono::milliseconds kLookPause{10};
constexpr std::size_t kConnectionsOfClone = 4;  // its session, those that stop it, and before them
constexpr std::size_t kConnectionsOfReaders = 8 * kReadersMax;

constexpr const char* kLeftDatabases =
    "SELECT schema_name FROM information_schema.schemata "
    "WHERE schema_name LIKE 'paddock\\_challenge\\_%'";
constexpr const char* kLeftUsers =
    "SELECT user, host FROM mysql.user WHERE user LIKE 'paddock\\_challenge\\_%'";

// In a name that is granted on, "_" would be any letter.
std::string Escaped(std::string_view name) {
  std::string escaped;
  for (const char letter : name) {
    escaped += letter == '_' ? "\\_" : std::string(1, letter);
  }
  return escaped;
}

std::vector<std::string> MakingOf(const Account& account, std::size_t connections) {
  return {fmt::format("CREATE DATABASE {} CHARACTER SET utf8mb4", account.name),
          fmt::format("CREATE USER {}@'%' IDENTIFIED BY '{}' WITH MAX_USER_CONNECTIONS {}",
                      account.name, account.password, connections),
          fmt::format("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, "
                      "ALTER, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, "
                      "SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, TRIGGER ON `{}`.* TO {}@'%'",
                      Escaped(account.name), account.name)};
}

std::vector<std::string> ReadersRights(const Account& account) {
  return {fmt::format("REVOKE ALL PRIVILEGES, GRANT OPTION FROM {}@'%'", account.name),
          fmt::format("GRANT SELECT, SHOW VIEW ON `{}`.* TO {}@'%'", Escaped(account.name),
                      account.name)};
}

}  // namespace

aio::Task<Result<void>> MariadbDatabases::CheckServer(Deadline deadline) {
  auto nobodies = co_await link().Ask("SELECT COUNT(*) FROM mysql.user WHERE user = ''", deadline);
  if (!nobodies) {
    co_return Fail(std::move(nobodies).error());
  }
  if (nobodies->front().at(0) != "0") {
    co_return Fail(Code::kInvalid,
                   fmt::format("the server {} of challenge-mariadb has users without a name, who "
                               "come before those of challenges: drop them",
                               link().access().place));
  }
  co_return Result<void>();
}

aio::Task<Result<bool>> MariadbDatabases::Lock(Deadline deadline) {
  auto locked = co_await link().AskFirst("SELECT GET_LOCK('paddock_challenges', 5)", deadline);
  if (!locked) {
    co_return Fail(std::move(locked).error());
  }
  co_return (locked->front().at(0) == "1");
}

ServerDatabases::Leftovers MariadbDatabases::AskForLeftovers() const {
  return {.databases = kLeftDatabases, .accounts = kLeftUsers};
}

aio::Task<Result<void>> MariadbDatabases::DropLeftovers(TextTable databases,
                                                        TextTable accounts,
                                                        Deadline deadline) {
  for (const auto& row : accounts) {
    auto expelled = co_await Expel(row.at(0), deadline);
    std::string drop = fmt::format("DROP USER {}@'{}'", row.at(0), row.at(1));
    auto dropped = co_await link().Ask(std::move(drop), deadline);
    if (!expelled || !dropped) {
      co_return !expelled ? expelled : Fail(std::move(dropped).error());
    }
  }
  for (const auto& row : databases) {
    auto dropped = co_await link().Ask(fmt::format("DROP DATABASE {}", row.at(0)), deadline);
    if (!dropped && dropped.error().code != Code::kConflict) {
      co_return Fail(std::move(dropped).error());
    }
    if (!dropped) {
      log::Warn("{} is left: {}", row.at(0), dropped.error().message);
    }
  }
  co_return Result<void>();
}

std::vector<std::string> MariadbDatabases::Settings() const {
  return {"SET GLOBAL local_infile = OFF", "SET GLOBAL event_scheduler = OFF"};
}

// A database in which somebody still defines things is dropped in part, and then never again; so it
// is after a kill in the middle of that, which is why sessions have some time to end by themselves.
aio::Task<Result<void>> MariadbDatabases::Expel(std::string user, Deadline deadline) {
  const std::string count =
      fmt::format("SELECT COUNT(*) FROM information_schema.processlist WHERE user = '{}'", user);
  boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
  for (int look = 0; look < kLooksMax; ++look) {
    const bool kills = look == kLooksBeforeKill;
    std::string statement = kills ? fmt::format("KILL USER {}", user) : count;
    auto left = co_await link().Ask(std::move(statement), deadline);
    if (!left) {
      co_return Fail(std::move(left).error());
    }
    if (!kills && left->front().at(0) == "0") {
      break;
    }
    pause.expires_after(kLookPause);
    auto [woken] = co_await pause.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (woken) {
      co_return Fail(Code::kCancelled, "cancelled while sessions end");
    }
  }
  co_return Result<void>();
}

// One transaction but for what a definition ends: with the disk out of the way, that is most of the
// time that rows take.
aio::Task<Result<void>> MariadbDatabases::Fill(Account account,
                                               std::string script,
                                               Deadline deadline) {
  auto session = co_await link().Connect(std::move(account), deadline);
  if (!session) {
    co_return Fail(std::move(session).error());
  }
  auto begun = co_await AskOn(**session, "SET autocommit = 0", deadline);
  if (!begun) {
    co_return Fail(std::move(begun).error());
  }
  auto filled =
      co_await RunScript(**session, ScriptPieces(script, sql::Dialect::kMariadb, 0), deadline);
  if (!filled) {
    co_return filled;
  }
  auto committed = co_await AskOn(**session, "COMMIT", deadline);
  if (!committed) {
    co_return Fail(std::move(committed).error());
  }
  co_return Result<void>();
}

aio::Task<Result<PreparedSchema>> MariadbDatabases::Prepare(std::string script, Deadline deadline) {
  Account account = link().NewAccount();
  PreparedSchema prepared{.source = "", .readers = account, .script = script};
  auto step = co_await AskAll(MakingOf(account, kConnectionsOfReaders), deadline);
  if (step) {
    step = co_await Fill(account, std::move(script), deadline);
  }
  if (step) {
    step = co_await AskAll(ReadersRights(account), deadline);
  }
  if (step) {
    auto facts = co_await LearnFacts(account.name, deadline);
    step = facts ? Result<void>() : Fail(facts.error());
    prepared.facts = facts ? *std::move(facts) : SchemaFacts();
  }
  if (!step) {
    co_await Undo(account.name, step.error());
  }
  if (!step) {
    co_return Fail(std::move(step).error());
  }
  co_return prepared;
}

aio::Task<Result<SchemaFacts>> MariadbDatabases::LearnFacts(std::string database,
                                                            Deadline deadline) {
  std::vector<TextTable> answers;
  for (std::string& query : MariadbFactQueries(database)) {
    auto answer = co_await link().Ask(std::move(query), deadline);
    if (!answer) {
      co_return Fail(std::move(answer).error());
    }
    answers.push_back(*std::move(answer));
  }
  co_return MariadbFacts(answers);
}

aio::Task<Result<Place>> MariadbDatabases::Make(const PreparedSchema& schema,
                                                Use use,
                                                Deadline deadline) {
  if (use == Use::kReader) {
    auto reader = co_await Enter(schema.readers, deadline);
    if (reader) {
      reader->database.clear();
    }
    co_return reader;
  }
  Account account = link().NewAccount();
  Result<Place> clone;
  auto step = co_await AskAll(MakingOf(account, kConnectionsOfClone), deadline);
  if (step) {
    step = co_await Fill(account, schema.script, deadline);
  }
  if (step) {
    clone = co_await Enter(account, deadline);
  } else {
    clone = Fail(std::move(step).error());
  }
  if (!clone) {
    co_await Undo(account.name, clone.error());
  }
  co_return clone;
}

aio::Task<Result<Place>> MariadbDatabases::Enter(Account account, Deadline deadline) {
  Place place{.session = nullptr, .database = account.name};
  auto session = co_await link().Connect(std::move(account), deadline);
  if (!session) {
    co_return Fail(std::move(session).error());
  }
  place.session = *std::move(session);
  co_return place;
}

aio::Task<Result<void>> MariadbDatabases::BeginRun(sql::Session& session,
                                                   Use use,
                                                   std::chrono::milliseconds time,
                                                   Deadline deadline) {
  const double seconds = std::chrono::duration<double>(time).count();
  auto limited =
      co_await AskOn(session, fmt::format("SET max_statement_time = {:.3f}", seconds), deadline);
  if (limited && use == Use::kReader) {
    limited = co_await AskOn(session, "START TRANSACTION READ ONLY", deadline);
  }
  if (!limited) {
    co_return Fail(std::move(limited).error());
  }
  co_return Result<void>();
}

// Variables, handlers and whatever else a session keeps cannot be taken back.
aio::Task<bool> MariadbDatabases::Renew(sql::Session& /*session*/, Deadline /*deadline*/) {
  co_return false;
}

aio::Task<Result<void>> MariadbDatabases::Drop(std::string database, Deadline deadline) {
  auto expelled = co_await Expel(database, deadline);
  if (!expelled) {
    co_return expelled;
  }
  std::vector<std::string> statements{fmt::format("DROP DATABASE IF EXISTS {}", database),
                                      fmt::format("DROP USER IF EXISTS {}@'%'", database)};
  auto dropped = co_await AskAll(std::move(statements), deadline);
  co_return dropped;
}

// A reader may do less than its database's owner, and is told so before anything was done.
bool MariadbDatabases::WantsClone(const sql::StatementError& error) const {
  constexpr auto kNumbers = std::to_array<std::string_view>(
      {"1792", "1044", "1142", "1143", "1227", "1370", "1356", "1449"});
  return std::ranges::find(kNumbers, error.code) != kNumbers.end();
}

}  // namespace paddock::runners::server
