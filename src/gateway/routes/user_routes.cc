#include "gateway/routes/user_routes.h"

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "gateway/routes/directory_forms.h"
#include "gateway/routes/forms.h"
#include "gateway/routes/page_query.h"
#include "gateway/routes/people_forms.h"
#include "gateway/routes/session_cookie.h"
#include "identity/names.h"

namespace paddock::gateway {
namespace {

using identity::Action;

constexpr std::size_t kDisplayNameBytesMax = 400;
constexpr std::chrono::minutes kDeleteTimeMax{2};

Result<UserId> UserOf(const Request& request) { return PathId<UserId>(request, "user_id", "user"); }

Result<store::DirectoryQuery> ReadQuery(const Request& request) {
  store::DirectoryQuery query;
  auto text = ReadTextFilter(request, "query");
  if (!text) {
    return Fail(std::move(text).error());
  }
  query.text = *std::move(text);
  const auto role = request.Query("role").value_or("");
  query.role = ParseRole(role);
  if (!role.empty() && (!query.role || *query.role == Role::kGuest)) {
    return Fail(Code::kInvalid, "role must be learner, teacher or admin");
  }
  auto page = ReadPage(request);
  if (!page) {
    return Fail(std::move(page).error());
  }
  query.after = std::move(page->after);
  query.limit = page->limit + 1;
  return query;
}

Result<identity::UserChange> ReadChange(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  identity::UserChange change;
  if (root.Has("role")) {
    change.role = ParseRole(root.Choice("role", "learner", {"learner", "teacher", "admin"}));
  }
  if (root.Has("disabled")) {
    change.disabled = root.Boolean("disabled", false);
  }
  change.display_name =
      root.OptionalText("display_name", {.bytes_min = 1, .bytes_max = kDisplayNameBytesMax});
  auto valid = body->Finish();
  if (valid && change.display_name) {
    valid = identity::CheckDisplayName(*change.display_name);
  }
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return change;
}

}  // namespace

void UserRoutes::AddTo(Router& router) {
  const auto add = [&](Method method, const char* pattern, Action action, auto handler,
                       BodyKind body = BodyKind::kNone) {
    router.Add({.method = method,
                .pattern = pattern,
                .handler = [this, handler](Request& request) { return (this->*handler)(request); },
                .action = action,
                .body = body,
                .body_max = 16_KiB,
                .time_max = kDeleteTimeMax});
  };
  using Routes = UserRoutes;
  add(Method::kGet, "/api/v1/users", Action::kReadUsers, &Routes::List);
  add(Method::kGet, "/api/v1/users/{user_id}", Action::kReadUsers, &Routes::Get);
  add(Method::kPatch, "/api/v1/users/{user_id}", Action::kManageUsers, &Routes::Change,
      BodyKind::kBuffered);
  add(Method::kDelete, "/api/v1/users/{user_id}", Action::kManageUsers, &Routes::Delete);
  add(Method::kPost, "/api/v1/users/{user_id}/reset", Action::kManageUsers, &Routes::Reset);
  add(Method::kDelete, "/api/v1/users/{user_id}/sessions", Action::kManageUsers,
      &Routes::EndSessions);
  add(Method::kPost, "/api/v1/users/{user_id}/act-as", Action::kActAs, &Routes::ActAs);
}

Response UserRoutes::UserResponse(const Request& request,
                                  const Result<store::DirectoryEntry>& found) const {
  if (!found) {
    return ErrorResponse(request, found.error());
  }
  JsonWriter out;
  WriteDirectoryEntry(out, *found, context_.parts.manager.CountOf(found->id));
  return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> UserRoutes::List(Request& request) {
  auto query = ReadQuery(request);
  if (!query) {
    co_return ErrorResponse(request, query.error());
  }
  const std::int64_t limit = query->limit - 1;
  auto found = co_await context_.parts.identity.directory.List(*std::move(query), request.deadline);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  co_return PageResponse(
      "users", std::span<const store::DirectoryEntry>(*found), limit,
      [this](JsonWriter& out, const store::DirectoryEntry& user) {
        WriteDirectoryEntry(out, user, context_.parts.manager.CountOf(user.id));
      },
      [](const store::DirectoryEntry& user) { return user.id.value(); });
}

aio::Task<Response> UserRoutes::Get(Request& request) {
  auto id = UserOf(request);
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  auto found = co_await context_.parts.identity.directory.Find(*std::move(id), request.deadline);
  co_return UserResponse(request, found);
}

aio::Task<Response> UserRoutes::Change(Request& request) {
  auto id = UserOf(request);
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  auto change = ReadChange(request);
  if (!change) {
    co_return ErrorResponse(request, change.error());
  }
  auto changed = co_await context_.parts.identity.directory.Change(
      AuditContextOf(request), *std::move(id), *std::move(change), request.deadline);
  co_return UserResponse(request, changed);
}

aio::Task<Response> UserRoutes::Reset(Request& request) {
  auto id = UserOf(request);
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  auto user = co_await context_.parts.identity.directory.Find(*std::move(id), request.deadline);
  if (!user) {
    co_return ErrorResponse(request, user.error());
  }
  if (!user->name) {
    Error error{.code = Code::kConflict,
                .message = "This user signs in through the provider and has no password here."};
    co_return ErrorResponse(request, error);
  }
  store::UserRecord record{
      .id = user->id, .role = user->role, .name = user->name, .display_name = user->display_name};
  auto made = co_await context_.parts.identity.links.MakeReset(AuditContextOf(request),
                                                               std::move(record), request.deadline);
  if (!made) {
    co_return ErrorResponse(request, made.error());
  }
  JsonWriter out;
  out.BeginObject()
      .Field("secret", std::string_view(made->secret))
      .Field("expires_at", TimeText(made->record.expires_at).text())
      .EndObject();
  co_return JsonResponse(201, std::move(out).Take());
}

aio::Task<Response> UserRoutes::EndSessions(Request& request) {
  auto id = UserOf(request);
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  auto ended = co_await context_.parts.identity.directory.EndSessions(
      AuditContextOf(request), *std::move(id), request.deadline);
  co_return Answer(request, ended);
}

aio::Task<Response> UserRoutes::Delete(Request& request) {
  auto id = UserOf(request);
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  auto user = co_await context_.parts.identity.directory.PrepareDelete(
      AuditContextOf(request), *std::move(id), request.deadline);
  if (!user) {
    co_return ErrorResponse(request, user.error());
  }
  co_await DestroySandboxesOf(context_, user->id, request.deadline);
  auto deleted = co_await context_.parts.identity.directory.Delete(
      AuditContextOf(request), *std::move(user), request.deadline);
  co_return Answer(request, deleted);
}

aio::Task<Response> UserRoutes::ActAs(Request& request) {
  auto id = UserOf(request);
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  identity::Services& people = context_.parts.identity;
  const identity::Principal& admin = PrincipalOf(request);
  auto acting = co_await people.acting.Begin(AuditContextOf(request), ArrivalOf(request).client,
                                             *std::move(id), request.deadline);
  if (!acting) {
    co_return ErrorResponse(request, acting.error());
  }
  const store::UserRecord& user = acting->user;
  auto quota = co_await QuotaOf(context_, user.id, user.role, request.deadline);
  const auto expires_at = acting->session.record.expires_at;
  SessionAnswer answer{.user = user,
                       .expires_at = expires_at,
                       .acting_admin = admin.user,
                       .acting_admin_name = admin.name,
                       .quota = quota};
  Response response = SessionResponse(200, answer);
  SetSessionCookie(response, request, SessionCookieName(request.secure), acting->session.secret,
                   identity::Sessions::kActingMax);
  // To go back with. Without it, or when it has ended meanwhile, the admin signs in again.
  if (const auto own = request.Cookie(SessionCookieName(request.secure))) {
    SetSessionCookie(response, request, OwnSessionCookieName(request.secure), *own,
                     people.sessions.lifetime());
  }
  co_return response;
}

}  // namespace paddock::gateway
