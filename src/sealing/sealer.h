// Sealer: text that somebody else keeps for us and can neither read nor change.
//
// Used for the cookie of a pending login (oidc) and for the passwords of registered databases in
// the store (databases). AES-256-GCM under a key derived (HKDF-SHA-256) from the server's secret
// and a label; the purpose is authenticated, so that what was sealed for one thing opens for no
// other. A sealed text is base64url of
//   version u8 (1) | nonce (12 bytes) | AES-GCM(text) | tag (16 bytes)
//
// Threading: const after construction; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace paddock::sealing {

class Sealer {
 public:
  using Secret = std::array<std::uint8_t, 32>;

  static constexpr std::size_t kSealedBytesMax = 4000;

  /// Two labels have keys that have nothing to do with each other.
  Sealer(const Secret& secret, std::string_view label);

  /// Fails with kInvalid when the sealed text would be longer than kSealedBytesMax.
  [[nodiscard]] Result<std::string> Seal(std::string_view purpose, std::string_view text) const;

  /// Fails with kDenied: not sealed by us for `purpose`, or changed; it never says which.
  [[nodiscard]] Result<std::string> Open(std::string_view purpose, std::string_view sealed) const;

 private:
  std::array<std::uint8_t, 32> key_{};
};

}  // namespace paddock::sealing
