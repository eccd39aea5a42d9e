// Jwk: a provider's public key, and the set of them that it publishes (RFC 7517).
//
// Used by the key cache and by jwt.h. Of a set only what can check a signature is kept: RSA from
// 2048 bits, EC on P-256, P-384 and P-521, Ed25519. Symmetric keys, keys for encryption and kinds
// that are unknown here are left out without a complaint, for providers add new kinds.
//
// Threading: const after construction; any thread. Ownership: copies share the key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oidc/algorithm.h"

struct evp_pkey_st;  // EVP_PKEY

namespace paddock::oidc {

inline constexpr std::size_t kKeySetBytesMax = std::size_t{256} << 10U;
inline constexpr std::size_t kKeysMax = 64;
inline constexpr int kRsaBitsMin = 2048;
inline constexpr int kRsaBitsMax = 8192;

enum class KeyType : std::uint8_t { kRsa, kP256, kP384, kP521, kEd25519 };

struct Jwk {
  std::string id;                      // `kid`; may be empty
  std::optional<Algorithm> algorithm;  // `alg`: the only one that this key is for, if given
  KeyType type = KeyType::kRsa;
  std::shared_ptr<evp_pkey_st> key;
};

using KeySet = std::vector<Jwk>;

/// True when a signature of `algorithm` can be of `key`: type, curve and `alg` all fit.
[[nodiscard]] bool Fits(Algorithm algorithm, const Jwk& key) noexcept;

/// The keys of `text`, which comes from the network. Fails with kInvalid: too long, too deep, no
/// JSON, no `keys`, or more than kKeysMax of them. A single key that is wrong is left out.
[[nodiscard]] Result<KeySet> ParseKeySet(std::string_view text);

}  // namespace paddock::oidc
