#include "playground/local_runner.h"

#include <chrono>
#include <cstddef>
#include <utility>

#include "playground/rendering.h"

namespace paddock::playground {
namespace {

// Of several results the last is the answer; a text without any gives an empty table.
Output OutputOf(const challenges::RunOutcome& outcome) {
  Output output;
  if (outcome.results.empty()) {
    return output;
  }
  const challenges::ResultSet& last = outcome.results.back();
  for (const sql::Column& column : last.columns) {
    output.header.push_back(column.name);
  }
  for (std::size_t row = 0; row < last.rows.row_count(); ++row) {
    auto& cells = output.rows.emplace_back();
    for (std::size_t column = 0; column < last.columns.size(); ++column) {
      cells.push_back(GatewayCell(last.columns[column], last.rows.At(row, column)));
    }
  }
  return output;
}

}  // namespace

std::string TextOf(challenges::LimitHit limit) {
  using enum challenges::LimitHit;
  switch (limit) {
    case kNone: break;
    case kTime: return "query timeout (takes more than 1 second)";
    case kRows: return "the result has too many rows: ask for fewer, with LIMIT";
    case kBytes: return "the result is too big: ask for less";
    case kCell: return "a value of the result is too big";
    case kMemory: return "the query needs too much memory";
    case kResults: return "too many statements have a result";
  }
  return {};
}

aio::Task<Result<RunReply>> LocalRunner::RunQuery(std::string schema,
                                                  std::string query,
                                                  Deadline deadline) {
  if (schema.empty()) {
    co_return Fail(Code::kInvalid, "schema is required");
  }
  if (query.empty()) {
    co_return Fail(Code::kInvalid, "query is required");
  }
  challenges::RunRequest request;
  request.schema = challenges::MakeSchema(sql::Dialect::kSqlite, std::move(schema));
  request.query = std::move(query);
  request.shims = challenges::kAllShims;
  auto ran = co_await runner_.Run(std::move(request), deadline);
  if (!ran && ran.error().code == Code::kInvalid) {
    co_return RunReply{.id = {}, .error = "exec init: " + std::string(ran.error().reason())};
  }
  if (!ran) {
    co_return Fail(std::move(ran).error());
  }
  const challenges::RunOutcome& outcome = **ran;
  if (outcome.error) {
    co_return RunReply{.id = {}, .error = "query: " + ErrorText(*outcome.error)};
  }
  if (outcome.limit != challenges::LimitHit::kNone) {
    co_return RunReply{.id = {}, .error = TextOf(outcome.limit)};
  }
  co_return RunReply{.id = shelf_.Put(OutputOf(outcome), std::chrono::steady_clock::now()),
                     .error = {}};
}

aio::Task<Result<OutputRef>> LocalRunner::RetrieveQuery(std::string id, Deadline /*deadline*/) {
  auto output = shelf_.Find(id, std::chrono::steady_clock::now());
  if (id.empty()) {
    co_return Fail(Code::kInvalid, "id is required");
  }
  if (!output) {
    co_return Fail(Code::kNotFound, "id expired – re-query again!");
  }
  co_return output;
}

aio::Task<Result<bool>> LocalRunner::AreQueriesOutputSame(std::string left_id,
                                                          std::string right_id,
                                                          Deadline /*deadline*/) {
  if (left_id.empty() || right_id.empty()) {
    co_return Fail(Code::kInvalid,
                   left_id.empty() ? "left_id is required" : "right_id is required");
  }
  const auto now = std::chrono::steady_clock::now();
  if (!shelf_.Find(left_id, now)) {
    co_return Fail(Code::kNotFound, "left_id expired – re-query again!");
  }
  if (!shelf_.Find(right_id, now)) {
    co_return Fail(Code::kNotFound, "right_id expired – re-query again!");
  }
  co_return left_id == right_id;  // an id is the hash of its output
}

}  // namespace paddock::playground
