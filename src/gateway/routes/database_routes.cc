#include "gateway/routes/database_routes.h"

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "gateway/json_body.h"
#include "gateway/routes/directory_forms.h"
#include "gateway/routes/forms.h"
#include "gateway/routes/people_forms.h"
#include "gateway/routes/sql_relay.h"
#include "identity/policy.h"
#include "sqlrunner/link/local_socket.h"

namespace paddock::gateway {
namespace {

using identity::Action;

constexpr std::string_view kPath = "/api/v1/databases";
constexpr std::string_view kOnePath = "/api/v1/databases/{name}";
constexpr std::size_t kNameBytesMax = 64;
constexpr std::chrono::seconds kProbeTimeMax{35};  // the runner gives up a little before
constexpr std::chrono::seconds kTimeMax{45};
constexpr std::string_view kNoRunner =
    "The database could not be tried, because the SQL service does not answer. Try again in a "
    "moment.";

struct Wish {
  std::string name;
  std::string dsn;
};

Result<Wish> ReadWish(const Request& request, bool has_name) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  Wish wish;
  if (has_name) {
    wish.name = root.RequiredText("name", {.bytes_min = 1, .bytes_max = kNameBytesMax});
  }
  wish.dsn = root.RequiredText("dsn", {.bytes_min = 1, .bytes_max = databases::kDsnBytesMax});
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return wish;
}

/// Without its password, and for admins only also where it is.
void WriteDatabase(JsonWriter& out, const databases::Registered& database, bool whole) {
  out.BeginObject()
      .Field("name", std::string_view(database.name))
      .Field("engine", sql::Name(database.dsn.engine));
  if (whole) {
    out.Field("dsn", std::string_view(database.dsn.WithoutPassword()))
        .Field("created_at", TimeText(database.created_at).text())
        .Field("updated_at", TimeText(database.updated_at).text());
  }
  out.EndObject();
}

Response DatabaseResponse(const Request& request,
                          int status,
                          const Result<databases::Registered>& database) {
  if (!database) {
    return ErrorResponse(request, database.error());
  }
  JsonWriter out;
  WriteDatabase(out, *database, true);
  return JsonResponse(status, std::move(out).Take());
}

}  // namespace

void DatabaseRoutes::AddTo(Router& router) {
  const auto add = [&](Method method, std::string_view pattern, auto handler,
                       BodyKind body = BodyKind::kNone) {
    router.Add(
        {.method = method,
         .pattern = std::string(pattern),
         .handler = [this, handler](Request& request) { return (this->*handler)(request); },
         .action = method == Method::kGet ? Action::kReadDatabases : Action::kManageDatabases,
         .body = body,
         .body_max = 8_KiB,
         .time_max = kTimeMax});
  };
  using Routes = DatabaseRoutes;
  add(Method::kGet, kPath, &Routes::List);
  add(Method::kPost, kPath, &Routes::Add, BodyKind::kBuffered);
  add(Method::kPut, kOnePath, &Routes::Change, BodyKind::kBuffered);
  add(Method::kDelete, kOnePath, &Routes::Remove);
  add(Method::kPost, "/api/v1/databases/{name}/test", &Routes::Test);
}

aio::Task<Result<ProbeOutcome>> DatabaseRoutes::Probe(databases::Dsn dsn) const {
  const SqlRunnerPlace& place = context_.config.sql_runner;
  auto runner = sqlrunner::ConnectTo(place.socket, place.users);
  if (!runner) {
    co_return Fail(Code::kUnavailable, std::move(runner).error().message);
  }
  const auto executor = co_await boost::asio::this_coro::executor;
  SqlProbe probe(executor, *std::move(runner), AddressOf(dsn));
  auto outcome = co_await probe.Run(Deadline::After(kProbeTimeMax));
  co_return outcome;
}

aio::Task<Result<void>> DatabaseRoutes::CheckDsn(std::string text) {
  auto dsn = databases::Dsn::Parse(text);
  if (!dsn) {
    co_return Fail(std::move(dsn).error());
  }
  auto probed = co_await Probe(*std::move(dsn));
  if (!probed) {
    co_return Fail(std::move(probed).error());
  }
  co_return Result<void>();
}

aio::Task<Response> DatabaseRoutes::List(Request& request) {
  auto all = co_await context_.databases.List(request.deadline);
  if (!all) {
    co_return ErrorResponse(request, all.error());
  }
  const bool whole =
      identity::Check(PrincipalOf(request), Action::kManageDatabases, identity::Relation::kOther)
          .has_value();
  JsonWriter out;
  out.BeginObject().Key("databases").BeginArray();
  for (const databases::Registered& database : *all) {
    WriteDatabase(out, database, whole);
  }
  out.EndArray().EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> DatabaseRoutes::Add(Request& request) {
  auto wish = ReadWish(request, true);
  if (!wish) {
    co_return ErrorResponse(request, wish.error());
  }
  if (!databases::IsName(wish->name)) {
    co_return ErrorResponse(request, {.code = Code::kInvalid,
                                      .message = "name must be 1 to 64 letters and digits, with "
                                                 ". _ or - in between"});
  }
  auto checked = co_await CheckDsn(wish->dsn);
  if (!checked) {
    co_return ErrorResponse(request, checked.error(), kNoRunner);
  }
  auto added = co_await context_.databases.Add(AuditContextOf(request), std::move(wish->name),
                                               std::move(wish->dsn), request.deadline);
  co_return DatabaseResponse(request, 201, added);
}

aio::Task<Response> DatabaseRoutes::Change(Request& request) {
  auto wish = ReadWish(request, false);
  if (!wish) {
    co_return ErrorResponse(request, wish.error());
  }
  std::string name(request.Parameter("name"));
  auto found = co_await context_.databases.Find(name, request.deadline);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto checked = co_await CheckDsn(wish->dsn);
  if (!checked) {
    co_return ErrorResponse(request, checked.error(), kNoRunner);
  }
  auto changed = co_await context_.databases.Change(AuditContextOf(request), std::move(name),
                                                    std::move(wish->dsn), request.deadline);
  co_return DatabaseResponse(request, 200, changed);
}

aio::Task<Response> DatabaseRoutes::Remove(Request& request) {
  std::string name(request.Parameter("name"));
  auto removed = co_await context_.databases.Remove(AuditContextOf(request), std::move(name),
                                                    request.deadline);
  co_return Answer(request, removed);
}

aio::Task<Response> DatabaseRoutes::Test(Request& request) {
  std::string name(request.Parameter("name"));
  auto found = co_await context_.databases.Open(std::move(name), request.deadline);
  if (!found && found.error().code != Code::kConflict) {
    co_return ErrorResponse(request, found.error());
  }
  Result<ProbeOutcome> probed;
  if (found) {
    probed = co_await Probe(std::move(found->dsn));
  } else {
    probed = Fail(Code::kInvalid, std::move(found).error().message);
  }
  if (!probed && probed.error().code != Code::kInvalid) {
    co_return ErrorResponse(request, probed.error(), kNoRunner);
  }
  JsonWriter out;
  out.BeginObject().Field("ok", probed.has_value());
  if (probed) {
    out.Field("version", std::string_view(probed->version))
        .Field("user", std::string_view(probed->user));
  } else {
    out.Field("message", std::string_view(probed.error().message));
  }
  out.EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

}  // namespace paddock::gateway
