#include "gateway/routes/session_routes.h"

#include <utility>

#include <fmt/format.h>

#include "gateway/json_body.h"
#include "gateway/routes/authenticator.h"
#include "gateway/routes/forms.h"
#include "gateway/routes/json_writer.h"

namespace paddock::gateway {
namespace {

constexpr std::string_view kSocketPrefix = "/api/v1/terminals/";
constexpr std::string_view kSocketSuffix = "/socket";

Response Answered(const Request& request, Result<Response> result) {
  return result ? *std::move(result) : ErrorResponse(request, result.error());
}

std::string Cookie(const Request& request, std::string_view token, std::chrono::seconds max_age) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}",
                     SessionCookieName(request.secure), token, max_age.count(),
                     request.secure ? "; Secure" : "");
}

void WriteUser(JsonWriter& out, const identity::Session& session) {
  out.Key("user")
      .BeginObject()
      .Field("id", std::string_view(session.user.id.value()))
      .Field("kind", identity::Name(session.user.kind))
      .EndObject()
      .Field("expires_at", std::string_view(FormatTime(session.expires_at)));
}

Response SessionResponse(const Request& request,
                         int status,
                         std::string_view token,
                         const identity::Session& session) {
  JsonWriter out;
  out.BeginObject().Field("token", token);
  WriteUser(out, session);
  out.EndObject();
  Response response = JsonResponse(status, std::move(out).Take());
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(
      session.expires_at - std::chrono::system_clock::now());
  response.Set("Set-Cookie", Cookie(request, token, left));
  return response;
}

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
  if (!TerminalOfSocket(path)) {
    root.Reject("path", "must be that of a terminal's socket");
  }
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return path;
}

}  // namespace

void SessionRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/session",
              .answer = [this](Request& request) { return Answered(request, Open(request)); },
              .access = Access::kOptional,
              .body = BodyKind::kBuffered,
              .body_max = 4_KiB});
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/session",
              .answer = [this](Request& request) { return Answered(request, Get(request)); }});
  router.Add({.method = Method::kDelete,
              .pattern = "/api/v1/session",
              .answer = [this](Request& request) { return Close(request); }});
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/tickets",
              .handler = [this](Request& request) { return CreateTicket(request); },
              .body = BodyKind::kBuffered,
              .body_max = 4_KiB});
}

Result<Response> SessionRoutes::Open(Request& request) {
  const auto now = std::chrono::system_clock::now();
  const identity::TokenSigner& signer = context_.parts.signer;
  const auto token = SessionToken(request);
  if (token) {
    auto session = signer.Verify(*token, now);
    if (session && !identity::TokenSigner::IsRenewalDue(*session, now)) {
      return SessionResponse(request, 200, *token, *session);
    }
    if (session) {
      const auto renewed = signer.Issue(session->user, now);
      return SessionResponse(request, 200, renewed.token, renewed.session);
    }
  }
  auto within = Spend(context_.address_guests, request.limit_key, request);
  if (!within) {
    return Fail(std::move(within).error());
  }
  const auto issued = signer.Issue({.id = NewId<UserId>()}, now);
  return SessionResponse(request, 201, issued.token, issued.session);
}

Result<Response> SessionRoutes::Get(const Request& request) {
  const auto token = SessionToken(request);
  if (!token) {
    return Fail(Code::kDenied, "no session");
  }
  auto session = context_.parts.signer.Verify(*token, std::chrono::system_clock::now());
  if (!session) {
    return Fail(std::move(session).error());
  }
  JsonWriter out;
  out.BeginObject();
  WriteUser(out, *session);
  out.EndObject();
  return JsonResponse(200, std::move(out).Take());
}

Response SessionRoutes::Close(const Request& request) {
  Response response = NoContent();
  response.Set("Set-Cookie", Cookie(request, "", std::chrono::seconds(0)));
  return response;
}

aio::Task<Response> SessionRoutes::CreateTicket(Request& request) {
  auto path = ReadTicketPath(request);
  if (!path) {
    co_return ErrorResponse(request, path.error());
  }
  // A page cannot see why a WebSocket was refused, so it learns here that its terminal is gone.
  const UserId user = CallerOf(request);
  auto terminal = *TerminalOfSocket(*path);
  auto found = co_await context_.terminals.Find(user, std::move(terminal), request.deadline);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  const auto expires_at = std::chrono::system_clock::now() + identity::TicketBooth::kLifetime;
  const auto ticket =
      context_.tickets.Issue({.id = user}, *std::move(path), std::chrono::steady_clock::now());
  JsonWriter out;
  out.BeginObject()
      .Field("ticket", std::string_view(ticket))
      .Field("expires_at", std::string_view(FormatTime(expires_at)))
      .EndObject();
  co_return JsonResponse(201, std::move(out).Take());
}

}  // namespace paddock::gateway
