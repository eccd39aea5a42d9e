#include "stores/postgres/connection.h"

#include <string_view>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "stores/postgres/resolve.h"

namespace paddock::stores::postgres {
namespace asio = boost::asio;

namespace {

constexpr int kOldestVersion = 130000;
constexpr int kVersionWithConnectionCheck = 140000;
constexpr int kResultsMax = 10'000;  // of one text of SQL

// Local to the transaction, so that it ends with it.
constexpr std::string_view kPrepareTimeout =
    "PREPARE set_timeout (text) AS SELECT set_config('statement_timeout', $1, true);";
// An administrator's defaults are for other programs. What makes a commit durable is only ever
// made stronger.
constexpr std::string_view kSetUp =
    "SET standard_conforming_strings = on; SET bytea_output = hex; SET extra_float_digits = 1;"
    "SET default_transaction_isolation = 'read committed'; SET statement_timeout = 0;"
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local');";
constexpr std::string_view kSetUpRead = "SET default_transaction_read_only = on;";
// Who has stopped in the middle of a transaction must not keep its locks for ever.
constexpr std::string_view kSetUpWrite = "SET idle_in_transaction_session_timeout = '60s';";
// A server that works for nobody any more should notice.
constexpr std::string_view kSetUpCheck = "SET client_connection_check_interval = '5s';";

void IgnoreNotice(void* /*unused*/, const char* /*message*/) {}

}  // namespace

bool IsSuccess(const PGresult& result) {
  const ExecStatusType status = PQresultStatus(&result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

aio::Task<Result<std::unique_ptr<Connection>>> Connection::Connect(Settings settings,
                                                                   Mode mode,
                                                                   Deadline deadline) {
  auto resolved = co_await Resolve(settings, deadline);
  if (!resolved) {
    co_return Fail(std::move(resolved).error());
  }
  const auto executor = co_await asio::this_coro::executor;
  std::unique_ptr<Connection> connection(new Connection(executor, std::move(settings)));
  auto established = co_await connection->Establish(*std::move(resolved), deadline);
  if (!established) {
    co_return Fail(std::move(established).error());
  }
  auto ready = co_await connection->SetUp(mode, deadline);
  if (!ready) {
    co_return Fail(std::move(ready).error());
  }
  co_return connection;
}

Connection::~Connection() {
  Drop();
  if (socket_.is_open()) {
    socket_.release();
  }
  PQfinish(handle_);
}

void Connection::Drop() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

// The socket may be another one after each step, when a host has several addresses; so it is given
// back before libpq may close it.
aio::Task<Result<void>> Connection::Establish(Settings resolved, Deadline deadline) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : resolved.keywords()) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  handle_ = PQconnectStartParams(keywords.data(), values.data(), 0);
  if (handle_ == nullptr) {
    co_return Fail(Code::kExhausted, "no memory for a connection to PostgreSQL");
  }
  PQsetNoticeProcessor(handle_, &IgnoreNotice, nullptr);
  PostgresPollingStatusType step = PGRES_POLLING_WRITING;
  while (step == PGRES_POLLING_WRITING || step == PGRES_POLLING_READING) {
    if (PQstatus(handle_) == CONNECTION_BAD) {
      break;
    }
    AdoptSocket();
    const auto direction = step == PGRES_POLLING_READING ? asio::posix::descriptor_base::wait_read
                                                         : asio::posix::descriptor_base::wait_write;
    auto ready = co_await Wait(direction, deadline);
    socket_.release();
    if (!ready) {
      co_return Fail(std::move(ready).error().With("connect to PostgreSQL"));
    }
    step = PQconnectPoll(handle_);
  }
  if (step != PGRES_POLLING_OK) {
    co_return Fail(Failure());
  }
  AdoptSocket();
  PQsetnonblocking(handle_, 1);
  co_return Result<void>();
}

void Connection::AdoptSocket() {
  boost::system::error_code failure;
  socket_.assign(PQsocket(handle_), failure);  // a wait on what could not be assigned fails
}

aio::Task<Result<void>> Connection::SetUp(Mode mode, Deadline deadline) {
  const int version = PQserverVersion(handle_);
  if (version < kOldestVersion) {
    co_return Fail(
        Code::kInvalid,
        fmt::format("{} is too old: Paddock needs PostgreSQL 13 or newer", ServerName()));
  }
  const char* encoding = PQparameterStatus(handle_, "server_encoding");
  if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
    co_return Fail(Code::kInvalid,
                   fmt::format("the database {} has the encoding {}: make one with ENCODING 'UTF8'",
                               settings_.Describe(), encoding == nullptr ? "?" : encoding));
  }
  std::string sql(kSetUp);
  sql += kPrepareTimeout;
  sql += mode == Mode::kRead ? kSetUpRead : kSetUpWrite;
  sql += version >= kVersionWithConnectionCheck ? kSetUpCheck : std::string_view();
  auto done = co_await Execute(std::move(sql), deadline);
  co_return done;
}

aio::Task<Result<void>> Connection::Wait(asio::posix::descriptor_base::wait_type what,
                                         Deadline deadline) {
  asio::steady_timer timer(socket_.get_executor(), deadline.when());
  // A group of operations, not of coroutines: those would throw when they are cancelled.
  auto either = asio::experimental::make_parallel_group(socket_.async_wait(what, asio::deferred),
                                                        timer.async_wait(asio::deferred));
  auto [order, unready, stopped] = co_await either.async_wait(asio::experimental::wait_for_one(),
                                                              asio::as_tuple(asio::use_awaitable));
  if (!unready) {
    co_return Result<void>();
  }
  if (!stopped) {
    co_return Fail(Code::kDeadlineExceeded, "PostgreSQL did not answer in time");
  }
  co_return Fail(Code::kCancelled, "cancelled while waiting for PostgreSQL");
}

aio::Task<Result<void>> Connection::WaitReadable(Deadline deadline) {
  return Wait(asio::posix::descriptor_base::wait_read, deadline);
}

aio::Task<Result<void>> Connection::WaitWritable(Deadline deadline) {
  return Wait(asio::posix::descriptor_base::wait_write, deadline);
}

aio::Task<Result<void>> Connection::SendAll(Deadline deadline) {
  for (;;) {
    const int left = PQflush(handle_);
    if (left == 0) {
      co_return Result<void>();
    }
    if (left < 0) {
      co_return Fail(Failure());
    }
    auto writable = co_await WaitWritable(deadline);
    if (!writable) {
      co_return writable;
    }
  }
}

aio::Task<Result<ResultPtr>> Connection::NextResult(Deadline deadline) {
  while (PQisBusy(handle_) != 0) {
    auto readable = co_await WaitReadable(deadline);
    if (!readable) {
      co_return Fail(std::move(readable).error());
    }
    if (PQconsumeInput(handle_) == 0) {
      co_return Fail(Failure());
    }
  }
  co_return ResultPtr(PQgetResult(handle_));
}

aio::Task<Result<ResultPtr>> Connection::LastResult(Deadline deadline) {
  auto sent = co_await SendAll(deadline);
  if (!sent) {
    co_return Fail(std::move(sent).error());
  }
  ResultPtr last;
  for (int count = 0; count < kResultsMax; ++count) {
    auto next = co_await NextResult(deadline);
    if (!next) {
      co_return Fail(std::move(next).error());
    }
    if (*next == nullptr) {
      break;
    }
    if (last == nullptr || IsSuccess(*last)) {
      last = *std::move(next);
    }
  }
  if (last == nullptr) {
    co_return Fail(Failure());
  }
  co_return last;
}

aio::Task<Result<void>> Connection::Execute(std::string sql, Deadline deadline) {
  if (PQsendQuery(handle_, sql.c_str()) == 0) {
    co_return Fail(Failure());
  }
  auto result = co_await LastResult(deadline);
  if (!result) {
    co_return Fail(std::move(result).error());
  }
  if (!IsSuccess(**result)) {
    co_return Fail(ReadFailure(**result, nullptr).error);
  }
  co_return Result<void>();
}

aio::Task<Result<store::Rows>> Connection::Run(store::Statement statement, Deadline deadline) {
  auto encoded = EncodedStatement::Encode(statement);
  if (!encoded) {
    co_return Fail(std::move(encoded).error());
  }
  const auto pointers = encoded->Pointers();
  if (PQsendQueryParams(handle_, encoded->sql().c_str(), encoded->count(), encoded->types(),
                        pointers.data(), encoded->lengths(), encoded->formats(), 0) == 0) {
    co_return Fail(Failure());
  }
  auto result = co_await LastResult(deadline);
  if (!result) {
    co_return Fail(std::move(result).error());
  }
  if (!IsSuccess(**result)) {
    co_return Fail(ReadFailure(**result, &statement).error);
  }
  co_return ReadRows(**result);
}

std::string Connection::ServerName() const {
  const char* version = PQparameterStatus(handle_, "server_version");
  const std::string_view text = version == nullptr ? "?" : version;
  return fmt::format("PostgreSQL {}", text.substr(0, text.find(' ')));
}

Error Connection::Failure() const {
  return Error{.code = Code::kUnavailable,
               .message = fmt::format("PostgreSQL at {}: {}", settings_.Describe(),
                                      settings_.Scrub(PQerrorMessage(handle_)))};
}

}  // namespace paddock::stores::postgres
