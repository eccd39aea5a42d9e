#include "postgres_server.h"

#include <signal.h>

#include <system_error>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

namespace paddock::testing {
namespace {

std::filesystem::path FindPrograms() {
  std::filesystem::path newest;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", missing)) {
    if (std::filesystem::exists(entry.path() / "bin/initdb") && entry.path() > newest) {
      newest = entry.path();
    }
  }
  return newest.empty() ? newest : newest / "bin";
}

}  // namespace

PostgresServer& PostgresServer::Shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : programs_(FindPrograms()) {
  if (programs_.empty()) {
    process_.SetMissing("PostgreSQL is not installed (apt-get install postgresql)");
    return;
  }
  process_.Initialize({programs_ / "initdb", "-D", process_.directory() / "data", "-U", "paddock",
                       "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"});
  if (missing().empty()) {
    Start();
  }
}

PostgresServer::~PostgresServer() { Stop(SIGINT); }

void PostgresServer::Start() {
  process_.Start({programs_ / "postgres", "-D", process_.directory() / "data", "-k",
                  process_.directory(), "-c", "listen_addresses=", "-c", "max_connections=200",
                  // Programs are killed here, not machines: what was written stays.
                  "-c", "fsync=off"},
                 [url = Url("postgres")] { return PQping(url.c_str()) == PQPING_OK; });
}

std::string PostgresServer::MakeDatabase() {
  ++database_count_;
  std::string name = fmt::format("test_{}", database_count_);
  Ask("postgres", "CREATE DATABASE " + name);
  return name;
}

std::string PostgresServer::Url(const std::string& database,
                                const std::filesystem::path& socket_directory) const {
  const auto& directory = socket_directory.empty() ? process_.directory() : socket_directory;
  return fmt::format("postgres://paddock:hunter2@/{}?host={}", database, directory.native());
}

std::string PostgresServer::Ask(const std::string& database, const std::string& sql) const {
  PGconn* connection = PQconnectdb(Url(database).c_str());
  PGresult* result = PQexec(connection, sql.c_str());
  const bool is_fine =
      PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK;
  EXPECT_TRUE(is_fine) << PQerrorMessage(connection);
  std::string value = PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "";
  PQclear(result);
  PQfinish(connection);
  return value;
}

}  // namespace paddock::testing
