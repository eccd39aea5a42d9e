// Claims: what a token says about a person, once its signature holds.
//
// Used by the verifier and the login; routes and accounts read them. Every text is bounded, and
// what is of the wrong type is treated as absent, unless access depends on it.
//
// Threading: plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oidc/moment.h"

namespace paddock::oidc {

/// How far the provider's clock and ours may differ.
inline constexpr std::chrono::seconds kLeeway{60};
inline constexpr std::size_t kClaimTextBytesMax = 512;
inline constexpr std::size_t kClaimListMax = 128;  // audiences, scopes, roles: of each

struct Claims {
  std::string issuer;
  std::string subject;  // never empty; unique within the issuer, and the only name that is stable
  std::vector<std::string> audience;
  std::vector<std::string> scopes;  // of `scope`, split at spaces, or of `scp`
  std::string name;
  std::string preferred_username;
  std::string email;
  bool email_verified = false;  // an e-mail address is worth nothing without
  std::string nonce;
  std::string authorized_party;   // `azp`
  std::string access_token_hash;  // `at_hash`
  SystemTime expires_at;
  std::optional<SystemTime> not_before;
  std::optional<SystemTime> issued_at;
  std::vector<std::string> roles;  // the values of the configured claim

  [[nodiscard]] bool HasAudience(std::string_view wanted) const noexcept;
};

/// What a token is used for; its `typ` must not say that it is for something else.
enum class TokenUse : std::uint8_t { kAccess, kIdentity };

struct TokenRules {
  std::string issuer;      // exactly this
  std::string audience;    // one of the token's
  std::string role_claim;  // "groups", "realm_access.roles"; empty: no roles
  TokenUse use = TokenUse::kAccess;
};

/// The claims of `payload`, which comes from the network. `role_claim` names members from the
/// outermost on, with dots between them; a member whose own name has dots is found too. Fails with
/// kDenied: no JSON object, a member twice, or iss, sub, aud or exp missing or of another type.
[[nodiscard]] Result<Claims> ParseClaims(std::string_view payload, std::string_view role_claim);

/// Fills in from `text`, the answer of a userinfo endpoint, what `claims` do not say: names, e-mail
/// address and roles. False, and nothing changes, when it is malformed or of another subject.
[[nodiscard]] bool AddUserInfo(std::string_view text, std::string_view role_claim, Claims& claims);

/// Fails with kDenied: another issuer, another audience, expired, not valid yet, or issued in the
/// future; each with kLeeway.
[[nodiscard]] Result<void> CheckClaims(const Claims& claims,
                                       const TokenRules& rules,
                                       SystemTime now);

}  // namespace paddock::oidc
