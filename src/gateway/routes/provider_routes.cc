#include "gateway/routes/provider_routes.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "base/log.h"
#include "gateway/json_body.h"
#include "gateway/routes/people_forms.h"
#include "gateway/routes/session_cookie.h"
#include "identity/services.h"

namespace paddock::gateway {
namespace {

constexpr std::string_view kPath = "/api/v1/sign-in";
constexpr std::string_view kCallback = "/api/v1/sign-in/provider/callback";
constexpr std::size_t kReturnBytesMax = 512;

/// A cookie for one path cannot have the prefix __Host-.
std::string_view CookieName(bool secure) noexcept {
  return secure ? "__Secure-paddock_sign_in" : "paddock_sign_in";
}

void SetLoginCookie(Response& response, const Request& request, std::string_view sealed) {
  const auto lifetime = sealed.empty() ? std::chrono::seconds(0) : oidc::Login::kLifetime;
  response.Set("Set-Cookie", fmt::format("{}={}; Path={}; HttpOnly; SameSite=Lax; Max-Age={}{}",
                                         CookieName(request.secure), sealed, kPath,
                                         lifetime.count(), request.secure ? "; Secure" : ""));
}

/// Fails with kInvalid: the message names the field.
Result<std::string> ReadReturnTo(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  std::string path =
      root.OptionalText("return_to", {.bytes_min = 1, .bytes_max = kReturnBytesMax}).value_or("/");
  if (!IsLocalPath(path)) {
    root.Reject("return_to", "must be a path of this server");
  }
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return path;
}

oidc::LoginCallback CallbackOf(const Request& request) {
  const auto value = [&request](std::string_view name) {
    return std::string(request.Query(name).value_or(""));
  };
  return {.code = value("code"),
          .state = value("state"),
          .issuer = value("iss"),
          .error = value("error"),
          .error_description = value("error_description")};
}

std::string_view ProblemOf(Code code) noexcept {
  switch (code) {
    case Code::kDenied: return "denied";
    case Code::kInternal: return "misconfigured";
    default: return "unavailable";
  }
}

Response Redirect(std::string location) {
  Response response{.status = 302, .headers = {}, .body = std::string()};
  response.Set("Location", std::move(location));
  response.Set("Cache-Control", "no-store");
  return response;
}

}  // namespace

bool IsLocalPath(std::string_view path) noexcept {
  const bool is_plain = std::ranges::all_of(path, [](char c) { return c > ' ' && c <= '~'; });
  return is_plain && path.starts_with('/') && !path.starts_with("//") &&
         path.find('\\') == std::string_view::npos;
}

void ProviderRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/sign-in/provider",
              .handler = [this](Request& request) { return Start(request); },
              .access = Access::kOptional,
              .body = BodyKind::kBuffered,
              .body_max = 4_KiB});
  router.Add({.method = Method::kGet,
              .pattern = std::string(kCallback),
              .handler = [this](Request& request) { return Finish(request); },
              .access = Access::kPublic});
}

aio::Task<Response> ProviderRoutes::Start(Request& request) const {
  identity::ProviderSignIn* provider = context_.parts.identity.provider.get();
  if (provider == nullptr) {
    co_return StatusResponse(request, 404, "No provider is configured here.");
  }
  auto return_to = ReadReturnTo(request);
  if (!return_to) {
    co_return ErrorResponse(request, return_to.error());
  }
  identity::Arrival arrival = ArrivalOf(request);
  identity::ProviderSignIn::Departure departure{
      .redirect_uri = fmt::format("{}{}", request.origin, kCallback),
      .return_to = *std::move(return_to),
      .guest = std::move(arrival.guest),
      .replaced = std::move(arrival.replaced)};
  auto started = co_await provider->Start(std::move(departure), request.deadline);
  if (!started) {
    co_return ErrorResponse(request, started.error());
  }
  JsonWriter out;
  out.BeginObject().Field("url", std::string_view(started->url)).EndObject();
  Response response = JsonResponse(200, std::move(out).Take());
  SetLoginCookie(response, request, started->cookie);
  co_return response;
}

aio::Task<Response> ProviderRoutes::Finish(Request& request) const {
  identity::ProviderSignIn* provider = context_.parts.identity.provider.get();
  if (provider == nullptr) {
    co_return StatusResponse(request, 404, "No provider is configured here.");
  }
  std::string cookie(request.Cookie(CookieName(request.secure)).value_or(""));
  auto finished = co_await provider->Finish(CallbackOf(request), std::move(cookie),
                                            ClientOf(request), request.deadline);
  if (!finished) {
    log::Warn("a sign-in through the provider failed ({}): {}", request.id,
              finished.error().message);
    Response response =
        Redirect(fmt::format("/sign-in?problem={}", ProblemOf(finished.error().code)));
    SetLoginCookie(response, request, "");
    co_return response;
  }
  const store::SessionRecord& session = finished->signed_in.session.record;
  const auto lifetime =
      std::chrono::ceil<std::chrono::seconds>(session.expires_at - session.created_at);
  // It was sealed by us; asked again because nothing else keeps a browser here.
  Response response =
      Redirect(IsLocalPath(finished->return_to) ? std::move(finished->return_to) : "/");
  SetSessionCookie(response, request, SessionCookieName(request.secure),
                   finished->signed_in.session.secret, lifetime);
  SetLoginCookie(response, request, "");
  co_return response;
}

}  // namespace paddock::gateway
