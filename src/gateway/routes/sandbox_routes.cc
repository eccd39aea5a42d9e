#include "gateway/routes/sandbox_routes.h"

#include <utility>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "gateway/routes/body_rules.h"
#include "gateway/routes/forms.h"
#include "gateway/routes/people_forms.h"

namespace paddock::gateway {
namespace {

constexpr std::chrono::minutes kCreateTimeMax{2};
constexpr std::chrono::minutes kDestroyTimeMax{1};

std::string SandboxJson(const sandbox::Info& info) {
  JsonWriter out;
  WriteSandbox(out, info);
  return std::move(out).Take();
}

std::int64_t Signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

/// Each field between the bounds of the policy, and named when it is not.
sandbox::Limits ReadLimits(JsonObject limits, const sandbox::LimitPolicy& policy) {
  const auto read = [&](std::string_view name, auto value_of) {
    return limits.Integer(name, value_of(policy.initial), value_of(policy.min),
                          value_of(policy.max));
  };
  using Limits = const sandbox::Limits&;
  const auto memory = read("memory_bytes", [](Limits from) { return Signed(from.memory.count); });
  const auto cpu = read("cpu_millis", [](Limits from) { return Signed(from.cpu.count); });
  const auto processes =
      read("pids_max", [](Limits from) { return std::int64_t{from.process_count_max}; });
  const auto disk = read("disk_bytes", [](Limits from) { return Signed(from.disk.count); });
  const auto inodes = read("inodes_max", [](Limits from) { return Signed(from.inode_count_max); });
  const auto lifetime =
      read("lifetime_s", [](Limits from) { return std::int64_t{from.lifetime_max.count()}; });
  return {.memory = {static_cast<std::uint64_t>(memory)},
          .cpu = {static_cast<std::uint32_t>(cpu)},
          .process_count_max = static_cast<int>(processes),
          .disk = {static_cast<std::uint64_t>(disk)},
          .inode_count_max = static_cast<std::uint64_t>(inodes),
          .lifetime_max = std::chrono::seconds(lifetime)};
}

}  // namespace

void SandboxRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/sandboxes",
              .handler = [this](Request& request) { return Create(request); },
              .action = identity::Action::kUseSandbox,
              .body = BodyKind::kBuffered,
              .body_max = 256_KiB,
              .time_max = kCreateTimeMax});
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/sandboxes",
              .answer = [this](Request& request) { return List(request); },
              .action = identity::Action::kReadSandbox});
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/sandboxes/{sandbox_id}",
              .answer = [this](Request& request) { return Get(request); },
              .action = identity::Action::kReadSandbox});
  router.Add({.method = Method::kDelete,
              .pattern = "/api/v1/sandboxes/{sandbox_id}",
              .handler = [this](Request& request) { return Destroy(request); },
              .action = identity::Action::kUseSandbox,
              .time_max = kDestroyTimeMax});
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/sandboxes/{sandbox_id}/stats",
              .handler = [this](Request& request) { return Stats(request); },
              .action = identity::Action::kReadSandbox});
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/sandboxes/{sandbox_id}/logs",
              .handler = [this](Request& request) { return Logs(request); },
              .action = identity::Action::kReadSandbox});
}

Result<sandbox::SandboxRequest> SandboxRoutes::ReadRequest(
    const Request& request, const sandbox::Allowance& allowance) const {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  sandbox::SandboxRequest wanted;
  wanted.image = root.OptionalText("image", {.bytes_min = 1, .bytes_max = 200})
                     .value_or(context_.config.default_image);
  wanted.limits = ReadLimits(root.Object("limits"), context_.parts.manager.PolicyFor(allowance));
  wanted.env = ReadEnv(root);
  (void)root.Choice("network", "none", {"none"});
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return wanted;
}

Result<sandbox::Info> SandboxRoutes::Find(const Request& request) const {
  auto id = SandboxOf(request);
  if (!id) {
    return Fail(std::move(id).error());
  }
  return context_.parts.manager.Find(CallerOf(request), *id);
}

aio::Task<Response> SandboxRoutes::Create(Request& request) {
  auto allowance = co_await AllowanceOf(context_, request);
  if (!allowance) {
    co_return ErrorResponse(request, allowance.error());
  }
  auto wanted = ReadRequest(request, *allowance);
  if (!wanted) {
    co_return ErrorResponse(request, wanted.error());
  }
  const UserId owner = CallerOf(request);
  // The user's own limit first: a client in a loop must not use up what a class shares.
  auto within = Spend(context_.user_creations, owner.value(), request);
  if (within) {
    within = Spend(context_.address_creations, request.limit_key, request);
  }
  if (!within) {
    co_return ErrorResponse(request, within.error());
  }
  auto created = co_await context_.parts.manager.Create(owner, *std::move(wanted), *allowance,
                                                        request.deadline);
  if (!created) {
    co_return ErrorResponse(request, created.error(), "The machine could not be started.");
  }
  co_await NoteActing(request, identity::AuditAction::kSandboxCreated, created->id);
  Response response = JsonResponse(201, SandboxJson(*created));
  response.Set("Location", fmt::format("/api/v1/sandboxes/{}", created->id.value()));
  co_return response;
}

aio::Task<void> SandboxRoutes::NoteActing(const Request& request,
                                          identity::AuditAction action,
                                          SandboxId id) {
  if (!PrincipalOf(request).acting_admin) {
    co_return;
  }
  identity::AuditSubject subject{
      .kind = identity::SubjectKind::kSandbox, .id = id.value(), .name = {}};
  co_await context_.parts.identity.audit.Record(AuditContextOf(request), action,
                                                std::move(subject));
}

Response SandboxRoutes::List(const Request& request) const {
  auto owned = context_.parts.manager.List(CallerOf(request));
  if (!owned) {
    return ErrorResponse(request, owned.error());
  }
  JsonWriter out;
  out.BeginObject().Key("sandboxes").BeginArray();
  for (const sandbox::Info& info : *owned) {
    WriteSandbox(out, info);
  }
  out.EndArray().EndObject();
  return JsonResponse(200, std::move(out).Take());
}

Response SandboxRoutes::Get(const Request& request) const {
  auto id = SandboxOf(request);
  if (!id) {
    return ErrorResponse(request, id.error());
  }
  auto info = context_.parts.manager.Peek(CallerOf(request), *id);
  if (!info) {
    return ErrorResponse(request, info.error());
  }
  return JsonResponse(200, SandboxJson(**info));
}

aio::Task<Response> SandboxRoutes::Destroy(Request& request) {
  auto id = SandboxOf(request);
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  auto destroyed =
      co_await context_.parts.manager.Destroy(CallerOf(request), *id, request.deadline);
  if (destroyed) {
    co_await NoteActing(request, identity::AuditAction::kSandboxDeleted, *id);
  }
  co_return Answer(request, destroyed);
}

aio::Task<Response> SandboxRoutes::Stats(Request& request) {
  auto info = Find(request);
  if (!info) {
    co_return ErrorResponse(request, info.error());
  }
  auto usage = co_await context_.parts.manager.Stats(CallerOf(request), info->id, request.deadline);
  if (!usage) {
    co_return ErrorResponse(request, usage.error());
  }
  JsonWriter out;
  WriteStats(out, *info, *usage, std::chrono::system_clock::now());
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> SandboxRoutes::Logs(Request& request) {
  auto id = SandboxOf(request);
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  auto logs =
      co_await context_.parts.manager.Logs(CallerOf(request), *std::move(id), request.deadline);
  if (!logs) {
    co_return ErrorResponse(request, logs.error());
  }
  Response response{.status = 200, .headers = {}, .body = *std::move(logs)};
  // A sandbox chose these bytes: they must never be taken for a page.
  response.Set("Content-Type", "text/plain; charset=utf-8");
  response.Set("Cache-Control", "no-store");
  co_return response;
}

}  // namespace paddock::gateway
