#include "gateway/routes/quota_routes.h"

#include <utility>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "gateway/routes/directory_forms.h"
#include "gateway/routes/people_forms.h"
#include "gateway/routes/quota_forms.h"

namespace paddock::gateway {
namespace {

using identity::Action;

Result<store::Quota> ReadBody(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  const store::Quota quota = ReadQuota(body->root());
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return quota;
}

std::string Shown(std::optional<std::int64_t> value) {
  return value ? fmt::format("{}", *value) : std::string("none");
}

identity::AuditDetail DetailOf(const store::Quota& quota) {
  return {{"sandboxes_max", Shown(quota.sandboxes_max)},
          {"memory_max_bytes", Shown(quota.memory_max_bytes)},
          {"lifetime_max_s", Shown(quota.lifetime_max_s)}};
}

}  // namespace

void QuotaRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/quotas",
              .handler = [this](Request& request) { return List(request); },
              .action = Action::kManageQuotas});
  router.Add({.method = Method::kPut,
              .pattern = "/api/v1/quotas/{role}",
              .handler = [this](Request& request) { return Put(request); },
              .action = Action::kManageQuotas,
              .body = BodyKind::kBuffered,
              .body_max = 4_KiB});
}

aio::Task<Response> QuotaRoutes::List(Request& request) {
  identity::Quotas& quotas = context_.parts.identity.quotas;
  auto roles = co_await quotas.OfRoles(request.deadline);
  if (!roles) {
    co_return ErrorResponse(request, roles.error());
  }
  JsonWriter out;
  out.BeginObject().Key("roles").BeginObject();
  for (const Role role : {Role::kGuest, Role::kLearner, Role::kTeacher, Role::kAdmin}) {
    WriteQuota(out.DataKey(Name(role)), (*roles)[role]);
  }
  out.EndObject();
  WriteGrant(out.Key("effective_max"), quotas.ceiling());
  out.EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> QuotaRoutes::Put(Request& request) {
  const auto role = ParseRole(request.Parameter("role"));
  if (!role) {
    Error error{.code = Code::kNotFound, .message = "There is no such role."};
    co_return ErrorResponse(request, error);
  }
  auto quota = ReadBody(request);
  if (!quota) {
    co_return ErrorResponse(request, quota.error());
  }
  identity::AuditSubject subject{.kind = identity::SubjectKind::kRole,
                                 .id = std::string(Name(*role)),
                                 .name = std::string(Name(*role))};
  auto audit = context_.parts.identity.audit.Entry(AuditContextOf(request),
                                                   identity::AuditAction::kQuotaChanged,
                                                   std::move(subject), DetailOf(*quota));
  auto set = co_await context_.parts.identity.quotas.SetOfRole(*role, *quota, std::move(audit),
                                                               request.deadline);
  if (!set) {
    co_return ErrorResponse(request, set.error());
  }
  JsonWriter out;
  WriteQuota(out, *quota);
  co_return JsonResponse(200, std::move(out).Take());
}

}  // namespace paddock::gateway
