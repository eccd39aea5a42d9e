#include "gateway/routes/people_forms.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "gateway/routes/forms.h"
#include "gateway/routes/session_cookie.h"
#include "identity/names.h"
#include "identity/passwords.h"

namespace paddock::gateway {
namespace {

constexpr std::size_t kCharacterBytesMax = 4;  // of UTF-8

void WriteOptionalText(JsonWriter& out, JsonName name, const std::optional<std::string>& text) {
  out.Key(name);
  if (text) {
    out.Text(*text);
  } else {
    out.Null();
  }
}

std::chrono::seconds LifetimeLeft(std::chrono::system_clock::time_point expires_at) {
  const auto left = expires_at - std::chrono::system_clock::now();
  return std::max(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds(0));
}

}  // namespace

identity::AuditContext AuditContextOf(const Request& request) {
  identity::AuditContext context{.principal = std::nullopt, .address = request.remote_address};
  if (request.caller) {
    context.principal = *request.caller->principal;
  }
  return context;
}

identity::ClientInfo ClientOf(const Request& request) {
  return {.address = request.remote_address,
          .user_agent = std::string(request.Header("User-Agent").value_or(""))};
}

identity::Arrival ArrivalOf(const Request& request) {
  identity::Arrival arrival{.client = ClientOf(request)};
  if (request.caller) {
    const identity::Principal& before = *request.caller->principal;
    if (before.credential == identity::CredentialKind::kGuestToken) {
      arrival.guest = before.user;
    }
    arrival.replaced = before.session;
  }
  return arrival;
}

void WriteUserFields(JsonWriter& out, const store::UserRecord& user) {
  out.Field("id", std::string_view(user.id.value())).Field("role", Name(user.role));
  WriteOptionalText(out, "name", user.name);
  out.Field("display_name", std::string_view(user.display_name));
  WriteOptionalText(out, "email", user.email);
  out.Field("language", std::string_view(user.language))
      .Field("theme", std::string_view(user.theme))
      .Field("has_password", user.password_hash.has_value())
      .Key("created_at");
  if (user.role == Role::kGuest) {
    out.Null();
  } else {
    out.Text(FormatTime(user.created_at));
  }
}

void WriteUser(JsonWriter& out, const store::UserRecord& user) {
  out.BeginObject();
  WriteUserFields(out, user);
  out.EndObject();
}

identity::NewAccount ReadNewAccount(JsonObject& body) {
  constexpr std::size_t kSignInNameBytesMax = identity::kNameCharactersMax * kCharacterBytesMax;
  constexpr std::size_t kShownBytesMax = identity::kDisplayNameCharactersMax * kCharacterBytesMax;
  identity::NewAccount account;
  account.name = body.OptionalText("name", {.bytes_max = kSignInNameBytesMax}).value_or("");
  account.password = ReadPassword(body, "password");
  account.display_name =
      body.OptionalText("display_name", {.bytes_max = kShownBytesMax}).value_or("");
  return account;
}

std::string ReadPassword(JsonObject& body, std::string_view name) {
  return body.RequiredText(name, {.bytes_min = 1, .bytes_max = identity::kPasswordBytesMax});
}

Response SessionResponse(int status, const SessionAnswer& answer) {
  JsonWriter out;
  out.BeginObject();
  if (!answer.token.empty()) {
    out.Field("token", std::string_view(answer.token));
  }
  WriteUser(out.Key("user"), answer.user);
  out.Key("expires_at");
  if (answer.expires_at) {
    out.Text(FormatTime(*answer.expires_at));
  } else {
    out.Null();
  }
  out.Key("acting_admin");
  if (answer.acting_admin) {
    out.BeginObject()
        .Field("id", std::string_view(answer.acting_admin->value()))
        .Field("name", std::string_view(answer.acting_admin_name))
        .EndObject();
  } else {
    out.Null();
  }
  out.Key("quota")
      .BeginObject()
      .Field("sandboxes_max", answer.quota.sandboxes_max)
      .Field("memory_max_bytes", answer.quota.memory_max_bytes)
      .Field("lifetime_max_s", answer.quota.lifetime_max_s)
      .EndObject()
      .EndObject();
  return JsonResponse(status, std::move(out).Take());
}

aio::Task<Response> SignedInResponse(ApiContext& context,
                                     Request& request,
                                     int status,
                                     identity::SignedIn signed_in) {
  const store::UserRecord& user = signed_in.user;
  auto quota = co_await QuotaOf(context, user.id, user.role, request.deadline);
  const auto expires_at = signed_in.session.record.expires_at;
  Response response =
      SessionResponse(status, {.user = user, .expires_at = expires_at, .quota = quota});
  SetSessionCookie(response, request, SessionCookieName(request.secure), signed_in.session.secret,
                   LifetimeLeft(expires_at));
  co_return response;
}

aio::Task<Response> CurrentSession(ApiContext& context, Request& request) {
  identity::Services& people = context.parts.identity;
  const identity::Principal principal = PrincipalOf(request);
  auto user = co_await people.accounts.Find(principal.user, request.deadline);
  if (!user) {
    co_return ErrorResponse(request, user.error());
  }
  SessionAnswer answer{.user = *std::move(user),
                       .acting_admin = principal.acting_admin,
                       .acting_admin_name = principal.acting_admin_name};
  if (principal.session) {
    auto found = co_await people.sessions.Find(*principal.session, request.deadline);
    if (!found) {
      co_return ErrorResponse(request, found.error());
    }
    answer.expires_at = found->session.expires_at;
  }
  answer.quota = co_await QuotaOf(context, answer.user.id, answer.user.role, request.deadline);
  co_return SessionResponse(200, answer);
}

store::UserRecord GuestRecord(const UserId& id) { return {.id = id, .role = Role::kGuest}; }

aio::Task<identity::Grant> QuotaOf(ApiContext& context, UserId user, Role role, Deadline deadline) {
  identity::Quotas& quotas = context.parts.identity.quotas;
  auto found = co_await quotas.Find(std::move(user), role, deadline);
  co_return found ? *found : quotas.ceiling();
}

Response ErrorResponseAfter(Request& request,
                            const Error& error,
                            std::optional<std::chrono::milliseconds> retry_after) {
  if (retry_after) {
    request.retry_after = std::chrono::ceil<std::chrono::seconds>(*retry_after);
  }
  return ErrorResponse(request, error);
}

}  // namespace paddock::gateway
