#include "oidc/verifier.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace paddock::oidc {
namespace {

// A provider gives its keys different ids; a few that share one are tried in turn.
constexpr std::ptrdiff_t kCandidatesMax = 4;

enum class Verdict : std::uint8_t { kGood, kBad, kUnknownKey };

/// Without an id the key must be the only one that fits, as OpenID Connect asks for.
Verdict CheckSignature(const Jwt& token, const KeySet& keys) {
  const auto is_candidate = [&token](const Jwk& key) {
    return Fits(token.algorithm, key) && (token.key_id.empty() || token.key_id == key.id);
  };
  const auto count = std::ranges::count_if(keys, is_candidate);
  if (count == 0) {
    return Verdict::kUnknownKey;
  }
  if (count > (token.key_id.empty() ? 1 : kCandidatesMax)) {
    return Verdict::kBad;
  }
  const bool is_signed = std::ranges::any_of(
      keys, [&](const Jwk& key) { return is_candidate(key) && IsSignedBy(token, key); });
  if (is_signed) {
    return Verdict::kGood;
  }
  // Without ids a new key is noticed by this alone.
  return token.key_id.empty() ? Verdict::kUnknownKey : Verdict::kBad;
}

/// A logout token, say, is signed by the same key and must not open anything.
bool HasTypeFor(std::string_view type, TokenUse use) noexcept {
  return type.empty() || type == "jwt" || (use == TokenUse::kAccess && type == "at+jwt");
}

}  // namespace

aio::Task<Result<Claims>> VerifyToken(
    std::string token, TokenRules rules, Provider& provider, Moment now, Deadline deadline) {
  const auto parsed = ParseJwt(token);
  if (!parsed) {
    co_return Fail(parsed.error());
  }
  if (!HasTypeFor(parsed->type, rules.use)) {
    co_return Fail(Code::kDenied, "the token is of a type for another use");
  }
  // Before the signature: what would be refused anyway must not have keys fetched for it.
  auto claims = ParseClaims(parsed->payload, rules.role_claim);
  if (!claims) {
    co_return Fail(std::move(claims).error());
  }
  if (auto checked = CheckClaims(*claims, rules, now.wall); !checked) {
    co_return Fail(std::move(checked).error());
  }
  auto keys = co_await provider.Keys(now, deadline);
  if (!keys) {
    co_return Fail(std::move(keys).error());
  }
  Verdict verdict = CheckSignature(*parsed, **keys);
  if (verdict == Verdict::kUnknownKey) {
    auto newer = co_await provider.NewerKeys(*keys, now, deadline);
    if (!newer) {
      co_return Fail(std::move(newer).error());
    }
    verdict = CheckSignature(*parsed, **newer);
  }
  if (verdict != Verdict::kGood) {
    co_return Fail(Code::kDenied, verdict == Verdict::kBad
                                      ? "the token's signature does not hold"
                                      : "the token is signed by a key that is not the issuer's");
  }
  co_return claims;
}

aio::Task<Result<SharedClaims>> TokenVerifier::Verify(std::string token,
                                                      Moment now,
                                                      Deadline deadline) {
  auto claims = co_await VerifyToken(token, rules_, provider_, now, deadline);
  if (!claims) {
    co_return Fail(std::move(claims).error());
  }
  auto shared = std::make_shared<const Claims>(*std::move(claims));
  verified_.Remember(token, shared, now);
  co_return shared;
}

}  // namespace paddock::oidc
