// Algorithm: the signatures that tokens may carry, all with a public key.
//
// "none" and the HMAC family have no value here on purpose: what cannot be named cannot be
// accepted by mistake, above all not an HMAC keyed with the bytes of a public key.
//
// Threading: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace paddock::oidc {

enum class Algorithm : std::uint8_t {
  kRs256,
  kRs384,
  kRs512,
  kPs256,
  kPs384,
  kPs512,
  kEs256,
  kEs384,
  kEs512,
  kEdDsa,
};

/// The `alg` of RFC 7518, RFC 8037 and RFC 9864, in exactly its spelling; nothing for any other
/// text.
[[nodiscard]] std::optional<Algorithm> AlgorithmOf(std::string_view name) noexcept;

[[nodiscard]] std::string_view Name(Algorithm algorithm) noexcept;

}  // namespace paddock::oidc
