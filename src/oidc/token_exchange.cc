#include "oidc/token_exchange.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/log.h"
#include "oidc/jwt.h"
#include "oidc/strict_json.h"
#include "oidc/url.h"

namespace paddock::oidc {
namespace {

constexpr int kStatusOk = 200;
constexpr int kStatusServerError = 500;
constexpr std::size_t kAnswerBytesMax = std::size_t{128} << 10U;
constexpr std::size_t kErrorBytesMax = 64;

bool Has(const std::vector<std::string>& methods, std::string_view method) {
  return std::ranges::find(methods, method) != methods.end();
}

/// Adds who we are: in the header if the provider knows that, else in the form. A public client
/// has only a name to give.
void Identify(const OidcConfig& config,
              const ProviderMetadata& metadata,
              Parameters& form,
              HttpRequest& request) {
  if (config.public_client) {
    form.emplace_back("client_id", config.client_id);
    return;
  }
  if (Has(metadata.token_endpoint_auth_methods, "client_secret_basic") ||
      !Has(metadata.token_endpoint_auth_methods, "client_secret_post")) {
    request.authorization =
        "Basic " + Base64Encode(fmt::format("{}:{}", PercentEncode(config.client_id),
                                            PercentEncode(config.client_secret)));
    return;
  }
  form.emplace_back("client_id", config.client_id);
  form.emplace_back("client_secret", config.client_secret);
}

HttpRequest RequestFor(const OidcConfig& config,
                       const ProviderMetadata& metadata,
                       CodeGrant grant) {
  HttpRequest request{.url = metadata.token_endpoint, .form = {}, .authorization = {}};
  Parameters form{{"grant_type", "authorization_code"},
                  {"code", std::move(grant.code)},
                  {"redirect_uri", std::move(grant.redirect_uri)},
                  {"code_verifier", std::move(grant.code_verifier)}};
  if (!config.resource.empty()) {
    form.emplace_back("resource", config.resource);
  }
  Identify(config, metadata, form, request);
  request.form = FormEncode(form);
  return request;
}

std::unexpected<Error> Refusal(const OidcConfig& config, const HttpResponse& response) {
  const std::string name = DisplayNameOf(config);
  if (response.status >= kStatusServerError) {
    return Fail(Code::kUnavailable, fmt::format("{} has a fault of its own (status {}): try again "
                                                "in a while",
                                                name, response.status));
  }
  const auto object = ParseStrictJson(response.body, kAnswerBytesMax);
  const std::string error =
      object ? TextMember(*object, "error", kErrorBytesMax).value_or("") : std::string();
  if (error == "invalid_grant") {
    return Fail(Code::kDenied, "this sign-in was used already or took too long: sign in again");
  }
  if (error == "invalid_client" || error == "unauthorized_client") {
    return Fail(Code::kInternal,
                fmt::format("{} does not accept this server as its client: an administrator must "
                            "check --oidc-client-id and --oidc-client-secret",
                            name));
  }
  return Fail(Code::kInternal,
              fmt::format("{} refused this server's request (status {}, error '{}'): an "
                          "administrator must check the --oidc- options",
                          name, response.status, PercentEncode(error)));
}

}  // namespace

aio::Task<Result<IssuedTokens>> ExchangeCode(OidcConfig config,
                                             SharedMetadata metadata,
                                             HttpClient& client,
                                             CodeGrant grant,
                                             Deadline deadline) {
  auto request = RequestFor(config, *metadata, std::move(grant));
  auto response = co_await client.Send(std::move(request), deadline);
  if (!response) {
    co_return Fail(std::move(response).error().With("token endpoint"));
  }
  if (response->status != kStatusOk) {
    co_return Refusal(config, *response);
  }
  const auto object = ParseStrictJson(response->body, kAnswerBytesMax);
  auto id_token = object ? TextMember(*object, "id_token", kTokenBytesMax) : std::nullopt;
  if (!id_token) {
    co_return Fail(Code::kInternal,
                   fmt::format("{} gave no id_token: an administrator must check that "
                               "--oidc-scopes has openid",
                               DisplayNameOf(config)));
  }
  IssuedTokens tokens{
      .id_token = *std::move(id_token),
      .access_token = TextMember(*object, "access_token", kTokenBytesMax).value_or("")};
  co_return tokens;
}

aio::Task<Claims> FetchUserInfo(Claims claims,
                                std::string role_claim,
                                HttpRequest request,
                                HttpClient& client,
                                Deadline deadline) {
  auto response = co_await client.Send(std::move(request), deadline);
  if (!response) {
    log::Warn("userinfo of the OpenID provider: {}", response.error().message);
  } else if (response->status != kStatusOk || !AddUserInfo(response->body, role_claim, claims)) {
    log::Warn("userinfo of the OpenID provider: not usable (status {})", response->status);
  }
  co_return claims;
}

}  // namespace paddock::oidc
