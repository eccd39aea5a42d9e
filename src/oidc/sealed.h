// Sealer: text that somebody else keeps for us and can neither read nor change.
//
// Used for the cookie of a pending login. AES-256-GCM under a key derived (HKDF-SHA-256) from the
// server's secret; the purpose is authenticated, so that what was sealed for one thing opens for
// no other, and so is the time until which it holds. A sealed text is base64url of
//   version u8 (1) | nonce (12 bytes) | AES-GCM(expires u64 ms, text) | tag (16 bytes)
//
// Threading: const after construction; any thread. Times are given by the caller, for tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oidc/moment.h"

namespace paddock::oidc {

class Sealer {
 public:
  using Secret = std::array<std::uint8_t, 32>;

  /// What is sealed fits a cookie.
  static constexpr std::size_t kSealedBytesMax = 4000;

  explicit Sealer(const Secret& secret);

  /// Fails with kInvalid when the sealed text would be longer than kSealedBytesMax.
  [[nodiscard]] Result<std::string> Seal(std::string_view purpose,
                                         std::string_view text,
                                         SystemTime expires_at) const;

  /// Fails with kDenied: not sealed by us for `purpose`, changed, or expired; it never says which.
  [[nodiscard]] Result<std::string> Open(std::string_view purpose,
                                         std::string_view sealed,
                                         SystemTime now) const;

 private:
  std::array<std::uint8_t, 32> key_{};
};

}  // namespace paddock::oidc
