// Sealer: sealed text (sealing/sealer.h) that holds until a time.
//
// Used for the cookie of a pending login. What is sealed is expires u64 ms | text.
//
// Threading: const after construction; any thread. Times are given by the caller, for tests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oidc/moment.h"
#include "sealing/sealer.h"

namespace paddock::oidc {

class Sealer {
 public:
  using Secret = sealing::Sealer::Secret;

  /// What is sealed fits a cookie.
  static constexpr std::size_t kSealedBytesMax = sealing::Sealer::kSealedBytesMax;

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
  sealing::Sealer sealer_;
};

}  // namespace paddock::oidc
