// The forms of people in the API, and what the routes about them share.
//
// Threading: loop thread only.
#pragma once

#include <optional>
#include <string>

#include "aio/task.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "gateway/http.h"
#include "gateway/json_body.h"
#include "gateway/routes/context.h"
#include "identity/admission.h"
#include "identity/audit_log.h"
#include "identity/quotas.h"
#include "identity/sign_up.h"
#include "store/users.h"

namespace paddock::gateway {

/// Who does what is asked, and from where; for the audit log.
[[nodiscard]] identity::AuditContext AuditContextOf(const Request& request);

[[nodiscard]] identity::ClientInfo ClientOf(const Request& request);

/// What the browser brings along to a sign-in: the guest or the session that it was until now.
[[nodiscard]] identity::Arrival ArrivalOf(const Request& request);

/// The members of a user, inside an object that is open.
void WriteUserFields(JsonWriter& out, const store::UserRecord& user);
void WriteUser(JsonWriter& out, const store::UserRecord& user);

/// "name", "password" and "display_name" of a body, bounded and otherwise unchecked.
[[nodiscard]] identity::NewAccount ReadNewAccount(JsonObject& body);
[[nodiscard]] std::string ReadPassword(JsonObject& body, std::string_view name);

/// What GET /session answers.
struct SessionAnswer {
  store::UserRecord user;
  std::optional<std::chrono::system_clock::time_point> expires_at =
      std::nullopt;  // absent: of a token
  std::optional<UserId> acting_admin = std::nullopt;
  std::string acting_admin_name = {};  // NOLINT: may be left out
  identity::Grant quota = {};
  std::string token = {};  // NOLINT: of a guest, also to be sent as bearer
};
[[nodiscard]] Response SessionResponse(int status, const SessionAnswer& answer);

/// The same for somebody who has just signed in, with the cookie. Fails never: without an answer
/// about the quota the server's ceiling is shown.
[[nodiscard]] aio::Task<Response> SignedInResponse(ApiContext& context,  // outlives the task
                                                   Request& request,
                                                   int status,
                                                   identity::SignedIn signed_in);

/// Who the caller is now, who has an account: read again, for it may just have changed.
[[nodiscard]] aio::Task<Response> CurrentSession(ApiContext& context,  // outlives the task
                                                 Request& request);

/// A guest as a user: id and role, and nothing else.
[[nodiscard]] store::UserRecord GuestRecord(const UserId& id);

/// What `user` may use; the server's ceiling when the store does not say.
[[nodiscard]] aio::Task<identity::Grant> QuotaOf(ApiContext& context,  // outlives the task
                                                 UserId user,
                                                 Role role,
                                                 Deadline deadline);

/// An error with how long to wait in Retry-After, when it says so.
[[nodiscard]] Response ErrorResponseAfter(Request& request,
                                          const Error& error,
                                          std::optional<std::chrono::milliseconds> retry_after);

}  // namespace paddock::gateway
