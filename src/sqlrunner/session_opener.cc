#include "sqlrunner/session_opener.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/random.h"
#include "sqlrunner/external_dialer.h"
#include "sqlrunner/role_check.h"

namespace paddock::sqlrunner {
namespace {

constexpr std::string_view kMariadbSocket = "unix:/run/mysqld/mysqld.sock";
constexpr std::string_view kSqliteDefault = "/root/playground.db";

/// Asks the server for connections into one sandbox.
class SandboxDialer final : public sql::Dialer {
 public:
  SandboxDialer(ClientChannel& channel, DialRequest request)
      : channel_(channel), request_(std::move(request)) {}

  aio::Task<Result<UniqueFd>> Dial(Deadline deadline) override {
    auto dialled = co_await channel_.Dial(request_, deadline);
    if (!dialled) {
      co_return Fail(std::move(dialled).error());
    }
    co_return std::move(dialled->socket);
  }

 private:
  ClientChannel& channel_;
  DialRequest request_;
};

/// Where the image of this engine has its server.
std::string TargetOf(const OpenMessage& open) {
  constexpr std::uint16_t kPostgresPort = 5432;
  constexpr std::uint16_t kKwdbPort = 26257;
  switch (open.engine) {
    case sql::Dialect::kPostgres: return fmt::format("tcp:{}", open.port.value_or(kPostgresPort));
    case sql::Dialect::kKwdb: return fmt::format("tcp:{}", open.port.value_or(kKwdbPort));
    case sql::Dialect::kMariadb:
      return open.port ? fmt::format("tcp:{}", *open.port) : std::string(kMariadbSocket);
    case sql::Dialect::kSqlite: return "program:sqlite";
  }
  return {};
}

void FillIn(OpenMessage& open) {
  if (open.engine == sql::Dialect::kSqlite) {
    open.database = open.database.empty() ? std::string(kSqliteDefault) : open.database;
    return;
  }
  if (open.user.empty()) {
    open.user = "root";
  }
  if (open.database.empty() && open.engine != sql::Dialect::kMariadb) {
    open.database = open.engine == sql::Dialect::kPostgres ? "postgres" : "defaultdb";
  }
}

Result<void> CheckPath(const OpenMessage& open) {
  if (open.engine == sql::Dialect::kSqlite && open.database != ":memory:" &&
      !open.database.starts_with('/')) {
    return Fail(Code::kInvalid, "database must be an absolute path in the sandbox, or :memory:");
  }
  return {};
}

Result<sql::Engine*> FindEngine(const Engines& engines, sql::Dialect dialect) {
  const auto engine = engines.find(dialect);
  if (engine == engines.end()) {
    return Fail(Code::kInvalid, fmt::format("this server has no engine {}", sql::Name(dialect)));
  }
  return engine->second;
}

/// By it some databases find the session that is to be cancelled, so nobody may guess it.
std::string UniqueName() {
  std::array<std::uint8_t, 12> random{};
  FillRandom(random);
  return fmt::format("paddock-{:02x}", fmt::join(random, ""));
}

sql::OpenSpec SpecOf(const OpenMessage& open) {
  return {.database = open.database,
          .user = open.user,
          .password = open.password,
          .application_name = UniqueName(),
          .read_only = false};
}

/// A database that an admin has registered: where it is and who reads it, the server knows.
aio::Task<Result<OpenOutcome>> OpenExternal(OpenContext context,
                                            OpenMessage open,
                                            Deadline deadline) {
  DialRequest request{.number = 0, .sandbox = {}, .target = {}, .external = open.external};
  auto dialled = co_await context.channel.Dial(std::move(request), deadline);
  if (!dialled) {
    co_return Fail(std::move(dialled).error());
  }
  const auto dialect = dialled->address ? sql::ParseDialect(dialled->address->engine)
                                        : std::optional<sql::Dialect>();
  if (!dialect) {
    co_return Fail(Code::kInvalid, "the registered database is of no engine that is known");
  }
  auto engine = FindEngine(context.engines, *dialect);
  if (!engine) {
    co_return Fail(std::move(engine).error());
  }
  ExternalAddress& address = *dialled->address;
  sql::OpenSpec spec{.database = address.database,
                     .user = address.user,
                     .password = address.password,
                     .application_name = UniqueName(),
                     .read_only = true};
  OpenOutcome outcome{.session = nullptr,
                      .dialect = *dialect,
                      .dialer = nullptr,
                      .database = address.database,
                      .user = address.user,
                      .read_only = true};
  auto dialer =
      std::make_shared<ExternalDialer>(std::move(address), context.egress, context.relays);
  outcome.dialer = dialer;
  auto session = co_await (*engine)->Open(context.executor, std::move(spec), dialer, deadline);
  if (!session) {
    co_return Fail(dialer->refusal() ? *dialer->refusal() : std::move(session).error());
  }
  auto checked = co_await CheckRole(**session, *dialect, deadline);
  if (!checked) {
    co_return Fail(std::move(checked).error());
  }
  outcome.session = *std::move(session);
  co_return outcome;
}

}  // namespace

aio::Task<Result<OpenOutcome>> OpenSession(OpenContext context,
                                           OpenMessage open,
                                           Deadline deadline) {
  if (!open.external.empty()) {
    auto external = co_await OpenExternal(std::move(context), std::move(open), deadline);
    co_return external;
  }
  FillIn(open);
  auto engine = FindEngine(context.engines, open.engine);
  if (!engine) {
    co_return Fail(std::move(engine).error());
  }
  auto checked = CheckPath(open);
  if (!checked) {
    co_return Fail(std::move(checked).error());
  }
  DialRequest request{
      .number = 0, .sandbox = open.sandbox, .target = TargetOf(open), .external = {}};
  auto dialer = std::make_shared<SandboxDialer>(context.channel, std::move(request));
  auto spec = SpecOf(open);
  auto session = co_await (*engine)->Open(context.executor, std::move(spec), dialer, deadline);
  if (!session) {
    co_return Fail(std::move(session).error());
  }
  OpenOutcome outcome{.session = *std::move(session),
                      .dialect = open.engine,
                      .dialer = std::move(dialer),
                      .database = std::move(open.database),
                      .user = std::move(open.user),
                      .read_only = false};
  co_return outcome;
}

}  // namespace paddock::sqlrunner
