// ApiContext: what the routes share. Private to this folder.
//
// Threading: loop thread only.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "databases/registry.h"
#include "gateway/http.h"
#include "gateway/routes/api.h"
#include "gateway/routes/open_streams.h"
#include "gateway/routes/terminal_index.h"
#include "identity/user_quota.h"
#include "sandbox/allowance.h"

namespace paddock::gateway {

struct ApiContext {
  ApiContext(ApiConfig given_config, ApiParts given_parts);

  ApiConfig config;
  ApiParts parts;
  databases::Registry databases;  // registered ones
  TerminalIndex terminals;
  OpenStreams open_streams;
  identity::TicketBooth tickets;
  identity::RateLimiter user_requests;
  identity::RateLimiter address_requests;
  identity::RateLimiter user_creations;
  identity::RateLimiter address_creations;
  identity::RateLimiter address_guests;
  identity::RateLimiter address_sign_ups;
  identity::UserQuota execs;
  identity::UserQuota transfers;
  identity::UserQuota sockets;
  identity::UserQuota sql_sessions;
  identity::UserQuota event_streams;
  identity::UserQuota challenge_runs;
};

/// The caller of a route with Access::kUser.
[[nodiscard]] const UserId& CallerOf(const Request& request);
[[nodiscard]] const identity::Principal& PrincipalOf(const Request& request);

/// The id in the path. A text that is no id names nothing: kNotFound.
[[nodiscard]] Result<SandboxId> SandboxOf(const Request& request);
[[nodiscard]] Result<TerminalId> TerminalOf(const Request& request);

/// Takes one from `limiter`, or fails with kExhausted and how long to wait, which the answer says
/// in Retry-After.
[[nodiscard]] Result<void> Spend(identity::RateLimiter& limiter,
                                 std::string_view key,
                                 Request& request);

/// Takes a place, or fails with kExhausted: "all 8 … of this user are in use".
[[nodiscard]] Result<identity::UserQuota::Place> TakePlace(identity::UserQuota& quota,
                                                           const UserId& user,
                                                           std::string_view what);

/// What the caller may have: asks the store only when it is not in memory. Fails like
/// store::Database::Read.
[[nodiscard]] aio::Task<Result<sandbox::Allowance>> AllowanceOf(
    const ApiContext& context,  // outlives the task, as the request does
    const Request& request);

/// The agent of the sandbox in the path, of this caller.
[[nodiscard]] aio::Task<Result<sandbox::AgentRef>> AgentOf(ApiContext& context, Request& request);

/// Destroys all that a user who goes has; what cannot be destroyed now expires by itself.
[[nodiscard]] aio::Task<void> DestroySandboxesOf(ApiContext& context,  // outlives the task
                                                 UserId user,
                                                 Deadline deadline);

/// For routes that have nothing to do between awaiting and answering.
[[nodiscard]] Response Answer(const Request& request, const Result<void>& outcome);

}  // namespace paddock::gateway
