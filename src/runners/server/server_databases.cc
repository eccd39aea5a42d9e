#include "runners/server/server_databases.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace paddock::runners::server {
namespace {

constexpr std::chrono::seconds kUndoTimeMax{30};

}  // namespace

void ServerDatabases::Close() {
  is_open_ = false;
  link_.Close();
}

aio::Task<Result<void>> ServerDatabases::Open(Deadline deadline) {
  is_open_ = false;
  auto opened = co_await link_.Open(deadline);
  if (opened) {
    opened = co_await Claim(deadline);
  }
  if (opened) {
    opened = co_await Sweep(deadline);
  }
  if (!opened) {
    link_.Close();
    co_return opened;
  }
  is_open_ = true;
  co_return opened;
}

aio::Task<Result<void>> ServerDatabases::Claim(Deadline deadline) {
  auto checked = co_await CheckServer(deadline);
  if (!checked) {
    co_return checked;
  }
  auto locked = co_await Lock(deadline);
  if (!locked) {
    co_return Fail(std::move(locked).error());
  }
  if (!*locked) {
    co_return Fail(
        Code::kUnavailable,
        fmt::format("another Paddock runs challenges on the server {}", link_.access().place));
  }
  co_return Result<void>();
}

aio::Task<Result<void>> ServerDatabases::Sweep(Deadline deadline) {
  Leftovers queries = AskForLeftovers();
  auto databases = co_await link_.Ask(std::move(queries.databases), deadline);
  if (!databases) {
    co_return Fail(std::move(databases).error());
  }
  auto accounts = co_await link_.Ask(std::move(queries.accounts), deadline);
  if (!accounts) {
    co_return Fail(std::move(accounts).error());
  }
  auto swept = co_await DropLeftovers(*std::move(databases), *std::move(accounts), deadline);
  if (swept) {
    swept = co_await AskAll(Settings(), deadline);
  }
  co_return swept;
}

aio::Task<Result<void>> ServerDatabases::Check(Deadline deadline) {
  auto asked = co_await link_.Ask("SELECT 1", deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  co_return Result<void>();
}

aio::Task<Result<void>> ServerDatabases::AskAll(std::vector<std::string> statements,
                                                Deadline deadline) {
  for (std::string& statement : statements) {
    auto asked = co_await link_.Ask(std::move(statement), deadline);
    if (!asked) {
      co_return Fail(std::move(asked).error());
    }
  }
  co_return Result<void>();
}

// What is cancelled would cancel its undoing, too. It is swept at the next start.
aio::Task<void> ServerDatabases::Undo(std::string database, Error error) {
  if (error.code != Code::kCancelled && is_open()) {
    auto dropped = co_await Drop(std::move(database), Deadline::After(kUndoTimeMax));
  }
}

}  // namespace paddock::runners::server
