// Discovery: what a provider says about itself (OpenID Connect Discovery 1.0).
//
// Used by Provider.
//
// Threading: pure functions on plain values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace paddock::oidc {

inline constexpr std::size_t kMetadataBytesMax = std::size_t{128} << 10U;

struct ProviderMetadata {
  std::string issuer;
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string jwks_uri;
  std::string userinfo_endpoint;                         // empty: it has none
  std::vector<std::string> token_endpoint_auth_methods;  // its default if it names none
  bool has_callback_issuer = false;  // promises `iss` in every callback (RFC 9207)
};

/// "https://id.example.com/.well-known/openid-configuration".
[[nodiscard]] std::string MetadataUrl(std::string_view issuer);

/// Fails with kInvalid: no JSON object, `issuer` is not exactly `issuer`, an endpoint is missing or
/// is neither https nor on a loopback host, or the provider knows neither the code flow nor S256
/// though it lists what it knows.
[[nodiscard]] Result<ProviderMetadata> ParseMetadata(std::string_view text,
                                                     std::string_view issuer);

}  // namespace paddock::oidc
