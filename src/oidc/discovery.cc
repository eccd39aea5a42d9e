#include "oidc/discovery.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "oidc/strict_json.h"
#include "oidc/url.h"

namespace paddock::oidc {
namespace json = boost::json;

namespace {

constexpr std::size_t kListMax = 64;
constexpr std::size_t kNameBytesMax = 256;

/// The texts of the array `name`; nothing when there is no such member.
std::optional<std::vector<std::string>> ListOf(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? std::nullopt : std::optional(TextsOf(*value, kListMax, kNameBytesMax));
}

/// A provider need not say what it knows; if it does, it must know `wanted`.
bool Knows(const json::object& object, std::string_view list, std::string_view wanted) {
  const auto values = ListOf(object, list);
  return !values || std::ranges::find(*values, wanted) != values->end();
}

struct Endpoint {
  std::string_view name;
  std::string ProviderMetadata::* field;
  bool required;
};
constexpr auto kEndpoints = std::to_array<Endpoint>({
    {"authorization_endpoint", &ProviderMetadata::authorization_endpoint, true},
    {"token_endpoint", &ProviderMetadata::token_endpoint, true},
    {"jwks_uri", &ProviderMetadata::jwks_uri, true},
    {"userinfo_endpoint", &ProviderMetadata::userinfo_endpoint, false},
});

Result<void> ReadEndpoints(const json::object& object, ProviderMetadata& metadata) {
  for (const auto& [name, field, required] : kEndpoints) {
    if (!required && !object.contains(name)) {
      continue;
    }
    metadata.*field = TextMember(object, name, kUrlBytesMax).value_or("");
    auto url = ParseUrl(metadata.*field);
    if (!url) {
      return Fail(std::move(url).error().With(name));
    }
  }
  return {};
}

}  // namespace

std::string MetadataUrl(std::string_view issuer) {
  if (issuer.ends_with('/')) {
    issuer.remove_suffix(1);
  }
  return fmt::format("{}/.well-known/openid-configuration", issuer);
}

Result<ProviderMetadata> ParseMetadata(std::string_view text, std::string_view issuer) {
  const auto object = ParseStrictJson(text, kMetadataBytesMax);
  if (!object) {
    return Fail(Code::kInvalid, "it is no discovery document: " + object.error().message);
  }
  ProviderMetadata metadata;
  metadata.issuer = TextMember(*object, "issuer", kUrlBytesMax).value_or("");
  if (metadata.issuer != issuer) {
    return Fail(Code::kInvalid,
                fmt::format("the provider calls itself '{}' and --oidc-issuer says '{}': they must "
                            "be equal, to the last slash",
                            metadata.issuer, issuer));
  }
  if (auto read = ReadEndpoints(*object, metadata); !read) {
    return Fail(std::move(read).error());
  }
  if (!Knows(*object, "response_types_supported", "code")) {
    return Fail(Code::kInvalid, "the provider does not know the authorization code flow");
  }
  if (!Knows(*object, "code_challenge_methods_supported", "S256")) {
    return Fail(Code::kInvalid, "the provider does not know PKCE with S256");
  }
  // What OpenID Connect Discovery says that no list means.
  metadata.token_endpoint_auth_methods =
      ListOf(*object, "token_endpoint_auth_methods_supported")
          .value_or(std::vector<std::string>{"client_secret_basic"});
  const json::value* promise =
      object->if_contains("authorization_response_iss_parameter_supported");
  metadata.has_callback_issuer = promise != nullptr && *promise == true;
  return metadata;
}

}  // namespace paddock::oidc
