#include "sqlrunner/testing/scripted_engine.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

namespace paddock::sqlrunner::testing {
namespace {

sql::StatementError ErrorAt(std::size_t position) {
  return {.code = "42601", .message = "no such word", .hint = "use another", .position = position};
}

}  // namespace

aio::Task<Result<void>> ScriptedSession::SendRows(std::size_t count, sql::ResultSink& sink) {
  std::vector<sql::Column> columns{
      {.name = "n", .type = "int8", .cell_type = sql::CellType::kInteger},
      {.name = "t", .type = "text", .cell_type = sql::CellType::kText}};
  auto taken = co_await sink.Columns(std::move(columns));
  for (std::size_t next = 1; taken && next <= count;) {
    sql::Rows rows(2);
    for (; next <= count && rows.row_count() < sql::kBatchRowsMax; ++next) {
      rows.Add(sql::CellType::kInteger, fmt::format("{}", next));
      if (next % 10 == 0) {
        rows.AddNull();
      } else {
        rows.Add(sql::CellType::kText, fmt::format("row \"{}\"", next % 7));
      }
    }
    taken = co_await sink.Append(std::move(rows));
  }
  co_return taken;
}

aio::Task<Result<sql::StatementOutcome>> ScriptedSession::Command(std::string tag,
                                                                  sql::ResultSink& sink) {
  sql::CommandResult result{.tag = std::move(tag), .affected_rows = 0};
  auto taken = co_await sink.Complete(std::move(result));
  if (!taken) {
    co_return Fail(std::move(taken).error());
  }
  co_return sql::StatementOutcome();
}

aio::Task<Result<sql::StatementOutcome>> ScriptedSession::Execute(std::string statement,
                                                                  sql::ResultSink& sink,
                                                                  Deadline deadline) {
  is_cancelled_ = false;
  if (statement == "lose") {
    is_open_ = false;
    co_return Fail(Code::kUnavailable, "the connection ended");
  }
  if (statement == "fail") {
    co_return ErrorAt(2);
  }
  if (statement == "wait") {
    while (!is_cancelled_) {
      auto woken = co_await cancelled_.Wait(deadline);
      if (!woken) {
        co_return Fail(std::move(woken).error());
      }
    }
    co_return sql::StatementError{.code = "57014", .message = "canceling statement"};
  }
  if (statement == "begin") {
    state_ = sql::TransactionState::kOpen;
  }
  if (statement == "notice") {
    sink.Note({.severity = "NOTICE", .code = "00000", .message = "hear"});
  }
  if (statement == "huge") {
    std::vector<sql::Column> columns{{.name = "h"}};
    auto taken = co_await sink.Columns(std::move(columns));
    sql::Rows rows(1);
    rows.Add(sql::CellType::kText, std::string(std::size_t{9} << 20U, 'x'));
    taken = co_await sink.Append(std::move(rows));
    co_return Fail(std::move(taken).error());
  }
  if (statement == "two") {
    auto first = co_await SendRows(1, sink);
    auto command = co_await Command("SELECT 1", sink);
    statement = "rows 2";
  }
  if (!statement.starts_with("rows ")) {
    auto done = co_await Command(statement, sink);
    co_return done;
  }
  const auto count = std::strtoull(statement.c_str() + 5, nullptr, 10);
  auto sent = co_await SendRows(count, sink);
  if (!sent) {
    co_return Fail(std::move(sent).error());
  }
  if (statement.ends_with("then fail")) {
    co_return ErrorAt(3);
  }
  auto done = co_await Command(fmt::format("SELECT {}", count), sink);
  co_return done;
}

aio::Task<Result<void>> ScriptedSession::Cancel(Deadline /*deadline*/) {
  is_cancelled_ = true;
  cancelled_.NotifyAll();
  co_return Result<void>();
}

aio::Task<Result<sql::Catalog>> ScriptedSession::Describe(Deadline /*deadline*/) {
  sql::Catalog catalog{.database = spec_.database};
  catalog.tables.push_back(
      {.schema = "public",
       .name = "planets",
       .columns = {{.name = "name", .type = "text"}, {.name = "Mass", .type = "numeric"}}});
  catalog.functions = {"now"};
  co_return catalog;
}

aio::Task<Result<sql::Explanation>> ScriptedSession::Explain(std::string statement,
                                                             bool analyze,
                                                             Deadline /*deadline*/) {
  sql::Explanation explanation;
  if (statement == "fail") {
    explanation.error = ErrorAt(2);
  } else {
    explanation.plan = sql::Plan{.root = {.operation = "Scan", .cost = 1.5}, .analyzed = analyze};
  }
  co_return explanation;
}

aio::Task<Result<std::unique_ptr<sql::Session>>> ScriptedEngine::Open(
    boost::asio::any_io_executor /*executor*/,
    sql::OpenSpec spec,
    std::shared_ptr<sql::Dialer> dialer,
    Deadline deadline) {
  auto dialled = co_await dialer->Dial(deadline);
  if (!dialled) {
    co_return Fail(std::move(dialled).error());
  }
  co_return std::make_unique<ScriptedSession>(std::move(spec));
}

}  // namespace paddock::sqlrunner::testing
