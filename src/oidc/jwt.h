// Jwt: a signed token (RFC 7515, RFC 7519), taken apart and checked against one key.
//
// Used by the verifier. Nothing that a token says is believed here but its header's `alg` and
// `kid`, and those only to pick a key that fits; the claims are looked at once the signature holds.
//
// Threading: pure functions on plain values; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oidc/algorithm.h"
#include "oidc/jwk.h"

namespace paddock::oidc {

inline constexpr std::size_t kTokenBytesMax = std::size_t{16} << 10U;

struct Jwt {
  Algorithm algorithm = Algorithm::kRs256;
  std::string key_id;  // `kid`; empty when the header has none
  std::string type;    // `typ` in lower case without "application/"; may be empty
  std::string payload;
  std::string signing_input;
  std::string signature;
};

/// True for a text that has the three parts of a signed token: whoever accepts several kinds of
/// bearer tokens asks this to tell them apart. Says nothing about whether it is any good.
[[nodiscard]] bool LooksLikeJwt(std::string_view text) noexcept;

/// Fails with kDenied: too long, not three parts of strict base64url, a header that is no JSON
/// object, names a member twice, has `crit`, or an `alg` that is not one of ours.
[[nodiscard]] Result<Jwt> ParseJwt(std::string_view text);

/// Whether `key` made the signature, with the algorithm that the header names; false when the two
/// do not fit.
[[nodiscard]] bool IsSignedBy(const Jwt& token, const Jwk& key);

}  // namespace paddock::oidc
