#include "gateway/routes/sign_in_routes.h"

#include <utility>

#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "gateway/routes/people_forms.h"
#include "identity/services.h"

namespace paddock::gateway {
namespace {

constexpr std::size_t kNameBytesMax = 256;

Result<identity::PasswordLogin> ReadLogin(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  identity::PasswordLogin login;
  login.name = root.RequiredText("name", {.bytes_min = 1, .bytes_max = kNameBytesMax});
  login.password = ReadPassword(root, "password");
  login.limit_key = request.limit_key;
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return login;
}

}  // namespace

void SignInRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/sign-in",
              .handler = [this](Request& request) { return Options(request); },
              .access = Access::kPublic});
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/sign-in",
              .handler = [this](Request& request) { return SignIn(request); },
              .access = Access::kOptional,
              .body = BodyKind::kBuffered,
              .body_max = 4_KiB});
}

aio::Task<Response> SignInRoutes::Options(Request& request) {
  auto has_admin = co_await context_.parts.identity.accounts.HasAdmin(request.deadline);
  if (!has_admin) {
    co_return ErrorResponse(request, has_admin.error());
  }
  JsonWriter out;
  out.BeginObject().Field("guests", context_.config.guests).Field("password", true).Key("provider");
  const identity::ProviderSignIn* provider = context_.parts.identity.provider.get();
  if (provider != nullptr) {
    out.BeginObject().Field("name", std::string_view(provider->display_name())).EndObject();
  } else {
    out.Null();
  }
  out.Field("setup", !*has_admin).EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> SignInRoutes::SignIn(Request& request) {
  auto login = ReadLogin(request);
  if (!login) {
    co_return ErrorResponse(request, login.error());
  }
  std::optional<std::chrono::milliseconds> retry_after;
  auto signed_in = co_await context_.parts.identity.accounts.SignIn(
      *std::move(login), ArrivalOf(request), retry_after, request.deadline);
  if (!signed_in && signed_in.error().code == Code::kDenied) {
    co_return StatusResponse(request, 401, signed_in.error().message);
  }
  if (!signed_in) {
    co_return ErrorResponseAfter(request, signed_in.error(), retry_after);
  }
  auto response = co_await SignedInResponse(context_, request, 200, *std::move(signed_in));
  co_return response;
}

}  // namespace paddock::gateway
