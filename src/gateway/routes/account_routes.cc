#include "gateway/routes/account_routes.h"

#include <utility>

#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "gateway/routes/forms.h"
#include "gateway/routes/people_forms.h"
#include "gateway/routes/session_cookie.h"
#include "identity/names.h"
#include "identity/services.h"

namespace paddock::gateway {
namespace {

using identity::Action;
using Wait = std::optional<std::chrono::milliseconds>;

constexpr std::int64_t kTokenDaysMax = 3650;
constexpr std::size_t kScopesMax = 16;
constexpr std::size_t kScopeBytesMax = 64;
constexpr std::size_t kTextBytesMax = 512;

/// What of `before` the body leaves as it is stays.
Result<store::Profile> ReadProfile(const Request& request, const store::UserRecord& before) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  constexpr TextRule kText{.bytes_max = kTextBytesMax};
  store::Profile profile{
      .display_name = root.OptionalText("display_name", kText).value_or(before.display_name),
      .email = before.email,
      .language = root.Choice("language", before.language, {"", "en", "zh"}),
      .theme = root.Choice("theme", before.theme, {"", "light", "dark"})};
  if (auto email = root.OptionalText("email", kText)) {
    profile.email = email->empty() ? std::nullopt : std::move(email);
  }
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return profile;
}

Result<identity::ApiTokens::Wish> ReadTokenWish(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  identity::ApiTokens::Wish wish;
  wish.name = root.RequiredText("name", {.bytes_min = 1, .bytes_max = kTextBytesMax});
  const auto named = root.OptionalTexts("scopes", 0, kScopesMax, {.bytes_max = kScopeBytesMax});
  for (const std::string& name : named.value_or(std::vector<std::string>())) {
    const auto scope = identity::ParseScope(name);
    if (scope) {
      wish.scopes.Add(*scope);
    } else {
      root.Reject("scopes", "has one that there is not");
    }
  }
  if (const auto days = root.OptionalInteger("expires_in_days", 1, kTokenDaysMax)) {
    wish.lifetime = std::chrono::days(*days);
  }
  auto valid = body->Finish();
  if (valid) {
    valid = identity::CheckLine("name", wish.name, identity::kDisplayNameCharactersMax);
  }
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return wish;
}

void WriteOptionalTime(JsonWriter& out, JsonName name, const std::optional<SystemTime>& time) {
  out.Key(name);
  if (time) {
    out.Text(FormatTime(*time));
  } else {
    out.Null();
  }
}

void WriteToken(JsonWriter& out, const store::ApiTokenRecord& token, std::string_view secret) {
  out.BeginObject()
      .Field("id", std::string_view(token.id.value()))
      .Field("name", std::string_view(token.name))
      .Key("scopes")
      .BeginArray();
  std::string_view rest = token.scopes;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(' '), rest.size());
    out.Text(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  out.EndArray().Field("created_at", std::string_view(FormatTime(token.created_at)));
  WriteOptionalTime(out, "expires_at", token.expires_at);
  WriteOptionalTime(out, "used_at", token.used_at);
  if (!secret.empty()) {
    out.Field("secret", secret);
  }
  out.EndObject();
}

void WriteSession(JsonWriter& out, const store::SessionHolder& holder, bool is_current) {
  const store::SessionRecord& session = holder.session;
  out.BeginObject()
      .Field("id", std::string_view(session.id.value()))
      .Field("created_at", std::string_view(FormatTime(session.created_at)))
      .Field("seen_at", std::string_view(FormatTime(session.seen_at)))
      .Field("expires_at", std::string_view(FormatTime(session.expires_at)))
      .Field("address", std::string_view(session.address))
      .Field("user_agent", std::string_view(session.user_agent))
      .Field("current", is_current)
      .Key("acting_admin");
  if (session.acting_admin) {
    out.BeginObject()
        .Field("id", std::string_view(session.acting_admin->value()))
        .Field("name", std::string_view(holder.acting_admin_name))
        .EndObject();
  } else {
    out.Null();
  }
  out.EndObject();
}

identity::AuditSubject SessionSubject(std::string id) {
  return {.kind = identity::SubjectKind::kSession, .id = std::move(id), .name = {}};
}

}  // namespace

void AccountRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/account",
              .handler = [this](Request& request) { return Get(request); },
              .action = Action::kReadAccount});
  router.Add({.method = Method::kPatch,
              .pattern = "/api/v1/account",
              .handler = [this](Request& request) { return Change(request); },
              .action = Action::kManageAccount,
              .body = BodyKind::kBuffered});
  router.Add({.method = Method::kDelete,
              .pattern = "/api/v1/account",
              .handler = [this](Request& request) { return Delete(request); },
              .action = Action::kManageAccount,
              .body = BodyKind::kBuffered});
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/account/password",
              .handler = [this](Request& request) { return SetPassword(request); },
              .action = Action::kManageAccount,
              .body = BodyKind::kBuffered});
  AddSessionsTo(router);
  AddTokensTo(router);
}

void AccountRoutes::AddSessionsTo(Router& router) {
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/account/sessions",
              .handler = [this](Request& request) { return ListSessions(request); },
              .action = Action::kManageAccount});
  router.Add({.method = Method::kDelete,
              .pattern = "/api/v1/account/sessions",
              .handler = [this](Request& request) { return EndOtherSessions(request); },
              .action = Action::kManageAccount});
  router.Add({.method = Method::kDelete,
              .pattern = "/api/v1/account/sessions/{session_id}",
              .handler = [this](Request& request) { return EndSession(request); },
              .action = Action::kManageAccount});
}

void AccountRoutes::AddTokensTo(Router& router) {
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/account/tokens",
              .handler = [this](Request& request) { return ListTokens(request); },
              .action = Action::kManageAccount});
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/account/tokens",
              .handler = [this](Request& request) { return MakeToken(request); },
              .action = Action::kManageAccount,
              .body = BodyKind::kBuffered});
  router.Add({.method = Method::kDelete,
              .pattern = "/api/v1/account/tokens/{token_id}",
              .handler = [this](Request& request) { return RevokeToken(request); },
              .action = Action::kManageAccount});
}

aio::Task<Response> AccountRoutes::Get(Request& request) {
  auto user = co_await context_.parts.identity.accounts.Find(CallerOf(request), request.deadline);
  if (!user) {
    co_return ErrorResponse(request, user.error());
  }
  JsonWriter out;
  WriteUser(out, *user);
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> AccountRoutes::Change(Request& request) {
  identity::Accounts& accounts = context_.parts.identity.accounts;
  auto before = co_await accounts.Find(CallerOf(request), request.deadline);
  if (!before) {
    co_return ErrorResponse(request, before.error());
  }
  auto profile = ReadProfile(request, *before);
  if (!profile) {
    co_return ErrorResponse(request, profile.error());
  }
  auto user =
      co_await accounts.SetProfile(AuditContextOf(request), *std::move(profile), request.deadline);
  if (!user) {
    co_return ErrorResponse(request, user.error());
  }
  JsonWriter out;
  WriteUser(out, *user);
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> AccountRoutes::SetPassword(Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    co_return ErrorResponse(request, body.error());
  }
  JsonObject root = body->root();
  identity::Accounts::PasswordChange change;
  change.current = root.OptionalText("current", {.bytes_max = identity::kPasswordBytesMax});
  change.wanted = ReadPassword(root, "new");
  change.limit_key = request.limit_key;
  auto valid = body->Finish();
  if (!valid) {
    co_return ErrorResponse(request, valid.error());
  }
  Wait retry_after;
  auto changed = co_await context_.parts.identity.accounts.SetPassword(
      AuditContextOf(request), std::move(change), retry_after, request.deadline);
  if (!changed) {
    co_return ErrorResponseAfter(request, changed.error(), retry_after);
  }
  co_return NoContent();
}

aio::Task<Response> AccountRoutes::Delete(Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    co_return ErrorResponse(request, body.error());
  }
  JsonObject root = body->root();
  identity::PasswordLogin login;
  login.password = root.OptionalText("password", {.bytes_max = identity::kPasswordBytesMax})
                       .value_or(std::string());
  login.limit_key = request.limit_key;
  auto valid = body->Finish();
  if (!valid) {
    co_return ErrorResponse(request, valid.error());
  }
  Wait retry_after;
  auto deleted = co_await context_.parts.identity.accounts.Delete(
      AuditContextOf(request), std::move(login), retry_after, request.deadline);
  if (!deleted) {
    co_return ErrorResponseAfter(request, deleted.error(), retry_after);
  }
  co_await DestroySandboxesOf(context_, CallerOf(request), request.deadline);
  Response response = NoContent();
  SetSessionCookie(response, request, SessionCookieName(request.secure), "",
                   std::chrono::seconds(0));
  co_return response;
}

aio::Task<Response> AccountRoutes::ListSessions(Request& request) {
  auto sessions =
      co_await context_.parts.identity.sessions.List(CallerOf(request), request.deadline);
  if (!sessions) {
    co_return ErrorResponse(request, sessions.error());
  }
  const auto& current = PrincipalOf(request).session;
  JsonWriter out;
  out.BeginObject().Key("sessions").BeginArray();
  for (const store::SessionHolder& holder : *sessions) {
    WriteSession(out, holder, holder.session.id == current);
  }
  out.EndArray().EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> AccountRoutes::EndSession(Request& request) {
  const auto text = request.Parameter("session_id");
  if (!IsIdText(text)) {
    co_return ErrorResponse(request, {.code = Code::kNotFound, .message = "no such session"});
  }
  identity::Services& people = context_.parts.identity;
  auto entry = people.audit.Entry(AuditContextOf(request), identity::AuditAction::kSessionRevoked,
                                  SessionSubject(std::string(text)));
  auto ended = co_await people.sessions.Revoke(std::move(entry), CallerOf(request),
                                               SessionId(std::string(text)), request.deadline);
  co_return Answer(request, ended);
}

aio::Task<Response> AccountRoutes::EndOtherSessions(Request& request) {
  identity::Services& people = context_.parts.identity;
  auto entry = people.audit.Entry(AuditContextOf(request), identity::AuditAction::kSessionRevoked,
                                  SessionSubject("all others"));
  auto ended = co_await people.sessions.RevokeAll(std::move(entry), CallerOf(request),
                                                  PrincipalOf(request).session, request.deadline);
  co_return Answer(request, ended);
}

aio::Task<Response> AccountRoutes::ListTokens(Request& request) {
  auto tokens =
      co_await context_.parts.identity.api_tokens.List(CallerOf(request), request.deadline);
  if (!tokens) {
    co_return ErrorResponse(request, tokens.error());
  }
  JsonWriter out;
  out.BeginObject().Key("tokens").BeginArray();
  for (const store::ApiTokenRecord& token : *tokens) {
    WriteToken(out, token, "");
  }
  out.EndArray().EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> AccountRoutes::MakeToken(Request& request) {
  auto wish = ReadTokenWish(request);
  if (!wish) {
    co_return ErrorResponse(request, wish.error());
  }
  auto made = co_await context_.parts.identity.api_tokens.Make(AuditContextOf(request),
                                                               *std::move(wish), request.deadline);
  if (!made) {
    co_return ErrorResponse(request, made.error());
  }
  JsonWriter out;
  WriteToken(out, made->record, made->secret);
  co_return JsonResponse(201, std::move(out).Take());
}

aio::Task<Response> AccountRoutes::RevokeToken(Request& request) {
  const auto text = request.Parameter("token_id");
  if (!IsIdText(text)) {
    co_return ErrorResponse(request, {.code = Code::kNotFound, .message = "no such token"});
  }
  auto revoked = co_await context_.parts.identity.api_tokens.Revoke(
      AuditContextOf(request), ApiTokenId(std::string(text)), request.deadline);
  co_return Answer(request, revoked);
}

}  // namespace paddock::gateway
