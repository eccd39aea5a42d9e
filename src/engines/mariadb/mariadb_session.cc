#include "engines/mariadb/mariadb_session.h"

#include <mysqld_error.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "engines/mariadb/catalog.h"
#include "engines/mariadb/json_plan.h"
#include "engines/mariadb/position.h"

namespace paddock::engines::mariadb {
namespace {

constexpr std::chrono::seconds kUndoTimeMax{10};
constexpr unsigned kWarningsMax = 64;  // of one statement, shown

// Temporary tables are not listed there: a warning tells of those, afterwards.
constexpr const char* kTablesWithoutRollback =
    "SELECT t.table_name, t.engine FROM information_schema.tables AS t "
    "LEFT JOIN information_schema.engines AS e ON e.engine = t.engine "
    "WHERE t.table_type = 'BASE TABLE' AND COALESCE(e.transactions, 'NO') <> 'YES' "
    "AND t.table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys') "
    "LIMIT 1";

bool OnlyReads(std::string_view statement) {
  constexpr std::array<std::string_view, 4> kVerbs{"select", "with", "values", "table"};
  const auto begin = statement.find_first_not_of(" \t\r\n(");
  std::string first;
  for (std::size_t at = begin; at < statement.size(); ++at) {
    const auto c = static_cast<unsigned char>(statement[at]);
    if (std::isalpha(c) == 0) {
      break;
    }
    first += static_cast<char>(std::tolower(c));
  }
  return std::ranges::find(kVerbs, first) != kVerbs.end();
}

sql::StatementOutcome Check(std::string_view statement) {
  if (statement.size() <= sql::kStatementBytesMax) {
    return std::nullopt;
  }
  return sql::StatementError{
      .code = "1153",
      .message = fmt::format("the statement is larger than {} bytes", sql::kStatementBytesMax),
      .hint = "Load large data with a client of your own, through a forwarded port."};
}

sql::StatementError ErrorOf(const Report& report, std::string_view statement) {
  const bool was_stopped =
      report.number == ER_QUERY_INTERRUPTED || report.number == ER_STATEMENT_TIMEOUT;
  return {.code = was_stopped ? std::string(sql::kCancelledState) : std::to_string(report.number),
          .message = report.message,
          .detail = fmt::format("SQLSTATE {}", report.state),
          .position = FindPosition(statement, report.number, report.message)};
}

// "10.11.14-MariaDB-0+deb12u2"
std::string VersionOf(MYSQL* handle) {
  const char* version = mysql_get_server_info(handle);
  const std::string_view text = version == nullptr ? "?" : version;
  return fmt::format("MariaDB {}", text.substr(0, text.find('-')));
}

}  // namespace

MariadbSession::MariadbSession(boost::asio::any_io_executor executor,
                               std::unique_ptr<Client> client,
                               sql::OpenSpec spec,
                               std::shared_ptr<sql::Dialer> dialer,
                               std::filesystem::path directory)
    : executor_(std::move(executor)),
      client_(std::move(client)),
      spec_(std::move(spec)),
      dialer_(std::move(dialer)),
      directory_(std::move(directory)),
      version_(VersionOf(client_->handle())),
      thread_id_(mysql_thread_id(client_->handle())) {}

sql::TransactionState MariadbSession::transaction() const noexcept {
  const bool is_in_one =
      client_->is_open() && (client_->handle()->server_status & SERVER_STATUS_IN_TRANS) != 0;
  return is_in_one ? sql::TransactionState::kOpen : sql::TransactionState::kNone;
}

aio::Task<Result<void>> MariadbSession::Settle(Deadline deadline) {
  auto pass = co_await cancelling_.Enter(deadline);
  if (!pass) {
    co_return Fail(std::move(pass).error());
  }
  if (!client_->is_open()) {
    co_return Fail(Code::kUnavailable, "the connection to the database was lost");
  }
  co_return Result<void>();
}

aio::Task<Result<std::optional<Report>>> MariadbSession::Converse(std::string sql,
                                                                  sql::ResultSink& sink,
                                                                  Deadline deadline) {
  auto settled = co_await Settle(deadline);
  if (!settled) {
    co_return Fail(std::move(settled).error());
  }
  if (std::exchange(may_be_killed_, false)) {
    // It takes the kill that came too late, if that is still to come.
    sql::Answer ignored;
    Exchange absorber(*client_, ignored, *this);
    auto absorbed = co_await absorber.Run("DO 0", deadline);
    if (!absorbed) {
      co_return absorbed;
    }
  }
  Exchange exchange(*client_, sink, *this);
  is_running_ = true;
  auto report = co_await exchange.Run(std::move(sql), deadline);
  is_running_ = false;
  warning_count_ = exchange.warning_count();
  if (report && *report && (*report)->number == ER_QUERY_INTERRUPTED) {
    may_be_killed_ = false;
  }
  co_return report;
}

aio::Task<Result<sql::StatementOutcome>> MariadbSession::Execute(std::string statement,
                                                                 sql::ResultSink& sink,
                                                                 Deadline deadline) {
  if (auto wrong = Check(statement)) {
    co_return wrong;
  }
  auto report = co_await Converse(statement, sink, deadline);
  if (!report) {
    co_return Fail(std::move(report).error());
  }
  if (*report) {
    co_return sql::StatementOutcome(ErrorOf(**report, statement));
  }
  if (warning_count_ > 0) {
    auto noted = co_await NoteWarnings(sink, deadline);
    if (!noted) {
      co_return Fail(std::move(noted).error());
    }
  }
  co_return sql::StatementOutcome();
}

aio::Task<Result<void>> MariadbSession::NoteWarnings(sql::ResultSink& sink, Deadline deadline) {
  auto asked = co_await Ask(fmt::format("SHOW WARNINGS LIMIT {}", kWarningsMax), deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  for (const sql::AnswerRow& row : (*asked)->answer.table(0).rows()) {
    std::string severity = row.String(0);
    std::ranges::transform(severity, severity.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    sink.Note({.severity = std::move(severity), .code = row.String(1), .message = row.String(2)});
  }
  co_return Result<void>();
}

aio::Task<Result<void>> MariadbSession::Cancel(Deadline deadline) {
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

aio::Task<Result<void>> MariadbSession::RequestCancel(Deadline deadline) {
  auto dialled = co_await dialer_->Dial(deadline);
  if (!dialled) {
    co_return Fail(std::move(dialled).error());
  }
  sql::OpenSpec spec = spec_;
  spec.database.clear();
  auto client = co_await Client::Connect(executor_, std::move(spec), *std::move(dialled),
                                         directory_, deadline);
  if (!client) {
    co_return Fail(std::move(client).error());
  }
  if (is_running_) {
    may_be_killed_ = true;
    (*client)->BeginQuery(fmt::format("KILL QUERY {}", thread_id_));
  }
  auto finished = co_await (*client)->Finish(deadline);
  if (!finished) {
    co_return finished;
  }
  if ((*client)->error_number() != 0) {
    co_return Fail(Code::kUnavailable, mysql_error((*client)->handle()));
  }
  co_return Result<void>();
}

aio::Task<Result<std::unique_ptr<MariadbSession::Asked>>> MariadbSession::Ask(std::string sql,
                                                                              Deadline deadline) {
  auto asked = std::make_unique<Asked>();
  auto report = co_await Converse(std::move(sql), asked->answer, deadline);
  if (!report) {
    co_return Fail(std::move(report).error());
  }
  asked->report = *std::move(report);
  asked->warning_count = warning_count_;
  co_return asked;
}

aio::Task<Result<void>> MariadbSession::Configure(std::string sql, Deadline deadline) {
  auto asked = co_await Ask(std::move(sql), deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  if ((*asked)->report) {
    co_return Fail(Code::kUnavailable, (*asked)->report->message);
  }
  co_return Result<void>();
}

aio::Task<Result<sql::Catalog>> MariadbSession::Describe(Deadline deadline) {
  const auto queries = CatalogQueries();
  std::array<sql::AnswerTable, kCatalogQueryCount> answers;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    auto asked = co_await Ask(queries[i], deadline);
    if (!asked) {
      co_return Fail(std::move(asked).error());
    }
    if ((*asked)->report) {
      co_return Fail(Code::kUnavailable, (*asked)->report->message);
    }
    answers[i] = (*asked)->answer.table(0);
  }
  co_return ReadCatalog(answers);
}

aio::Task<Result<sql::Explanation>> MariadbSession::Explain(std::string statement,
                                                            bool analyze,
                                                            Deadline deadline) {
  sql::Explanation explanation{.error = Check(statement)};
  if (analyze && !explanation.error && !OnlyReads(statement)) {
    auto why = co_await WhyNotUndone(deadline);
    if (!why) {
      co_return Fail(std::move(why).error());
    }
    explanation.error = *std::move(why);
  }
  if (explanation.error) {
    co_return explanation;
  }
  if (!analyze) {
    auto explained = co_await ExplainOnce(std::move(statement), false, deadline);
    co_return explained;
  }
  auto analyzed = co_await Analyze(std::move(statement), deadline);
  co_return analyzed;
}

aio::Task<Result<sql::StatementOutcome>> MariadbSession::WhyNotUndone(Deadline deadline) {
  if (transaction() == sql::TransactionState::kOpen) {
    co_return sql::StatementOutcome(sql::StatementError{
        .code = "0A000",
        .message = "a transaction is open, from which this statement alone cannot be undone",
        .hint = "COMMIT or ROLLBACK first, or explain the statement without running it."});
  }
  auto asked = co_await Ask(kTablesWithoutRollback, deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  const auto tables = (*asked)->answer.table(0).rows();
  if (tables.empty()) {
    co_return sql::StatementOutcome();
  }
  co_return sql::StatementOutcome(sql::StatementError{
      .code = "0A000",
      .message = fmt::format("the table {} is kept by {}, which cannot undo a change",
                             tables.front().Text(0), tables.front().Text(1)),
      .hint = "Explain the statement without running it."});
}

// A statement that only looks harmless may call a function that changes things: it is undone too,
// where no transaction is open that somebody else has begun.
aio::Task<Result<sql::Explanation>> MariadbSession::Analyze(std::string statement,
                                                            Deadline deadline) {
  if (transaction() == sql::TransactionState::kOpen) {
    auto explained = co_await ExplainOnce(std::move(statement), true, deadline);
    co_return explained;
  }
  auto begun = co_await Configure("START TRANSACTION", deadline);
  if (!begun) {
    co_return Fail(std::move(begun).error());
  }
  auto explained = co_await ExplainOnce(std::move(statement), true, deadline);
  if (!client_->is_open()) {
    co_return explained;
  }
  auto undone = co_await Ask("ROLLBACK", Deadline::After(kUndoTimeMax));
  if (!undone) {
    co_return Fail(std::move(undone).error());
  }
  if ((*undone)->warning_count > 0 && explained) {
    explained->plan.reset();
    explained->error = sql::StatementError{
        .code = std::to_string(ER_WARNING_NOT_COMPLETE_ROLLBACK),
        .message = "a table that cannot undo changes was changed, and stays changed"};
  }
  co_return explained;
}

aio::Task<Result<sql::Explanation>> MariadbSession::ExplainOnce(std::string statement,
                                                                bool analyze,
                                                                Deadline deadline) {
  const char* verb = analyze ? "ANALYZE" : "EXPLAIN";
  auto asked = co_await Ask(fmt::format("{} FORMAT=JSON {}", verb, statement), deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  sql::Explanation explanation;
  if ((*asked)->report) {
    explanation.error = ErrorOf(*(*asked)->report, statement);
    co_return explanation;
  }
  auto plan = ReadJsonPlan((*asked)->answer.value(), analyze);
  if (!plan) {
    co_return Fail(std::move(plan).error());
  }
  explanation.plan = *std::move(plan);
  co_return explanation;
}

}  // namespace paddock::engines::mariadb
