#include "gateway/routes/context.h"

#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/log.h"
#include "gateway/routes/quota_forms.h"

namespace paddock::gateway {

ApiContext::ApiContext(ApiConfig given_config, ApiParts given_parts)
    : config(std::move(given_config)),
      parts(given_parts),
      databases(
          parts.identity.database, parts.identity.name_space, parts.secret, parts.identity.audit),
      terminals(parts.manager),
      tickets(config.limits.tickets_max),
      user_requests(config.limits.user_requests, config.limits.rate_key_count_max),
      address_requests(config.limits.address_requests, config.limits.rate_key_count_max),
      user_creations(config.limits.user_creations, config.limits.rate_key_count_max),
      address_creations(config.limits.address_creations, config.limits.rate_key_count_max),
      address_guests(config.limits.address_guests, config.limits.rate_key_count_max),
      address_sign_ups(config.limits.address_sign_ups, config.limits.rate_key_count_max),
      execs(config.limits.user_execs_max),
      transfers(config.limits.user_transfers_max),
      sockets(config.limits.user_sockets_max),
      sql_sessions(config.limits.user_sql_sessions_max),
      event_streams(config.limits.user_event_streams_max),
      challenge_runs(config.limits.user_challenge_runs_max) {}

const UserId& CallerOf(const Request& request) {
  PADDOCK_CHECK(request.caller.has_value());
  return request.caller->user();
}

const identity::Principal& PrincipalOf(const Request& request) {
  PADDOCK_CHECK(request.caller.has_value());
  return *request.caller->principal;
}

Result<SandboxId> SandboxOf(const Request& request) {
  const auto text = request.Parameter("sandbox_id");
  if (!IsIdText(text)) {
    return Fail(Code::kNotFound, "no such sandbox");
  }
  return SandboxId(std::string(text));
}

Result<TerminalId> TerminalOf(const Request& request) {
  const auto text = request.Parameter("terminal_id");
  if (!IsIdText(text)) {
    return Fail(Code::kNotFound, "no such terminal");
  }
  return TerminalId(std::string(text));
}

Result<void> Spend(identity::RateLimiter& limiter, std::string_view key, Request& request) {
  const auto wait = limiter.Take(key, request.started_at);
  if (wait) {
    request.retry_after = std::chrono::ceil<std::chrono::seconds>(*wait);
    return Fail(Code::kExhausted,
                fmt::format("too many requests: try again in {} s", request.retry_after->count()));
  }
  return {};
}

Result<identity::UserQuota::Place> TakePlace(identity::UserQuota& quota,
                                             const UserId& user,
                                             std::string_view what) {
  auto place = quota.TryTake(user);
  if (!place) {
    return Fail(Code::kExhausted,
                fmt::format("all {} {} of this user are in use", quota.per_user_max(), what));
  }
  return *std::move(place);
}

aio::Task<Result<sandbox::Allowance>> AllowanceOf(const ApiContext& context,
                                                  const Request& request) {
  const identity::Principal& caller = PrincipalOf(request);
  identity::Quotas& quotas = context.parts.identity.quotas;
  auto grant = quotas.Peek(caller, request.started_at);
  if (!grant) {
    auto found = co_await quotas.Find(caller.user, caller.role, request.deadline);
    if (!found) {
      co_return Fail(std::move(found).error());
    }
    grant = *found;
  }
  co_return AllowanceFrom(*grant, context.parts.manager.ServerAllowance());
}

aio::Task<Result<sandbox::AgentRef>> AgentOf(ApiContext& context, Request& request) {
  auto id = SandboxOf(request);
  if (!id) {
    co_return Fail(std::move(id).error());
  }
  auto agent =
      co_await context.parts.manager.Agent(CallerOf(request), *std::move(id), request.deadline);
  co_return agent;
}

aio::Task<void> DestroySandboxesOf(ApiContext& context, UserId user, Deadline deadline) {
  auto owned = context.parts.manager.List(user);
  if (!owned) {
    log::Warn("the sandboxes of a user who went are left to expire: {}", owned.error().message);
    co_return;
  }
  for (sandbox::Info& info : *owned) {
    auto destroyed = co_await context.parts.manager.Destroy(user, std::move(info.id), deadline);
    if (!destroyed && destroyed.error().code != Code::kNotFound) {
      log::Warn("a sandbox of a user who went is left to expire: {}", destroyed.error().message);
    }
  }
}

Response Answer(const Request& request, const Result<void>& outcome) {
  return outcome ? NoContent() : ErrorResponse(request, outcome.error());
}

}  // namespace paddock::gateway
