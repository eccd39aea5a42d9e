// Feeds arbitrary bytes to everything that reads a token or a provider's answer, and checks what
// they promise.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/encoding.h"
#include "oidc/claims.h"
#include "oidc/discovery.h"
#include "oidc/jwk.h"
#include "oidc/jwt.h"
#include "oidc/url.h"

namespace paddock::oidc {
namespace {

void CheckClaimsOf(std::string_view payload) {
  auto claims = ParseClaims(payload, "a.b");
  if (!claims) {
    PADDOCK_CHECK(claims.error().code == Code::kDenied);
    return;
  }
  PADDOCK_CHECK(!claims->issuer.empty() && !claims->subject.empty() && !claims->audience.empty());
  PADDOCK_CHECK(claims->subject.size() <= kClaimTextBytesMax);
  PADDOCK_CHECK(claims->name.size() <= kClaimTextBytesMax);
  for (const auto* list : {&claims->audience, &claims->scopes, &claims->roles}) {
    PADDOCK_CHECK(list->size() <= kClaimListMax);
  }
  const TokenRules rules{
      .issuer = claims->issuer, .audience = claims->audience.front(), .role_claim = ""};
  const bool holds = CheckClaims(*claims, rules, claims->expires_at).has_value();
  PADDOCK_CHECK(!holds || !claims->not_before ||
                *claims->not_before <= claims->expires_at + kLeeway);
  PADDOCK_CHECK(!CheckClaims(*claims, rules, claims->expires_at + kLeeway));
  const std::string subject = claims->subject;
  std::ignore = AddUserInfo(payload, "a.b", *claims);
  PADDOCK_CHECK(claims->subject == subject);
}

void CheckToken(std::string_view text) {
  const auto token = ParseJwt(text);
  PADDOCK_CHECK(LooksLikeJwt(text) || !token);
  if (!token) {
    return;
  }
  PADDOCK_CHECK(text.starts_with(token->signing_input));
  PADDOCK_CHECK(text.substr(token->signing_input.size() + 1) == Base64UrlEncode(token->signature));
  CheckClaimsOf(token->payload);
}

void CheckKeys(std::string_view text) {
  const auto keys = ParseKeySet(text);
  if (!keys) {
    return;
  }
  PADDOCK_CHECK(keys->size() <= kKeysMax);
  Jwt token;
  token.signing_input = "a.b";
  token.signature.assign(256, '\1');
  for (const Jwk& key : *keys) {
    PADDOCK_CHECK(key.key != nullptr);
    for (const std::string_view name : {"RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"}) {
      token.algorithm = AlgorithmOf(name).value_or(token.algorithm);
      const bool is_signed = IsSignedBy(token, key);
      PADDOCK_CHECK(!is_signed || Fits(token.algorithm, key));
    }
  }
}

void CheckMetadata(std::string_view text) {
  const auto metadata = ParseMetadata(text, "https://a");
  if (metadata) {
    PADDOCK_CHECK(metadata->issuer == "https://a" && ParseUrl(metadata->jwks_uri) &&
                  ParseUrl(metadata->token_endpoint) && ParseUrl(metadata->authorization_endpoint));
  }
}

void CheckUrl(std::string_view text) {
  const auto url = ParseUrl(text);
  if (url) {
    PADDOCK_CHECK(url->scheme == "https" || url->is_loopback);
    PADDOCK_CHECK(text.find_first_of(" \\#\r\n\t") == std::string_view::npos);
    PADDOCK_CHECK(url->authority.find('@') == std::string::npos && !url->host.empty());
    PADDOCK_CHECK(url->scheme.size() + 3 + url->authority.size() + url->path.size() == text.size());
  }
}

}  // namespace
}  // namespace paddock::oidc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace paddock::oidc;  // NOLINT(google-build-using-namespace): the entry point
  if (size < 1) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0: CheckToken(bytes); break;
    case 1: {
      // So that the fuzzer need not invent base64.
      const std::size_t half = bytes.size() / 2;
      CheckToken(paddock::Base64UrlEncode(bytes.substr(0, half)) + "." +
                 paddock::Base64UrlEncode(bytes.substr(half)) + ".AAAA");
      break;
    }
    case 2: CheckClaimsOf(bytes); break;
    case 3: CheckKeys(bytes); break;
    case 4: CheckMetadata(bytes); break;
    default: CheckUrl(bytes); break;
  }
  return 0;
}
