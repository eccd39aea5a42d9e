#include "engines/postgres/postgres_engine.h"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engines/postgres/kwdb_session.h"
#include "engines/postgres/postgres_session.h"

namespace paddock::engines::postgres {
namespace {

// A server that works for nobody any more should notice; PostgreSQL 13 cannot.
constexpr std::string_view kNoticeLoss =
    "SELECT pg_catalog.set_config(name, '5s', false) FROM pg_catalog.pg_settings "
    "WHERE name = 'client_connection_check_interval';";
// KWDB is not told when whoever waits for a statement has gone.
constexpr std::string_view kLimitTime = "SET statement_timeout = '3600s';";
constexpr std::string_view kReadOnly = "SET default_transaction_read_only = on;";

void FillIn(sql::OpenSpec& spec, sql::Dialect dialect) {
  const bool is_kwdb = dialect == sql::Dialect::kKwdb;
  if (spec.user.empty()) {
    spec.user = is_kwdb ? "root" : "postgres";
  }
  if (spec.database.empty()) {
    spec.database = is_kwdb ? "defaultdb" : "postgres";
  }
}

std::string SetUpOf(const sql::OpenSpec& spec, sql::Dialect dialect) {
  std::string sql(dialect == sql::Dialect::kKwdb ? kLimitTime : kNoticeLoss);
  if (spec.read_only) {
    sql += kReadOnly;
  }
  return sql;
}

// "15.13 (Debian 15.13-0+deb12u1)", "KaiwuDB 2.2.0 (x86_64-linux-gnu, built …)": up to the bracket.
std::string VersionOf(const Opened& opened, sql::Dialect dialect) {
  const std::string_view own = opened.kwdb_version;
  if (dialect == sql::Dialect::kKwdb && !own.empty()) {
    const std::string_view name = own.substr(0, own.find(" ("));
    return name.starts_with("KaiwuDB") ? std::string(name) : fmt::format("KWDB {}", name);
  }
  const std::string_view version = opened.server_version;
  return fmt::format("{} {}", dialect == sql::Dialect::kKwdb ? "KWDB, as PostgreSQL" : "PostgreSQL",
                     version.substr(0, version.find(' ')));
}

}  // namespace

PostgresEngine::PostgresEngine(sql::Dialect dialect, std::filesystem::path directory)
    : dialect_(dialect), pool_(1), workplace_{.directory = std::move(directory), .pool = &pool_} {}

PostgresEngine::~PostgresEngine() { pool_.join(); }

aio::Task<Result<std::unique_ptr<sql::Session>>> PostgresEngine::Open(
    boost::asio::any_io_executor executor,
    sql::OpenSpec spec,
    std::shared_ptr<sql::Dialer> dialer,
    Deadline deadline) {
  FillIn(spec, dialect_);
  auto dialled = co_await dialer->Dial(deadline);
  if (!dialled) {
    co_return Fail(std::move(dialled).error());
  }
  auto opened = co_await StartUp(spec, *std::move(dialled), workplace_, deadline);
  if (!opened) {
    co_return Fail(std::move(opened).error());
  }
  std::string set_up = SetUpOf(spec, dialect_);
  std::string version = VersionOf(*opened, dialect_);
  std::unique_ptr<WireSession> session;
  if (dialect_ == sql::Dialect::kKwdb) {
    session = std::make_unique<KwdbSession>(executor, *std::move(opened), std::move(dialer),
                                            std::move(spec), workplace_);
  } else {
    session = std::make_unique<PostgresSession>(executor, *std::move(opened), std::move(dialer));
  }
  session->set_server_version(std::move(version));
  auto configured = co_await session->Configure(std::move(set_up), deadline);
  if (!configured) {
    co_return Fail(std::move(configured).error());
  }
  co_return session;
}

}  // namespace paddock::engines::postgres
