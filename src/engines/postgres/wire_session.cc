#include "engines/postgres/wire_session.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace paddock::engines::postgres {
namespace {

constexpr std::chrono::seconds kUndoTimeMax{10};

}  // namespace

WireSession::WireSession(const boost::asio::any_io_executor& executor,
                         Opened opened,
                         std::shared_ptr<sql::Dialer> dialer)
    : dialer_(std::move(dialer)),
      cancel_request_(std::move(opened.cancel_request)),
      wire_(executor, std::move(opened.socket)) {}

Deadline WireSession::UndoDeadline() { return Deadline::After(kUndoTimeMax); }

sql::StatementOutcome WireSession::Check(std::string_view statement) {
  if (statement.size() > sql::kStatementBytesMax) {
    return sql::StatementError{
        .code = "54000",
        .message = fmt::format("the statement is larger than {} bytes", sql::kStatementBytesMax),
        .hint = "Load large data with \\copy of psql, through a forwarded port."};
  }
  const auto zero = statement.find('\0');
  if (zero != std::string_view::npos) {
    return sql::StatementError{
        .code = "22021", .message = "the statement has a zero byte in it", .position = zero};
  }
  return std::nullopt;
}

aio::Task<Result<void>> WireSession::Settle(Deadline deadline) {
  if (!wire_.is_open()) {
    co_return Fail(Code::kUnavailable, "the connection to the database was lost");
  }
  auto pass = co_await cancelling_.Enter(deadline);
  if (!pass) {
    co_return Fail(std::move(pass).error());
  }
  co_return Result<void>();
}

aio::Task<Result<sql::StatementOutcome>> WireSession::Execute(std::string statement,
                                                              sql::ResultSink& sink,
                                                              Deadline deadline) {
  if (auto wrong = Check(statement)) {
    co_return wrong;
  }
  auto prepared = co_await Prepare(statement, deadline);
  if (!prepared) {
    co_return Fail(std::move(prepared).error());
  }
  auto report = co_await Converse(QueryMessage(statement), sink, deadline);
  if (!report) {
    co_return Fail(std::move(report).error());
  }
  sql::StatementOutcome outcome;
  if (*report) {
    outcome = ErrorOf(**report, statement);
  }
  co_return outcome;
}

aio::Task<Result<std::optional<Report>>> WireSession::Converse(std::string request,
                                                               sql::ResultSink& sink,
                                                               Deadline deadline) {
  auto settled = co_await Settle(deadline);
  if (!settled) {
    co_return Fail(std::move(settled).error());
  }
  Exchange exchange(wire_, types_, sink, *this);
  is_running_ = true;
  auto report = co_await exchange.Run(std::move(request), deadline);
  is_running_ = false;
  transaction_ = exchange.transaction();
  co_return report;
}

aio::Task<Result<void>> WireSession::Cancel(Deadline deadline) {
  auto pass = co_await cancelling_.Enter(deadline);
  if (!pass) {
    co_return Fail(std::move(pass).error());
  }
  if (!is_running_) {
    co_return Result<void>();
  }
  auto requested = co_await RequestCancel(deadline);
  co_return requested;
}

aio::Task<Result<std::unique_ptr<WireSession::Asked>>> WireSession::Ask(std::string sql,
                                                                        Statements statements,
                                                                        Deadline deadline) {
  std::string request =
      statements == Statements::kOne ? SingleStatementMessages(sql) : QueryMessage(sql);
  auto asked = std::make_unique<Asked>();
  auto report = co_await Converse(std::move(request), asked->answer, deadline);
  if (!report) {
    co_return Fail(std::move(report).error());
  }
  asked->report = *std::move(report);
  co_return asked;
}

aio::Task<Result<void>> WireSession::Configure(std::string sql, Deadline deadline) {
  auto asked = co_await Ask(std::move(sql), Statements::kAny, deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  if ((*asked)->report) {
    co_return Fail(Code::kUnavailable, (*asked)->report->message);
  }
  co_return Result<void>();
}

sql::StatementError WireSession::ErrorOf(const Report& report,
                                         std::string_view text,
                                         std::size_t prefix_size) const {
  sql::StatementError error{.code = report.code,
                            .message = report.message,
                            .detail = report.detail,
                            .hint = report.hint,
                            .position = PositionOf(report, text)};
  if (error.position && *error.position < prefix_size) {
    error.position.reset();
  } else if (error.position) {
    *error.position -= prefix_size;
  }
  return error;
}

}  // namespace paddock::engines::postgres
