#include "gateway/routes/sql_history_routes.h"

#include <chrono>
#include <utility>

#include "gateway/json_body.h"
#include "gateway/routes/forms.h"

namespace paddock::gateway {
namespace {

constexpr std::string_view kPath = "/api/v1/account/sql-history";
constexpr std::size_t kDatabaseBytesMax = 400;
constexpr std::int64_t kElapsedMax = std::int64_t{24} * 3600 * 1000;   // ms
constexpr std::int64_t kAgeMax = std::int64_t{30} * 24 * 3600 * 1000;  // ms

/// When it ran is told as how long ago, because clocks differ.
Result<store::SqlHistoryEntry> ReadEntry(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  store::SqlHistoryEntry entry;
  entry.text =
      root.RequiredText("text", {.bytes_min = 1, .bytes_max = store::SqlHistory::kEntryBytesMax});
  entry.engine = root.Choice("engine", "", {"postgres", "mariadb", "sqlite", "kwdb"});
  entry.database =
      root.OptionalText("database", {.bytes_min = 0, .bytes_max = kDatabaseBytesMax}).value_or("");
  entry.elapsed_ms = root.Integer("elapsed_ms", 0, 0, kElapsedMax);
  entry.failed = root.Boolean("failed", false);
  const std::chrono::milliseconds age(root.Integer("age_ms", 0, 0, kAgeMax));
  entry.ran_at = std::chrono::system_clock::now() - age;
  if (entry.engine.empty()) {
    root.Reject("engine", "is required");
  }
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return entry;
}

void WriteEntry(JsonWriter& out, const store::SqlHistoryEntry& entry) {
  out.BeginObject()
      .Field("text", std::string_view(entry.text))
      .Field("engine", std::string_view(entry.engine))
      .Field("database", std::string_view(entry.database))
      .Field("ran_at", std::string_view(FormatTime(entry.ran_at)))
      .Field("elapsed_ms", entry.elapsed_ms)
      .Field("failed", entry.failed)
      .EndObject();
}

}  // namespace

void SqlHistoryRoutes::AddTo(Router& router) {
  using identity::Action;
  router.Add({.method = Method::kGet,
              .pattern = std::string(kPath),
              .handler = [this](Request& request) { return List(request); },
              .action = Action::kUseSandbox});
  router.Add({.method = Method::kPost,
              .pattern = std::string(kPath),
              .handler = [this](Request& request) { return Add(request); },
              .action = Action::kUseSandbox,
              .body = BodyKind::kBuffered,
              .body_max = 512_KiB});  // a text may be escaped to several times its size
  router.Add({.method = Method::kDelete,
              .pattern = std::string(kPath),
              .handler = [this](Request& request) { return Clear(request); },
              .action = Action::kUseSandbox});
}

aio::Task<Response> SqlHistoryRoutes::List(Request& request) {
  auto entries =
      co_await context_.parts.identity.sql_history.List(CallerOf(request), request.deadline);
  if (!entries) {
    co_return ErrorResponse(request, entries.error());
  }
  JsonWriter out;
  out.BeginObject().Key("entries").BeginArray();
  for (const store::SqlHistoryEntry& entry : *entries) {
    WriteEntry(out, entry);
  }
  out.EndArray().EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> SqlHistoryRoutes::Add(Request& request) {
  auto entry = ReadEntry(request);
  if (!entry) {
    co_return ErrorResponse(request, entry.error());
  }
  auto added = co_await context_.parts.identity.sql_history.Add(
      CallerOf(request), *std::move(entry), request.deadline);
  co_return Answer(request, added);
}

aio::Task<Response> SqlHistoryRoutes::Clear(Request& request) {
  auto cleared =
      co_await context_.parts.identity.sql_history.Clear(CallerOf(request), request.deadline);
  co_return Answer(request, cleared);
}

}  // namespace paddock::gateway
