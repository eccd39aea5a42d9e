// OidcConfig: the --oidc-* options as they were given, and what they mean.
//
// Used by app/, which fills it in, and by whoever signs people in.
//
// Threading: plain values and pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace paddock::oidc {

/// Each field is one option of the same name: issuer is --oidc-issuer. Empty means not given.
struct OidcConfig {
  std::string issuer;
  std::string client_id;
  std::string client_secret;   // secret; only a public client has none
  bool public_client = false;  // --oidc-public-client
  std::string audience;        // of bearer tokens; empty: none are accepted
  std::string resource;        // sent on login where the provider gives a JWT only then (Logto)
  std::string scopes;          // empty: kDefaultScopes
  std::string role_claim;      // "realm_access.roles"
  std::string roles;           // "staff=teacher,root=admin"
  std::string name;            // on the button; empty: kDefaultName
  std::string ca_file;         // PEM; empty: the system's authorities

  static constexpr std::string_view kDefaultScopes = "openid profile email";
  static constexpr std::string_view kDefaultName = "Single sign-on";
};

/// What claims can make of somebody who signs in; ordered, the highest wins.
enum class MappedRole : std::uint8_t { kLearner, kTeacher, kAdmin };

/// Nothing of it is set: there is no OpenID Connect. Anything set must pass Validate.
[[nodiscard]] bool IsOff(const OidcConfig& config) noexcept;
[[nodiscard]] bool AcceptsBearerTokens(const OidcConfig& config) noexcept;

/// Success when it is off or complete. Fails with kInvalid, naming each option that is missing and
/// each whose value is wrong; no message holds the client secret.
[[nodiscard]] Result<void> Validate(const OidcConfig& config);

/// The highest role that `config.roles` gives to one of `values`, which are Claims::roles;
/// kLearner when it gives none. `config` has passed Validate.
[[nodiscard]] MappedRole RoleOf(const OidcConfig& config, std::span<const std::string> values);

/// `config.scopes` and `config.name`, or their defaults.
[[nodiscard]] std::string ScopesOf(const OidcConfig& config);
[[nodiscard]] std::string DisplayNameOf(const OidcConfig& config);

}  // namespace paddock::oidc
