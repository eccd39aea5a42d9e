#include "engines/postgres/kwdb_session.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "engines/postgres/kwdb_catalog.h"
#include "engines/postgres/position.h"
#include "engines/postgres/table_plan.h"

namespace paddock::engines::postgres {
namespace {

constexpr std::string_view kExplain = "EXPLAIN ";
constexpr std::string_view kAnalyze = "EXPLAIN ANALYZE ";
constexpr std::size_t kQueryIdSizeMax = 64;
constexpr std::size_t kQueriesMax = 16;  // of one session at a time; it runs one

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted.append(c == '\'' ? 2 : 1, c);
  }
  return quoted + "'";
}

bool IsQueryId(std::string_view id) {
  return !id.empty() && id.size() <= kQueryIdSizeMax &&
         std::ranges::all_of(id, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// Time-series tables know no rollback: what may change something is not run to see how.
bool OnlyReads(std::string_view statement) {
  constexpr std::array<std::string_view, 4> kVerbs{"select", "values", "table", "show"};
  std::string first;
  for (const char c : statement.substr(0, statement.find_first_of(" \t\r\n(;"))) {
    first += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return std::ranges::find(kVerbs, first) != kVerbs.end();
}

}  // namespace

KwdbSession::KwdbSession(const boost::asio::any_io_executor& executor,
                         Opened opened,
                         std::shared_ptr<sql::Dialer> dialer,
                         sql::OpenSpec spec,
                         Workplace workplace)
    : WireSession(executor, std::move(opened), std::move(dialer)),
      executor_(executor),
      spec_(std::move(spec)),
      workplace_(std::move(workplace)) {}

aio::Task<Result<void>> KwdbSession::Prepare(std::string_view /*statement*/,
                                             Deadline /*deadline*/) {
  co_return Result<void>();
}

std::optional<std::size_t> KwdbSession::PositionOf(const Report& report,
                                                   std::string_view text) const {
  return ByteOfCaret(text, report.detail);
}

aio::Task<Result<void>> KwdbSession::RequestCancel(Deadline deadline) {
  // A session without a name is the one that cancels.
  if (spec_.application_name.empty()) {
    co_return Fail(Code::kUnavailable, "the database's answer cannot be stopped");
  }
  auto dialled = co_await dialer().Dial(deadline);
  if (!dialled) {
    co_return Fail(std::move(dialled).error());
  }
  sql::OpenSpec second = spec_;
  second.application_name.clear();
  auto opened = co_await StartUp(second, *std::move(dialled), workplace_, deadline);
  if (!opened) {
    co_return Fail(std::move(opened).error());
  }
  KwdbSession canceller(executor_, *std::move(opened), nullptr, second, workplace_);
  auto cancelled = co_await canceller.CancelQueriesOf(spec_.application_name, deadline);
  co_return cancelled;
}

aio::Task<Result<void>> KwdbSession::CancelQueriesOf(std::string application_name,
                                                     Deadline deadline) {
  auto found = co_await Look(
      fmt::format("SELECT query_id FROM [SHOW QUERIES] WHERE application_name = {} LIMIT {}",
                  Quoted(application_name), kQueriesMax),
      true, deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  for (const sql::AnswerRow& row : found->rows()) {
    const std::string id = row.String(0);
    if (IsQueryId(id)) {
      // One that has ended meanwhile is not there any more.
      auto ignored = co_await Look(fmt::format("CANCEL QUERY '{}'", id), false, deadline);
      if (!ignored) {
        co_return Fail(std::move(ignored).error());
      }
    }
  }
  co_return Result<void>();
}

// An empty table when the database refuses what is not needed.
aio::Task<Result<sql::AnswerTable>> KwdbSession::Look(std::string sql,
                                                      bool is_needed,
                                                      Deadline deadline) {
  auto asked = co_await Ask(std::move(sql), Statements::kAny, deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  if ((*asked)->report && is_needed) {
    co_return Fail(Code::kUnavailable, (*asked)->report->message);
  }
  co_return (*asked)->answer.table(0);
}

aio::Task<Result<sql::Catalog>> KwdbSession::Describe(Deadline deadline) {
  if (transaction() == sql::TransactionState::kFailed) {
    co_return Fail(Code::kConflict,
                   "the transaction has failed, and the database answers nothing until ROLLBACK");
  }
  KwdbCatalogAnswers answers;
  auto current = co_await Look(kKwdbCurrentDatabase, true, deadline);
  if (!current) {
    co_return Fail(std::move(current).error());
  }
  answers.database = current->rows().empty() ? "" : current->rows().front().String(0);
  const KwdbCatalogQueries queries = MakeKwdbCatalogQueries(answers.database);
  struct Part {
    const std::string& query;
    sql::AnswerTable& answer;
    bool is_needed;
  };
  const std::array<Part, 6> parts{{{queries.databases, answers.databases, true},
                                   {queries.tables, answers.tables, true},
                                   {queries.columns, answers.columns, true},
                                   {queries.keys, answers.keys, false},
                                   {queries.indexes, answers.indexes, false},
                                   {queries.functions, answers.functions, false}}};
  for (const Part& part : parts) {
    auto answer = co_await Look(part.query, part.is_needed, deadline);
    if (!answer) {
      co_return Fail(std::move(answer).error());
    }
    part.answer = *std::move(answer);
  }
  co_return ReadKwdbCatalog(answers);
}

aio::Task<Result<sql::Explanation>> KwdbSession::Explain(std::string statement,
                                                         bool analyze,
                                                         Deadline deadline) {
  sql::Explanation explanation;
  explanation.error = Check(statement);
  if (analyze && !explanation.error && !OnlyReads(statement)) {
    explanation.error =
        sql::StatementError{.code = "0A000",
                            .message = "this statement could change data, which KWDB cannot undo",
                            .hint = "Explain it without running it, or explain the SELECT in it."};
  }
  if (explanation.error) {
    co_return explanation;
  }
  const std::string text = std::string(kExplain) + statement;
  auto asked = co_await Ask(text, Statements::kOne, deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  if ((*asked)->report) {
    explanation.error = ErrorOf(*(*asked)->report, text, kExplain.size());
    co_return explanation;
  }
  auto plan = ReadTablePlan((*asked)->answer.table(0));
  if (!plan) {
    co_return Fail(std::move(plan).error());
  }
  explanation.plan = *std::move(plan);
  if (!analyze) {
    co_return explanation;
  }
  auto analyzed = co_await Analyze(std::move(statement), std::move(explanation), deadline);
  co_return analyzed;
}

// It says what happened in the JSON of its distributed plan, which is another tree than the first:
// that is the text, for whoever wants to read it.
aio::Task<Result<sql::Explanation>> KwdbSession::Analyze(std::string statement,
                                                         sql::Explanation planned,
                                                         Deadline deadline) {
  const std::string text = std::string(kAnalyze) + statement;
  auto asked = co_await Ask(text, Statements::kOne, deadline);
  if (!asked) {
    co_return Fail(std::move(asked).error());
  }
  if ((*asked)->report) {
    planned.error = ErrorOf(*(*asked)->report, text, kAnalyze.size());
    planned.plan.reset();
    co_return planned;
  }
  planned.plan->analyzed = true;
  const sql::AnswerTable& table = (*asked)->answer.table(0);
  const std::size_t column = table.Find("json").value_or(0);
  std::string said;
  for (const sql::AnswerRow& row : table.rows()) {
    said += row.Text(column);
    said += '\n';
  }
  planned.plan->text = std::move(said);
  co_return planned;
}

}  // namespace paddock::engines::postgres
