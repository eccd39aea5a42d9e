#include "oidc/claims.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "oidc/jwt.h"
#include "oidc/strict_json.h"

namespace paddock::oidc {
namespace json = boost::json;

namespace {

constexpr std::size_t kIssuerBytesMax = 2048;
constexpr std::size_t kUserInfoBytesMax = std::size_t{64} << 10U;
constexpr double kTimeMax = 9.0e9;  // the year 2255; the clock's type ends in 2262

/// RFC 7519's NumericDate: seconds since 1970, with or without a fraction.
std::optional<SystemTime> TimeOf(const json::value& value) {
  if (!value.is_number()) {
    return std::nullopt;
  }
  json::error_code failure;
  const auto seconds = value.to_number<double>(failure);
  if (failure || !std::isfinite(seconds) || seconds < 0) {
    return std::nullopt;
  }
  return SystemTime(std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, kTimeMax))));
}

/// Absent is fine, malformed is not: `out` stays empty in both cases.
bool ReadTime(const json::object& object, std::string_view name, std::optional<SystemTime>& out) {
  const json::value* value = object.if_contains(name);
  if (value != nullptr) {
    out = TimeOf(*value);
  }
  return value == nullptr || out.has_value();
}

std::vector<std::string> SplitAtSpaces(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty() && words.size() < kClaimListMax) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) {
      words.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::vector<std::string> ScopesIn(const json::object& object) {
  constexpr std::size_t kScopeTextMax = 4096;
  if (const auto text = TextMember(object, "scope", kScopeTextMax)) {
    return SplitAtSpaces(*text);
  }
  const json::value* list = object.if_contains("scp");
  if (list == nullptr) {
    return {};
  }
  // A single text is a list in the form of `scope`.
  const auto text = TextMember(object, "scp", kScopeTextMax);
  return text ? SplitAtSpaces(*text) : TextsOf(*list, kClaimListMax, kClaimTextBytesMax);
}

/// The longest names first: a member may have dots in its own name, as in
/// "https://a.example/roles".
const json::value* FindPath(const json::object& object, std::string_view path) {
  if (const json::value* whole = object.if_contains(path)) {
    return whole;
  }
  for (std::size_t dot = path.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = path.rfind('.', dot - 1)) {
    const json::value* outer = object.if_contains(path.substr(0, dot));
    const json::object* inner = outer == nullptr ? nullptr : outer->if_object();
    const json::value* found = inner == nullptr ? nullptr : FindPath(*inner, path.substr(dot + 1));
    if (found != nullptr) {
      return found;
    }
  }
  return nullptr;
}

bool IsTrue(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && (*value == true || *value == "true");  // some send it as a text
}

/// What `claims` have already stays.
void ReadDescription(const json::object& object, std::string_view role_claim, Claims& claims) {
  const auto fill = [&object](std::string_view name, std::string& out) {
    if (out.empty()) {
      out = TextMember(object, name, kClaimTextBytesMax).value_or(std::string());
    }
  };
  fill("name", claims.name);
  fill("preferred_username", claims.preferred_username);
  if (claims.email.empty()) {
    fill("email", claims.email);
    claims.email_verified = !claims.email.empty() && IsTrue(object, "email_verified");
  }
  const json::value* roles = role_claim.empty() ? nullptr : FindPath(object, role_claim);
  if (roles != nullptr && claims.roles.empty()) {
    claims.roles = TextsOf(*roles, kClaimListMax, kClaimTextBytesMax);
  }
}

void ReadBindings(const json::object& object, Claims& claims) {
  claims.nonce = TextMember(object, "nonce", kClaimTextBytesMax).value_or("");
  claims.authorized_party = TextMember(object, "azp", kClaimTextBytesMax).value_or("");
  claims.access_token_hash = TextMember(object, "at_hash", kClaimTextBytesMax).value_or("");
}

}  // namespace

bool Claims::HasAudience(std::string_view wanted) const noexcept {
  return std::ranges::find(audience, wanted) != audience.end();
}

Result<Claims> ParseClaims(std::string_view payload, std::string_view role_claim) {
  const auto object = ParseStrictJson(payload, kTokenBytesMax);
  if (!object) {
    return Fail(Code::kDenied, "the token's claims are malformed");
  }
  Claims claims;
  claims.issuer = TextMember(*object, "iss", kIssuerBytesMax).value_or("");
  claims.subject = TextMember(*object, "sub", kClaimTextBytesMax).value_or("");
  if (const json::value* audience = object->if_contains("aud")) {
    claims.audience = TextsOf(*audience, kClaimListMax, kIssuerBytesMax);
  }
  std::optional<SystemTime> expires_at;
  if (claims.issuer.empty() || claims.subject.empty() || claims.audience.empty() ||
      !ReadTime(*object, "exp", expires_at) || !expires_at) {
    return Fail(Code::kDenied, "the token must have the claims iss, sub, aud and exp");
  }
  if (!ReadTime(*object, "nbf", claims.not_before) || !ReadTime(*object, "iat", claims.issued_at)) {
    return Fail(Code::kDenied, "the token's nbf or iat is no time");
  }
  claims.expires_at = *expires_at;
  claims.scopes = ScopesIn(*object);
  ReadBindings(*object, claims);
  ReadDescription(*object, role_claim, claims);
  return claims;
}

bool AddUserInfo(std::string_view text, std::string_view role_claim, Claims& claims) {
  const auto object = ParseStrictJson(text, kUserInfoBytesMax);
  if (!object || TextMember(*object, "sub", kClaimTextBytesMax) != claims.subject) {
    return false;
  }
  ReadDescription(*object, role_claim, claims);
  return true;
}

Result<void> CheckClaims(const Claims& claims, const TokenRules& rules, SystemTime now) {
  if (claims.issuer != rules.issuer) {
    return Fail(Code::kDenied, "the token is of another issuer");
  }
  if (!claims.HasAudience(rules.audience)) {
    return Fail(Code::kDenied, "the token is for another audience");
  }
  if (now >= claims.expires_at + kLeeway) {
    return Fail(Code::kDenied, "the token has expired");
  }
  if (claims.not_before && now + kLeeway < *claims.not_before) {
    return Fail(Code::kDenied, "the token is not valid yet");
  }
  if (claims.issued_at && now + kLeeway < *claims.issued_at) {
    return Fail(Code::kDenied, "the token was issued in the future");
  }
  return {};
}

}  // namespace paddock::oidc
