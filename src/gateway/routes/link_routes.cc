#include "gateway/routes/link_routes.h"

#include <utility>

#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "gateway/routes/people_forms.h"
#include "identity/services.h"

namespace paddock::gateway {
namespace {

constexpr std::size_t kSecretBytesMax = 100;
constexpr std::size_t kCodeBytesMax = 64;

struct Entry {
  std::string key;  // the link's secret, or the class's code
  identity::NewAccount account;
};

Result<Entry> ReadEntry(const Request& request, std::string_view name, std::size_t bytes_max) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  Entry entry;
  entry.key = root.RequiredText(name, {.bytes_min = 1, .bytes_max = bytes_max});
  entry.account = ReadNewAccount(root);
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return entry;
}

Result<std::string> ReadSecret(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  std::string secret = root.RequiredText("secret", {.bytes_min = 1, .bytes_max = kSecretBytesMax});
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return secret;
}

void WriteOptional(JsonWriter& out, JsonName name, const std::optional<std::string>& text) {
  out.Key(name);
  if (text) {
    out.Text(*text);
  } else {
    out.Null();
  }
}

}  // namespace

void LinkRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/links/look",
              .handler = [this](Request& request) { return Look(request); },
              .access = Access::kPublic,
              .body = BodyKind::kBuffered,
              .body_max = 4_KiB});
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/links/use",
              .handler = [this](Request& request) { return Use(request); },
              .access = Access::kOptional,
              .body = BodyKind::kBuffered,
              .body_max = 4_KiB});
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/links/join",
              .handler = [this](Request& request) { return Join(request); },
              .action = identity::Action::kManageAccount,
              .body = BodyKind::kBuffered,
              .body_max = 4_KiB});
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/sign-up",
              .handler = [this](Request& request) { return SignUp(request); },
              .access = Access::kOptional,
              .body = BodyKind::kBuffered,
              .body_max = 4_KiB});
}

aio::Task<Response> LinkRoutes::Look(Request& request) {
  auto secret = ReadSecret(request);
  if (!secret) {
    co_return ErrorResponse(request, secret.error());
  }
  auto view = co_await context_.parts.identity.sign_up.Look(*std::move(secret), request.deadline);
  if (!view) {
    co_return ErrorResponse(request, view.error());
  }
  JsonWriter out;
  out.BeginObject()
      .Field("purpose", store::Name(view->link.purpose))
      .Field("role", Name(view->link.role));
  WriteOptional(out, "class_name", view->class_name);
  WriteOptional(out, "name", view->user_name);
  out.EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> LinkRoutes::Use(Request& request) {
  auto entry = ReadEntry(request, "secret", kSecretBytesMax);
  if (!entry) {
    co_return ErrorResponse(request, entry.error());
  }
  auto within = Spend(context_.address_sign_ups, request.limit_key, request);
  if (!within) {
    co_return ErrorResponse(request, within.error());
  }
  auto signed_in = co_await context_.parts.identity.sign_up.UseLink(
      std::move(entry->key), std::move(entry->account), ArrivalOf(request), request.deadline);
  if (!signed_in) {
    co_return ErrorResponse(request, signed_in.error());
  }
  auto response = co_await SignedInResponse(context_, request, 201, *std::move(signed_in));
  co_return response;
}

aio::Task<Response> LinkRoutes::Join(Request& request) {
  auto secret = ReadSecret(request);
  if (!secret) {
    co_return ErrorResponse(request, secret.error());
  }
  auto joined = co_await context_.parts.identity.sign_up.Join(AuditContextOf(request),
                                                              *std::move(secret), request.deadline);
  if (!joined) {
    co_return ErrorResponse(request, joined.error());
  }
  auto response = co_await CurrentSession(context_, request);
  co_return response;
}

aio::Task<Response> LinkRoutes::SignUp(Request& request) {
  auto entry = ReadEntry(request, "code", kCodeBytesMax);
  if (!entry) {
    co_return ErrorResponse(request, entry.error());
  }
  auto within = Spend(context_.address_sign_ups, request.limit_key, request);
  if (!within) {
    co_return ErrorResponse(request, within.error());
  }
  auto signed_in = co_await context_.parts.identity.sign_up.UseCode(
      std::move(entry->key), std::move(entry->account), ArrivalOf(request), request.deadline);
  if (!signed_in) {
    co_return ErrorResponse(request, signed_in.error());
  }
  auto response = co_await SignedInResponse(context_, request, 201, *std::move(signed_in));
  co_return response;
}

}  // namespace paddock::gateway
