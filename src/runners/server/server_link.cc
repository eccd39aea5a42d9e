#include "runners/server/server_link.h"

#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/encoding.h"
#include "base/random.h"

namespace paddock::runners::server {
namespace {

constexpr std::size_t kPasswordBytes = 24;
constexpr std::size_t kNameBytes = 4;

TextTable TableOf(const sql::AnswerTable& answer) {
  TextTable table;
  for (const sql::AnswerRow& row : answer.rows()) {
    std::vector<std::string> cells;
    cells.reserve(answer.columns.size());
    for (std::size_t column = 0; column < answer.columns.size(); ++column) {
      cells.push_back(row.String(column));
    }
    table.push_back(std::move(cells));
  }
  return table;
}

std::string RandomPassword() {
  std::array<std::uint8_t, kPasswordBytes> bytes{};
  FillRandom(bytes);
  return Base64UrlEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string RandomName() {
  std::array<std::uint8_t, kNameBytes> bytes{};
  FillRandom(bytes);
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

}  // namespace

aio::Task<Result<std::vector<TextTable>>> AskAllOn(sql::Session& session,
                                                   std::string statements,
                                                   Deadline deadline) {
  sql::Answer answer;
  auto outcome = co_await session.Execute(std::move(statements), answer, deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error());
  }
  if (*outcome) {
    co_return Fail(Code::kConflict, fmt::format("{} ({})", (*outcome)->message, (*outcome)->code));
  }
  std::vector<TextTable> tables;
  for (const sql::AnswerTable& table : answer.tables()) {
    tables.push_back(TableOf(table));
  }
  co_return tables;
}

aio::Task<Result<TextTable>> AskOn(sql::Session& session,
                                   std::string statement,
                                   Deadline deadline) {
  auto tables = co_await AskAllOn(session, std::move(statement), deadline);
  if (!tables) {
    co_return Fail(std::move(tables).error());
  }
  co_return tables->empty() ? TextTable() : std::move(tables->front());
}

ServerLink::ServerLink(boost::asio::any_io_executor executor,
                       sql::Engine& engine,
                       ServerAccess access)
    : executor_(std::move(executor)),
      engine_(engine),
      access_(std::move(access)),
      own_(RandomName()) {}

void ServerLink::Close() {
  is_open_ = false;
  ++generation_;
  free_.clear();
}

aio::Task<Result<void>> ServerLink::Open(Deadline deadline) {
  Close();
  const std::size_t generation = generation_;
  std::vector<std::unique_ptr<sql::Session>> opened;
  for (int count = 0; count < kSessionsMax; ++count) {
    auto session = co_await Administer("", deadline);
    if (!session) {
      co_return Fail(std::move(session).error());
    }
    opened.push_back(*std::move(session));
  }
  if (generation != generation_) {
    co_return Fail(Code::kCancelled, "closed while it was being opened");
  }
  version_ = opened.front()->server_version();
  free_ = std::move(opened);
  is_open_ = true;
  co_return Result<void>();
}

aio::Task<Result<TextTable>> ServerLink::Ask(std::string statement, Deadline deadline) {
  auto pass = co_await gate_.Enter(deadline);
  if (!pass) {
    co_return Fail(std::move(pass).error());
  }
  if (!is_open_ || free_.empty()) {
    co_return Fail(Code::kUnavailable, "the connection to the database server was lost");
  }
  const std::size_t generation = generation_;
  auto session = std::move(free_.back());
  free_.pop_back();
  auto table = co_await AskOn(*session, std::move(statement), deadline);
  if (generation != generation_) {
    co_return Fail(Code::kUnavailable, "the connection to the database server was lost");
  }
  if (session->is_open()) {
    free_.push_back(std::move(session));
  } else {
    Close();
  }
  co_return table;
}

aio::Task<Result<TextTable>> ServerLink::AskFirst(std::string statement, Deadline deadline) {
  if (!is_open_ || free_.empty()) {
    co_return Fail(Code::kUnavailable, "the connection to the database server was lost");
  }
  auto table = co_await AskOn(*free_.front(), std::move(statement), deadline);
  co_return table;
}

Account ServerLink::NewAccount() {
  return {.name = fmt::format("{}{}_{}", kDatabasePrefix, own_, ++account_count_),
          .password = RandomPassword()};
}

aio::Task<Result<std::unique_ptr<sql::Session>>> ServerLink::Connect(Account account,
                                                                     Deadline deadline) {
  sql::OpenSpec spec{.database = account.name,
                     .user = account.name,
                     .password = std::move(account.password),
                     .application_name = "paddock"};
  auto session = co_await engine_.Open(executor_, std::move(spec), access_.dialer, deadline);
  co_return session;
}

aio::Task<Result<std::unique_ptr<sql::Session>>> ServerLink::Administer(std::string database,
                                                                        Deadline deadline) {
  sql::OpenSpec spec{.database = std::move(database),
                     .user = access_.user,
                     .password = access_.password,
                     .application_name = "paddock"};
  auto session = co_await engine_.Open(executor_, std::move(spec), access_.dialer, deadline);
  co_return session;
}

}  // namespace paddock::runners::server
