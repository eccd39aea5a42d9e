#include "gateway/routes/session_routes.h"

#include <utility>

#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "gateway/routes/authenticator.h"
#include "gateway/routes/forms.h"
#include "gateway/routes/people_forms.h"
#include "gateway/routes/session_cookie.h"
#include "gateway/routes/sql_routes.h"
#include "identity/secret_text.h"
#include "identity/services.h"

namespace paddock::gateway {
namespace {

constexpr std::string_view kSocketPrefix = "/api/v1/terminals/";
constexpr std::string_view kSocketSuffix = "/socket";

/// The terminal whose socket `path` is.
std::optional<TerminalId> TerminalOfSocket(std::string_view path) {
  if (path.size() != kSocketPrefix.size() + kIdLength + kSocketSuffix.size() ||
      !path.starts_with(kSocketPrefix) || !path.ends_with(kSocketSuffix)) {
    return std::nullopt;
  }
  const auto id = path.substr(kSocketPrefix.size(), kIdLength);
  return IsIdText(id) ? std::optional(TerminalId(std::string(id))) : std::nullopt;
}

/// "path" of the body of POST /tickets.
Result<std::string> ReadTicketPath(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  std::string path = root.RequiredText("path", {.bytes_min = 1, .bytes_max = 256});
  if (!TerminalOfSocket(path) && path != kSqlSocketPath) {
    root.Reject("path", "must be that of a terminal's socket or of SQL sessions");
  }
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return path;
}

void TakeCookie(Response& response, const Request& request, std::string_view name) {
  SetSessionCookie(response, request, name, "", std::chrono::seconds(0));
}

}  // namespace

void SessionRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/session",
              .handler = [this](Request& request) { return Open(request); },
              .access = Access::kOptional,
              .body = BodyKind::kBuffered,
              .body_max = 4_KiB});
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/session",
              .handler = [this](Request& request) { return Get(request); },
              .action = identity::Action::kReadServer});
  router.Add({.method = Method::kDelete,
              .pattern = "/api/v1/session",
              .handler = [this](Request& request) { return Close(request); },
              .action = identity::Action::kReadServer});
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/tickets",
              .handler = [this](Request& request) { return CreateTicket(request); },
              .action = identity::Action::kUseSandbox,
              .body = BodyKind::kBuffered,
              .body_max = 4_KiB});
}

aio::Task<Response> SessionRoutes::Open(Request& request) {
  if (request.caller && PrincipalOf(request).role != Role::kGuest) {
    auto response = co_await CurrentSession(context_, request);
    co_return response;
  }
  const auto now = std::chrono::system_clock::now();
  const identity::TokenSigner& signer = context_.parts.signer;
  if (request.caller) {
    auto session = signer.Verify(*SessionToken(request), now);
    if (!session) {
      co_return ErrorResponse(request, session.error());
    }
    identity::TokenSigner::Issued guest{.token = std::string(*SessionToken(request)),
                                        .session = *std::move(session)};
    if (identity::TokenSigner::IsRenewalDue(guest.session, now)) {
      guest = signer.Issue(guest.session.user, now);
    }
    auto response = co_await AnswerGuest(request, 200, std::move(guest));
    co_return response;
  }
  if (!context_.config.guests) {
    co_return ErrorResponse(request, {.code = Code::kDenied, .message = "Please sign in."});
  }
  auto within = Spend(context_.address_guests, request.limit_key, request);
  if (!within) {
    co_return ErrorResponse(request, within.error());
  }
  auto guest = signer.Issue({.id = NewId<UserId>()}, now);
  auto response = co_await AnswerGuest(request, 201, std::move(guest));
  co_return response;
}

aio::Task<Response> SessionRoutes::AnswerGuest(Request& request,
                                               int status,
                                               identity::TokenSigner::Issued guest) {
  const UserId& id = guest.session.user.id;
  auto quota = co_await QuotaOf(context_, id, Role::kGuest, request.deadline);
  SessionAnswer answer{.user = GuestRecord(id),
                       .expires_at = guest.session.expires_at,
                       .quota = quota,
                       .token = guest.token};
  Response response = SessionResponse(status, answer);
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(
      guest.session.expires_at - std::chrono::system_clock::now());
  SetSessionCookie(response, request, SessionCookieName(request.secure), guest.token, left);
  co_return response;
}

aio::Task<Response> SessionRoutes::Get(Request& request) {
  if (PrincipalOf(request).role != Role::kGuest) {
    auto response = co_await CurrentSession(context_, request);
    co_return response;
  }
  const auto now = std::chrono::system_clock::now();
  auto session = context_.parts.signer.Verify(*SessionToken(request), now);
  if (!session) {
    co_return ErrorResponse(request, session.error());
  }
  const UserId& id = session->user.id;
  auto quota = co_await QuotaOf(context_, id, Role::kGuest, request.deadline);
  SessionAnswer answer{.user = GuestRecord(id), .expires_at = session->expires_at, .quota = quota};
  co_return SessionResponse(200, answer);
}

aio::Task<Response> SessionRoutes::Close(Request& request) {
  const identity::Principal principal = PrincipalOf(request);
  if (principal.acting_admin) {
    auto response = co_await CloseActing(request);
    co_return response;
  }
  if (principal.session) {
    identity::Services& people = context_.parts.identity;
    identity::AuditSubject subject{
        .kind = identity::SubjectKind::kUser, .id = principal.user.value(), .name = principal.name};
    auto entry = people.audit.Entry(AuditContextOf(request), identity::AuditAction::kSessionClosed,
                                    std::move(subject));
    auto closed =
        co_await people.sessions.Close(std::move(entry), *principal.session, request.deadline);
    if (!closed) {
      co_return ErrorResponse(request, closed.error());
    }
  }
  Response response = NoContent();
  TakeCookie(response, request, SessionCookieName(request.secure));
  co_return response;
}

aio::Task<Response> SessionRoutes::CloseActing(Request& request) {
  identity::Services& people = context_.parts.identity;
  const identity::Principal principal = PrincipalOf(request);
  identity::AuditSubject subject{
      .kind = identity::SubjectKind::kUser, .id = principal.user.value(), .name = principal.name};
  auto entry = people.audit.Entry(AuditContextOf(request), identity::AuditAction::kActingEnded,
                                  std::move(subject));
  auto closed =
      co_await people.sessions.Close(std::move(entry), *principal.session, request.deadline);
  if (!closed) {
    co_return ErrorResponse(request, closed.error());
  }
  Response response = NoContent();
  std::string own(request.Cookie(OwnSessionCookieName(request.secure)).value_or(""));
  Result<identity::SharedPrincipal> admin = Fail(Code::kDenied, "");
  if (identity::IsSecretText(own, identity::kSessionPrefix)) {
    admin = co_await people.sessions.LookUp(own, request.deadline);
  }
  if (admin && (*admin)->user == *principal.acting_admin && !(*admin)->acting_admin) {
    SetSessionCookie(response, request, SessionCookieName(request.secure), own,
                     people.sessions.lifetime());
  } else {
    TakeCookie(response, request, SessionCookieName(request.secure));
  }
  TakeCookie(response, request, OwnSessionCookieName(request.secure));
  co_return response;
}

aio::Task<Response> SessionRoutes::CreateTicket(Request& request) {
  auto path = ReadTicketPath(request);
  if (!path) {
    co_return ErrorResponse(request, path.error());
  }
  // A page cannot see why a WebSocket was refused, so it learns here that its terminal is gone.
  if (auto terminal = TerminalOfSocket(*path)) {
    auto found =
        co_await context_.terminals.Find(CallerOf(request), *std::move(terminal), request.deadline);
    if (!found) {
      co_return ErrorResponse(request, found.error());
    }
  }
  const auto expires_at = std::chrono::system_clock::now() + identity::TicketBooth::kLifetime;
  const auto ticket = context_.tickets.Issue(request.caller->principal, *std::move(path),
                                             std::chrono::steady_clock::now());
  JsonWriter out;
  out.BeginObject()
      .Field("ticket", std::string_view(ticket))
      .Field("expires_at", std::string_view(FormatTime(expires_at)))
      .EndObject();
  co_return JsonResponse(201, std::move(out).Take());
}

}  // namespace paddock::gateway
