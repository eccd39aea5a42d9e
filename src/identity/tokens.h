// TokenSigner: session tokens that prove themselves, so that no table of sessions exists.
//
// A token is base64url of
//   version u8 (1) | kind u8 | issued u64 | expires u64 | user id (26 bytes) | HMAC-SHA-256 (32)
// with times in seconds since 1970, big-endian. The MAC covers all before it, under a label, so
// that the secret may sign other things too. It is compared in constant time, and before anything
// else of the token is believed.
//
// Threading: const after construction; any thread. Times are given by the caller, for tests.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/secret.h"
#include "identity/user.h"

struct evp_mac_ctx_st;  // EVP_MAC_CTX

namespace paddock::identity {

using SystemTime = std::chrono::system_clock::time_point;

/// What a valid token says.
struct Session {
  User user;
  SystemTime issued_at;
  SystemTime expires_at;
};

class TokenSigner {
 public:
  /// `lifetime` is positive.
  TokenSigner(const Secret& secret, std::chrono::seconds lifetime);

  struct Issued {
    std::string token;
    Session session;
  };
  [[nodiscard]] Issued Issue(const User& user, SystemTime now) const;

  /// Fails with kDenied for every token that this secret did not sign, or that has expired; the
  /// message never says which.
  [[nodiscard]] Result<Session> Verify(std::string_view token, SystemTime now) const;

  /// True when a tenth of the session's life has passed: a visitor who comes back never expires.
  [[nodiscard]] static bool IsRenewalDue(const Session& session, SystemTime now) noexcept;

  [[nodiscard]] std::chrono::seconds lifetime() const noexcept { return lifetime_; }

 private:
  struct FreeMac {
    void operator()(evp_mac_ctx_st* context) const noexcept;
  };
  using MacContext = std::unique_ptr<evp_mac_ctx_st, FreeMac>;

  [[nodiscard]] std::string Mac(std::string_view payload) const;

  // Keyed once and copied for each MAC: looking up the algorithm and hashing the key would be most
  // of the work of a request that only reads.
  MacContext keyed_;
  std::chrono::seconds lifetime_;
};

}  // namespace paddock::identity
