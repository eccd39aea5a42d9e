// Makes keys (ECDSA, P-256) and signs certificates (X.509 v3).
//
// Used by Authority. Any thread. Every function fails with kInternal: OpenSSL has refused.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "certs/certificate.h"
#include "certs/internal/openssl.h"

namespace paddock::certs::internal {

/// What is to stand in a certificate; the names have been checked.
struct Statement {
  std::string name;
  Role role = Role::kServer;
  std::vector<std::string> hosts;
  std::chrono::system_clock::time_point not_before;
  std::chrono::system_clock::time_point not_after;
};

struct Issuer {
  const Signed& certificate;
  const Key& key;
};

[[nodiscard]] Result<Key> MakeKey();

/// An authority that signs itself, and may sign no other authority.
[[nodiscard]] Result<Signed> SignItself(const Statement& statement, const Key& key);

[[nodiscard]] Result<Signed> Sign(const Statement& statement,
                                  const Key& subject,
                                  const Issuer& issuer);

}  // namespace paddock::certs::internal
