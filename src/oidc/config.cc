#include "oidc/config.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "oidc/url.h"

namespace paddock::oidc {
namespace {

constexpr std::size_t kValueBytesMax = 1024;
constexpr std::size_t kRoleEntriesMax = 64;

struct Option {
  std::string_view name;
  std::string OidcConfig::* field;
};
constexpr auto kOptions = std::to_array<Option>({
    {"--oidc-issuer", &OidcConfig::issuer},
    {"--oidc-client-id", &OidcConfig::client_id},
    {"--oidc-client-secret", &OidcConfig::client_secret},
    {"--oidc-audience", &OidcConfig::audience},
    {"--oidc-resource", &OidcConfig::resource},
    {"--oidc-scopes", &OidcConfig::scopes},
    {"--oidc-role-claim", &OidcConfig::role_claim},
    {"--oidc-roles", &OidcConfig::roles},
    {"--oidc-name", &OidcConfig::name},
    {"--oidc-ca-file", &OidcConfig::ca_file},
});

std::string_view Trim(std::string_view text) {
  while (text.starts_with(' ')) {
    text.remove_prefix(1);
  }
  while (text.ends_with(' ')) {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<MappedRole> RoleNamed(std::string_view name) {
  if (name == "learner") {
    return MappedRole::kLearner;
  }
  if (name == "teacher") {
    return MappedRole::kTeacher;
  }
  return name == "admin" ? std::optional(MappedRole::kAdmin) : std::nullopt;
}

using RoleMap = std::vector<std::pair<std::string, MappedRole>>;

/// Nothing when an entry is not "value=role". A value may have '=' in it, a role may not.
std::optional<RoleMap> ParseRoles(std::string_view text) {
  RoleMap roles;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = entry.rfind('=');
    if (equals == std::string_view::npos || roles.size() == kRoleEntriesMax) {
      return std::nullopt;
    }
    const std::string_view value = Trim(entry.substr(0, equals));
    const auto role = RoleNamed(Trim(entry.substr(equals + 1)));
    if (value.empty() || !role) {
      return std::nullopt;
    }
    roles.emplace_back(value, *role);
  }
  return roles;
}

bool HasWord(std::string_view text, std::string_view word) {
  return fmt::format(" {} ", text).find(fmt::format(" {} ", word)) != std::string::npos;
}

void FindMissing(const OidcConfig& config, std::vector<std::string>& problems) {
  std::vector<std::string_view> missing;
  if (config.issuer.empty()) {
    missing.emplace_back("--oidc-issuer");
  }
  if (config.client_id.empty()) {
    missing.emplace_back("--oidc-client-id");
  }
  if (config.client_secret.empty() && !config.public_client) {
    missing.emplace_back(
        "--oidc-client-secret (or --oidc-public-client, if the provider gave none)");
  }
  if (config.role_claim.empty() && !config.roles.empty()) {
    missing.emplace_back("--oidc-role-claim");
  }
  if (config.roles.empty() && !config.role_claim.empty()) {
    missing.emplace_back("--oidc-roles");
  }
  if (!missing.empty()) {
    problems.push_back(fmt::format("missing: {}", fmt::join(missing, ", ")));
  }
}

void FindWrong(const OidcConfig& config, std::vector<std::string>& problems) {
  for (const auto& [name, field] : kOptions) {
    const std::string& value = config.*field;
    if (value.size() > kValueBytesMax ||
        std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) < ' '; })) {
      problems.push_back(
          fmt::format("{} must be one line of at most {} bytes", name, kValueBytesMax));
    }
  }
  if (!config.issuer.empty()) {
    const auto url = ParseUrl(config.issuer);
    if (!url) {
      problems.push_back("--oidc-issuer: " + url.error().message);
    } else if (url->path.find('?') != std::string::npos) {
      problems.emplace_back("--oidc-issuer: an issuer has no query");
    }
  }
  if (config.public_client && !config.client_secret.empty()) {
    problems.emplace_back("--oidc-client-secret: a client with --oidc-public-client has none");
  }
  if (!config.scopes.empty() && !HasWord(config.scopes, "openid")) {
    problems.emplace_back("--oidc-scopes must have openid among its words");
  }
  if (!ParseRoles(config.roles)) {
    problems.push_back(fmt::format(
        "--oidc-roles must be a list such as staff=teacher,root=admin of at most {} entries, each "
        "with learner, teacher or admin",
        kRoleEntriesMax));
  }
}

}  // namespace

bool IsOff(const OidcConfig& config) noexcept {
  return !config.public_client && std::ranges::all_of(kOptions, [&config](const Option& option) {
    return (config.*option.field).empty();
  });
}

bool AcceptsBearerTokens(const OidcConfig& config) noexcept { return !config.audience.empty(); }

Result<void> Validate(const OidcConfig& config) {
  if (IsOff(config)) {
    return {};
  }
  std::vector<std::string> problems;
  FindMissing(config, problems);
  FindWrong(config, problems);
  if (!problems.empty()) {
    return Fail(Code::kInvalid, fmt::format("OpenID Connect is not configured completely: {}",
                                            fmt::join(problems, "; ")));
  }
  return {};
}

MappedRole RoleOf(const OidcConfig& config, std::span<const std::string> values) {
  MappedRole role = MappedRole::kLearner;
  const auto roles = ParseRoles(config.roles).value_or(RoleMap{});
  for (const auto& [value, mapped] : roles) {
    if (std::ranges::find(values, value) != values.end()) {
      role = std::max(role, mapped);
    }
  }
  return role;
}

std::string ScopesOf(const OidcConfig& config) {
  return config.scopes.empty() ? std::string(OidcConfig::kDefaultScopes) : config.scopes;
}

std::string DisplayNameOf(const OidcConfig& config) {
  return config.name.empty() ? std::string(OidcConfig::kDefaultName) : config.name;
}

}  // namespace paddock::oidc
