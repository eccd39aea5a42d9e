#include "gateway/playground/sql_runner_routes.h"

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "base/log.h"
#include "gateway/json_body.h"
#include "gateway/playground/spending.h"
#include "gateway/status.h"
#include "identity/policy.h"
#include "playground/local_runner.h"
#include "playground/rendering.h"

namespace paddock::gateway {
namespace {

constexpr Bytes kBodyMax = 1_MiB;

Response Refusal(const Request& request,
                 int status,
                 std::string_view code,
                 std::string_view message) {
  JsonWriter out;
  out.BeginObject()
      .Field("success", false)
      .Field("message", message)
      .Field("code", code)
      .EndObject();
  Response response = JsonResponse(status, std::move(out).Take());
  response.Set("X-Trace-ID", request.id);
  if (status == 401) {
    response.Set("WWW-Authenticate", "Bearer");
  }
  if (request.retry_after) {
    response.Set("Retry-After", std::to_string(request.retry_after->count()));
  }
  return response;
}

std::optional<Response> CheckCaller(Request& request, bool is_open, identity::RateLimiter& runs) {
  if (!request.caller && !is_open) {
    return Refusal(request, 401, "UNAUTHENTICATED",
                   "This server's SQL runner is for its users: send a token, or sign in.");
  }
  if (request.caller) {
    const auto allowed =
        identity::RequireScope(*request.caller->principal, identity::Scope::kChallenge);
    if (!allowed) {
      return Refusal(request, 403, "FORBIDDEN", allowed.error().reason());
    }
  }
  const auto within =
      SpendRun(runs, request.caller ? request.caller->user().value() : request.limit_key, request);
  if (!within) {
    return Refusal(request, 429, "RATE_LIMITED", within.error().reason());
  }
  return std::nullopt;
}

struct QueryForm {
  std::string schema;
  std::string query;
};

// A field too many is no mistake here: its clients were never held to that.
std::optional<QueryForm> ReadQuery(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return std::nullopt;
  }
  JsonObject root = body->root();
  const TextRule rule{.bytes_min = 1, .bytes_max = kBodyMax.count};
  auto schema = root.OptionalText("schema", rule);
  auto query = root.OptionalText("query", rule);
  if (!schema || !query || schema->empty() || query->empty()) {
    return std::nullopt;
  }
  return QueryForm{.schema = *std::move(schema), .query = *std::move(query)};
}

/// Faults of the schema and of ours; the query's own are an outcome.
Response Failure(const Request& request, const Error& error) {
  if (error.code == Code::kInvalid) {
    return Refusal(request, 500, "SCHEMA_ERROR", error.reason());
  }
  if (error.code == Code::kExhausted) {
    return Refusal(request, HttpStatus(error.code), "INTERNAL_ERROR",
                   "All runners are busy. Please try again.");
  }
  log::Write(log::Level::kError, "request failed",
             {{"request_id", request.id}, {"code", Name(error.code)}, {"error", error.message}});
  const int status = error.code == Code::kUnavailable ? HttpStatus(error.code) : 500;
  return Refusal(request, status, "INTERNAL_ERROR",
                 "The query was not run, and not because of what it says. Please try again.");
}

/// What the query did wrong, or nothing.
std::string FaultOf(const challenges::RunOutcome& outcome) {
  if (outcome.error) {
    return playground::ErrorText(*outcome.error);
  }
  if (outcome.limit != challenges::LimitHit::kNone) {
    return playground::TextOf(outcome.limit);
  }
  // The model opens its database for reading only.
  return outcome.changed_data ? "attempt to write a readonly database (8)" : "";
}

/// Of several results the last is the answer.
std::string TableJson(const challenges::RunOutcome& outcome) {
  static const challenges::ResultSet nothing;
  const auto& table = outcome.results.empty() ? nothing : outcome.results.back();
  JsonWriter out;
  out.BeginObject().Field("success", true).Key("data").BeginObject();
  out.Key("columns").BeginArray();
  for (const sql::Column& column : table.columns) {
    out.Text(column.name);
  }
  out.EndArray().Key("rows").BeginArray();
  for (std::size_t row = 0; row < table.rows.row_count(); ++row) {
    out.BeginArray();
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      out.Text(playground::RunnerCell(table.columns[column], table.rows.At(row, column)));
    }
    out.EndArray();
  }
  out.EndArray().EndObject().EndObject();
  return std::move(out).Take();
}

Response SayAlive(Request& /*request*/) {
  Response response;
  response.Set("Content-Type", "text/plain; charset=utf-8");
  response.body = std::string("OK");
  return response;
}

}  // namespace

void SqlRunnerRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kPost,
              .pattern = "/sqlrunner/query",
              .handler = [this](Request& request) { return Query(request); },
              .access = Access::kOptional,
              .body = BodyKind::kBuffered,
              .body_max = kBodyMax});
  router.Add({.method = Method::kGet,
              .pattern = "/sqlrunner/healthz",
              .answer = SayAlive,
              .access = Access::kPublic});
}

aio::Task<Response> SqlRunnerRoutes::Query(Request& request) {
  if (auto refusal = CheckCaller(request, is_open_, runs_)) {
    co_return *std::move(refusal);
  }
  auto form = ReadQuery(request);
  if (!form) {
    co_return Refusal(request, 422, "BAD_PAYLOAD", "schema and query are required");
  }
  request.DropBody();
  challenges::RunRequest run;
  run.schema = challenges::MakeSchema(sql::Dialect::kSqlite, std::move(form->schema));
  run.query = std::move(form->query);
  run.shims = challenges::kAllShims;
  auto ran = co_await runner_.Run(std::move(run), request.deadline);
  if (!ran) {
    co_return Failure(request, ran.error());
  }
  const std::string fault = FaultOf(**ran);
  if (!fault.empty()) {
    co_return Refusal(request, 400, "QUERY_ERROR", fault);
  }
  Response response = JsonResponse(200, TableJson(**ran));
  response.Set("X-Trace-ID", request.id);
  co_return response;
}

}  // namespace paddock::gateway
