#include "gateway/routes/audit_routes.h"

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/json_writer.h"
#include "gateway/routes/directory_forms.h"
#include "gateway/routes/forms.h"
#include "gateway/routes/page_query.h"

namespace paddock::gateway {
namespace {

Result<store::AuditQuery> ReadQuery(const Request& request) {
  store::AuditQuery query;
  struct Filter {
    std::string_view name;
    std::optional<std::string>& value;
  };
  for (const Filter& filter : {Filter{.name = "actor", .value = query.actor_id},
                               Filter{.name = "before", .value = query.before}}) {
    auto id = ReadIdFilter(request, filter.name);
    if (!id) {
      return Fail(std::move(id).error());
    }
    filter.value = *std::move(id);
  }
  // A subject may be a role, which has no id.
  auto subject = ReadTextFilter(request, "subject");
  if (!subject) {
    return Fail(std::move(subject).error());
  }
  query.subject_id = *std::move(subject);
  auto action = ReadTextFilter(request, "action");
  if (action && *action && !identity::ParseAuditAction(**action)) {
    action = Fail(Code::kInvalid, "action must be the name of an audited action");
  }
  if (!action) {
    return Fail(std::move(action).error());
  }
  query.action = *std::move(action);
  auto until = ReadTimeFilter(request, "until");
  if (!until) {
    return Fail(std::move(until).error());
  }
  query.until = *until;
  auto limit = ReadPageLimit(request);
  if (!limit) {
    return Fail(std::move(limit).error());
  }
  query.limit = *limit + 1;
  return query;
}

void WritePerson(JsonWriter& out, std::string_view id, std::string_view name) {
  out.BeginObject().Field("id", id).Field("name", name).EndObject();
}

void WriteEntry(JsonWriter& out, const store::AuditRow& row) {
  const store::AuditEntry& entry = row.entry;
  out.BeginObject().Field("id", std::string_view(entry.id)).Field("at", TimeText(entry.at).text());
  WritePerson(out.Key("actor"), entry.actor_id, entry.actor_name);
  out.Key("acting_as");
  if (entry.acting_as_id) {
    WritePerson(out, *entry.acting_as_id, row.acting_as_name.value_or(""));
  } else {
    out.Null();
  }
  out.Field("action", std::string_view(entry.action))
      .Key("subject")
      .BeginObject()
      .Field("kind", std::string_view(entry.subject_kind))
      .Field("id", std::string_view(entry.subject_id))
      .Field("name", std::string_view(entry.subject_name))
      .EndObject()
      .Field("address", std::string_view(entry.address))
      .Key("detail");
  WriteTextMap(out, entry.detail);
  out.EndObject();
}

}  // namespace

void AuditRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/audit",
              .handler = [this](Request& request) { return List(request); },
              .action = identity::Action::kReadAudit});
}

aio::Task<Response> AuditRoutes::List(Request& request) {
  auto query = ReadQuery(request);
  if (!query) {
    co_return ErrorResponse(request, query.error());
  }
  const std::int64_t limit = query->limit - 1;
  auto rows = co_await context_.parts.identity.audit.List(*std::move(query), request.deadline);
  if (!rows) {
    co_return ErrorResponse(request, rows.error());
  }
  co_return PageResponse("entries", std::span<const store::AuditRow>(*rows), limit, WriteEntry,
                         [](const store::AuditRow& row) { return row.entry.id; });
}

}  // namespace paddock::gateway
