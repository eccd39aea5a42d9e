#include "questions/testing/sqlite_runner.h"

#include <sqlite3.h>

#include <memory>
#include <utility>

#include <fmt/format.h>

namespace paddock::questions::testing {
namespace {

using challenges::LimitHit;
using challenges::ResultSet;
using challenges::RunOutcome;

using Handle = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Prepared = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

std::string Hex(const unsigned char* bytes, int size) {
  std::string text;
  for (int i = 0; i < size; ++i) {
    text += fmt::format("{:02x}", bytes[i]);
  }
  return text;
}

void AddCell(sql::Rows& rows, sqlite3_stmt* statement, int column) {
  const auto text = [&] {
    const auto* bytes = sqlite3_column_text(statement, column);
    return std::string(reinterpret_cast<const char*>(bytes),  // NOLINT: as SQLite gives it
                       static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL: rows.AddNull(); return;
    case SQLITE_INTEGER: rows.Add(sql::CellType::kInteger, text()); return;
    case SQLITE_FLOAT: rows.Add(sql::CellType::kReal, text()); return;
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const unsigned char*>(sqlite3_column_blob(statement, column));
      rows.Add(sql::CellType::kBytes, Hex(bytes, sqlite3_column_bytes(statement, column)));
      return;
    }
    default: rows.Add(sql::CellType::kText, text());
  }
}

sql::StatementError ErrorOf(sqlite3* handle) {
  return {.code = "SQLITE_ERROR", .message = sqlite3_errmsg(handle)};
}

ResultSet Begin(sqlite3_stmt* statement) {
  const int count = sqlite3_column_count(statement);
  ResultSet result{.columns = {}, .rows = sql::Rows(static_cast<std::size_t>(count))};
  for (int i = 0; i < count; ++i) {
    const char* type = sqlite3_column_decltype(statement, i);
    result.columns.push_back(
        {.name = sqlite3_column_name(statement, i), .type = type == nullptr ? "" : type});
  }
  return result;
}

/// All statements of `text`; what they give goes to `results`.
void Execute(sqlite3* handle,
             const std::string& text,
             const challenges::RunLimits& limits,
             std::vector<ResultSet>& results,
             RunOutcome& outcome) {
  const char* rest = text.c_str();
  while (*rest != '\0' && outcome.is_whole()) {
    sqlite3_stmt* raw = nullptr;
    const int prepared = sqlite3_prepare_v2(handle, rest, -1, &raw, &rest);
    const Prepared statement(raw, &sqlite3_finalize);
    if (prepared != SQLITE_OK) {
      outcome.error = ErrorOf(handle);
      return;
    }
    if (raw == nullptr) {
      continue;  // a comment
    }
    outcome.changed_data = outcome.changed_data || sqlite3_stmt_readonly(raw) == 0;
    ResultSet result = Begin(raw);
    int stepped = SQLITE_ROW;
    while ((stepped = sqlite3_step(raw)) == SQLITE_ROW) {
      if (result.rows.row_count() == limits.rows) {
        outcome.limit = LimitHit::kRows;
        break;
      }
      for (int i = 0; i < sqlite3_column_count(raw); ++i) {
        AddCell(result.rows, raw, i);
      }
    }
    if (stepped != SQLITE_DONE && stepped != SQLITE_ROW) {
      outcome.error = ErrorOf(handle);
      return;
    }
    if (!result.columns.empty()) {
      results.push_back(std::move(result));
    }
  }
}

}  // namespace

aio::Task<Result<challenges::RunOutcomeRef>> SqliteRunner::Run(challenges::RunRequest request,
                                                               Deadline /*deadline*/) {
  ++counts[request.query];
  if (failure) {
    co_return Fail(*failure);
  }
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open(":memory:", &raw);
  const Handle handle(raw, &sqlite3_close);
  if (opened != SQLITE_OK) {
    co_return Fail(Code::kUnavailable, "SQLite does not open");
  }
  if (sqlite3_exec(raw, request.schema->script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    co_return Fail(Code::kInvalid, sqlite3_errmsg(raw));
  }
  auto outcome = std::make_shared<RunOutcome>();
  outcome->engine_version = fmt::format("SQLite {}", sqlite3_libversion());
  outcome->deterministic = !request.query.contains("random(");
  Execute(raw, request.query, request.limits, outcome->results, *outcome);
  for (const std::string& check : request.checks) {
    if (outcome->is_whole()) {
      Execute(raw, check, request.limits, outcome->checks, *outcome);
    }
  }
  if (!outcome->is_whole()) {
    outcome->checks.clear();
  }
  co_return outcome;
}

}  // namespace paddock::questions::testing
