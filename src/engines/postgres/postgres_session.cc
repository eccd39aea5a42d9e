#include "engines/postgres/postgres_session.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "engines/postgres/catalog.h"
#include "engines/postgres/json_plan.h"
#include "engines/postgres/position.h"

namespace paddock::engines::postgres {
namespace {

constexpr std::string_view kExplain = "EXPLAIN (FORMAT JSON) ";
constexpr std::string_view kAnalyze = "EXPLAIN (FORMAT JSON, ANALYZE, BUFFERS) ";

/// What is done before a statement that is going to be undone, and how it is undone.
struct Frame {
  const char* begin;
  const char* undo;
};
constexpr Frame kTransaction{.begin = "BEGIN", .undo = "ROLLBACK"};
constexpr Frame kSavepoint{
    .begin = "SAVEPOINT paddock_explain",
    .undo = "ROLLBACK TO SAVEPOINT paddock_explain; RELEASE SAVEPOINT paddock_explain"};

// Statements of definition give no rows of new types themselves, but whoever comes after them may.
bool DefinesThings(std::string_view statement) {
  constexpr std::array<std::string_view, 7> kVerbs{"create", "alter",   "drop", "do",
                                                   "call",   "comment", "grant"};
  std::string first;
  for (const char c : statement.substr(0, statement.find_first_of(" \t\r\n(;"))) {
    first += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return std::ranges::find(kVerbs, first) != kVerbs.end();
}

}  // namespace

PostgresSession::PostgresSession(const boost::asio::any_io_executor& executor,
                                 Opened opened,
                                 std::shared_ptr<sql::Dialer> dialer)
    : WireSession(executor, std::move(opened), std::move(dialer)), executor_(executor) {}

// The server closes a connection that asks for a cancel once it has passed it on.
aio::Task<Result<void>> PostgresSession::RequestCancel(Deadline deadline) {
  auto dialled = co_await dialer().Dial(deadline);
  if (!dialled) {
    co_return Fail(std::move(dialled).error());
  }
  Wire wire(executor_, *std::move(dialled));
  auto sent = co_await wire.Send(cancel_request(), deadline);
  if (!sent) {
    co_return sent;
  }
  auto closed = co_await wire.Fill(deadline);
  if (!closed && wire.is_open()) {
    wire.Close();
    co_return closed;
  }
  wire.Close();
  co_return Result<void>();
}

aio::Task<Result<void>> PostgresSession::Prepare(std::string_view statement, Deadline deadline) {
  if (DefinesThings(statement)) {
    are_types_stale_ = true;
    co_return Result<void>();
  }
  if (!are_types_stale_ || transaction() == sql::TransactionState::kFailed) {
    co_return Result<void>();
  }
  auto asked = co_await Ask(kTypesQuery, Statements::kAny, deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  if (!(*asked)->report) {
    types().Learn((*asked)->answer.table(0));
  }
  are_types_stale_ = false;  // names are a convenience: what could not be learnt is not asked again
  co_return Result<void>();
}

std::optional<std::size_t> PostgresSession::PositionOf(const Report& report,
                                                       std::string_view text) const {
  return report.position ? ByteOfCharacter(text, *report.position) : std::nullopt;
}

aio::Task<Result<sql::Catalog>> PostgresSession::Describe(Deadline deadline) {
  if (transaction() == sql::TransactionState::kFailed) {
    co_return Fail(Code::kConflict,
                   "the transaction has failed, and the database answers nothing until ROLLBACK");
  }
  auto asked = co_await Ask(CatalogQueries(), Statements::kAny, deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  if ((*asked)->report) {
    co_return Fail(Code::kUnavailable, (*asked)->report->message);
  }
  co_return ReadCatalog((*asked)->answer);
}

aio::Task<Result<sql::Explanation>> PostgresSession::Explain(std::string statement,
                                                             bool analyze,
                                                             Deadline deadline) {
  if (auto wrong = Check(statement)) {
    co_return sql::Explanation{.error = std::move(wrong)};
  }
  if (!analyze || transaction() == sql::TransactionState::kFailed) {
    auto explained = co_await ExplainOnce(std::move(statement), analyze, deadline);
    co_return explained;
  }
  // A statement that only looks harmless may call a function that changes things: all are undone.
  const Frame& frame = transaction() == sql::TransactionState::kOpen ? kSavepoint : kTransaction;
  auto begun = co_await Configure(frame.begin, deadline);
  if (!begun) {
    co_return Fail(std::move(begun).error());
  }
  auto explained = co_await ExplainOnce(std::move(statement), analyze, deadline);
  if (!is_open()) {
    co_return explained;
  }
  auto undone = co_await Configure(frame.undo, UndoDeadline());
  if (!undone) {
    co_return Fail(std::move(undone).error());
  }
  co_return explained;
}

aio::Task<Result<sql::Explanation>> PostgresSession::ExplainOnce(std::string statement,
                                                                 bool analyze,
                                                                 Deadline deadline) {
  const std::string_view prefix = analyze ? kAnalyze : kExplain;
  const std::string text = std::string(prefix) + statement;
  auto asked = co_await Ask(text, Statements::kOne, deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  sql::Explanation explanation;
  if ((*asked)->report) {
    explanation.error = ErrorOf(*(*asked)->report, text, prefix.size());
    co_return explanation;
  }
  auto plan = ReadJsonPlan((*asked)->answer.value(), analyze);
  if (!plan) {
    co_return Fail(std::move(plan).error());
  }
  explanation.plan = *std::move(plan);
  co_return explanation;
}

}  // namespace paddock::engines::postgres
