#include "rpc/services/runner_messages.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <utility>

namespace paddock::rpc {
namespace v1 = runner::v1;

namespace {

// What a caller may ask for at most: no runner should work for longer than this for one query.
constexpr std::uint64_t kTimeMsMax = 60'000;
constexpr std::uint64_t kRowsMax = 1'000'000;
constexpr std::uint64_t kBytesMax = std::uint64_t{16} << 20U;
constexpr std::uint64_t kResultsMax = 100;
constexpr int kChecksMax = 16;

void Fill(const challenges::ResultSet& result, v1::ResultSet& out) {
  for (const sql::Column& column : result.columns) {
    auto* added = out.add_columns();
    added->set_name(column.name);
    added->set_type(column.type);
    added->set_cell_type(static_cast<std::uint32_t>(column.cell_type));
  }
  for (std::size_t row = 0; row < result.rows.row_count(); ++row) {
    for (std::size_t column = 0; column < result.columns.size(); ++column) {
      const sql::Cell cell = result.rows.At(row, column);
      out.mutable_cell_types()->push_back(static_cast<char>(cell.type));
      out.add_cell_sizes(cell.text.size());
      out.mutable_text()->append(cell.text);
    }
  }
}

Result<sql::CellType> CellTypeOf(std::uint32_t number) {
  if (number > static_cast<std::uint32_t>(sql::kLastCellType)) {
    return Fail(Code::kInternal, "the runner answered with an unknown type");
  }
  return static_cast<sql::CellType>(number);
}

bool HasFittingSizes(const v1::ResultSet& message) {
  const auto count = static_cast<std::size_t>(message.cell_sizes_size());
  const auto columns = static_cast<std::size_t>(message.columns_size());
  const std::size_t length = message.text().size();
  std::size_t left = length;
  for (const std::uint64_t size : message.cell_sizes()) {
    if (size > left) {
      return false;
    }
    left -= size;
  }
  return left == 0 && message.cell_types().size() == count &&
         (columns == 0 ? count == 0 : count % columns == 0);
}

Result<challenges::ResultSet> ResultOf(const v1::ResultSet& message) {
  if (!HasFittingSizes(message)) {
    return Fail(Code::kInternal, "the runner answered with a table that does not fit together");
  }
  challenges::ResultSet result{.columns = {},
                               .rows = sql::Rows(static_cast<std::size_t>(message.columns_size()))};
  for (const v1::Column& column : message.columns()) {
    auto type = CellTypeOf(column.cell_type());
    if (!type) {
      return Fail(std::move(type).error());
    }
    result.columns.push_back({.name = column.name(), .type = column.type(), .cell_type = *type});
  }
  std::string_view text = message.text();
  for (int i = 0; i < message.cell_sizes_size(); ++i) {
    const auto number =
        static_cast<unsigned char>(message.cell_types()[static_cast<std::size_t>(i)]);
    auto type = CellTypeOf(number);
    if (!type) {
      return Fail(std::move(type).error());
    }
    result.rows.Add(*type, text.substr(0, message.cell_sizes(i)));
    text.remove_prefix(message.cell_sizes(i));
  }
  return result;
}

template <class Messages>
Result<std::vector<challenges::ResultSet>> ResultsOf(const Messages& messages) {
  std::vector<challenges::ResultSet> results;
  for (const v1::ResultSet& message : messages) {
    auto result = ResultOf(message);
    if (!result) {
      return Fail(std::move(result).error());
    }
    results.push_back(*std::move(result));
  }
  return results;
}

/// What a digest stands for is never taken on trust.
Result<challenges::SchemaRef> SchemaOf(const v1::RunRequest& message) {
  const auto dialect = sql::ParseDialect(message.dialect());
  if (!dialect) {
    return Fail(Code::kInvalid, "dialect: must be sqlite, postgres or mariadb");
  }
  auto schema = challenges::MakeSchema(*dialect, message.script());
  if (!message.digest().empty() && message.digest() != schema->digest) {
    return Fail(Code::kInvalid, "digest: it is of another dialect and script");
  }
  return schema;
}

challenges::RunLimits LimitsOf(const v1::Limits& message) {
  return {.time = std::chrono::milliseconds(std::min(message.time_ms(), kTimeMsMax)),
          .rows = std::min(message.rows(), kRowsMax),
          .bytes = std::min(message.bytes(), kBytesMax),
          .cell_bytes = std::min(message.cell_bytes(), kBytesMax),
          .results = std::min(message.results(), kResultsMax)};
}

}  // namespace

void Fill(const challenges::RunRequest& request, Naming naming, v1::RunRequest& out) {
  out.set_digest(request.schema->digest);
  if (naming == Naming::kByScript) {
    out.set_dialect(std::string(Name(request.schema->dialect)));
    out.set_script(request.schema->script);
  }
  out.set_query(request.query);
  for (const std::string& check : request.checks) {
    out.add_checks(check);
  }
  out.set_shims(request.shims);
  auto& limits = *out.mutable_limits();
  limits.set_time_ms(static_cast<std::uint64_t>(request.limits.time.count()));
  limits.set_rows(request.limits.rows);
  limits.set_bytes(request.limits.bytes);
  limits.set_cell_bytes(request.limits.cell_bytes);
  limits.set_results(request.limits.results);
}

Result<challenges::RunRequest> RequestOf(const v1::RunRequest& message) {
  if (message.checks_size() > kChecksMax) {
    return Fail(Code::kInvalid, "checks: too many");
  }
  challenges::RunRequest request;
  if (!message.dialect().empty() || message.digest().empty()) {
    auto schema = SchemaOf(message);
    if (!schema) {
      return Fail(std::move(schema).error());
    }
    request.schema = *std::move(schema);
  }
  request.query = message.query();
  request.checks.assign(message.checks().begin(), message.checks().end());
  request.shims = static_cast<challenges::ShimSet>(message.shims() & challenges::kAllShims);
  if (message.has_limits()) {
    request.limits = LimitsOf(message.limits());
  }
  return request;
}

void Fill(const challenges::RunOutcome& outcome, v1::RunReply& out) {
  for (const challenges::ResultSet& result : outcome.results) {
    Fill(result, *out.add_results());
  }
  for (const challenges::ResultSet& check : outcome.checks) {
    Fill(check, *out.add_checks());
  }
  if (outcome.error) {
    auto& error = *out.mutable_error();
    error.set_code(outcome.error->code);
    error.set_message(outcome.error->message);
    error.set_detail(outcome.error->detail);
    error.set_hint(outcome.error->hint);
    if (outcome.error->position) {
      error.set_position(*outcome.error->position);
    }
  }
  out.set_limit(static_cast<std::uint32_t>(outcome.limit));
  out.set_deterministic(outcome.deterministic);
  out.set_changed_data(outcome.changed_data);
  out.set_engine_version(outcome.engine_version);
  out.set_cached(outcome.cached);
  out.set_time_us(static_cast<std::uint64_t>(outcome.time.count()));
}

Result<challenges::RunOutcomeRef> OutcomeOf(const v1::RunReply& message) {
  auto results = ResultsOf(message.results());
  auto checks = ResultsOf(message.checks());
  if (!results || !checks) {
    return Fail(std::move(results ? checks : results).error());
  }
  if (message.limit() > static_cast<std::uint32_t>(challenges::kLastLimitHit)) {
    return Fail(Code::kInternal, "the runner answered with an unknown limit");
  }
  challenges::RunOutcome outcome;
  outcome.results = *std::move(results);
  outcome.checks = *std::move(checks);
  if (message.has_error()) {
    const v1::StatementError& error = message.error();
    outcome.error = sql::StatementError{
        .code = error.code(),
        .message = error.message(),
        .detail = error.detail(),
        .hint = error.hint(),
        .position =
            error.has_position() ? std::optional<std::size_t>(error.position()) : std::nullopt};
  }
  outcome.limit = static_cast<challenges::LimitHit>(message.limit());
  outcome.deterministic = message.deterministic();
  outcome.changed_data = message.changed_data();
  outcome.engine_version = message.engine_version();
  outcome.cached = message.cached();
  outcome.time = std::chrono::microseconds(message.time_us());
  return std::make_shared<const challenges::RunOutcome>(std::move(outcome));
}

}  // namespace paddock::rpc
