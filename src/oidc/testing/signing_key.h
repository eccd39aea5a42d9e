// SigningKey: the provider's side of a key, for tests: makes it, publishes it, signs with it.
//
// Used by the tests of this part. It signs whatever it is told to, right or wrong.
//
// Threading: const after construction.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "oidc/algorithm.h"
#include "oidc/jwk.h"

namespace paddock::oidc::testing {

class SigningKey {
 public:
  /// A fresh key that `algorithm` can sign with, published under `id`.
  SigningKey(Algorithm algorithm, std::string id);
  [[nodiscard]] static SigningKey Rsa(int bits, Algorithm algorithm, std::string id);

  [[nodiscard]] Algorithm algorithm() const noexcept { return algorithm_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

  /// The same key, said to be for another algorithm.
  [[nodiscard]] SigningKey For(Algorithm algorithm) const;

  /// {"kty":…,"kid":…}; with `alg` too unless `has_algorithm` is false.
  [[nodiscard]] std::string PublicJson(bool has_algorithm = true) const;

  /// The public key as others would write it down: for attacks that use it as a shared secret.
  [[nodiscard]] std::string PublicPem() const;
  [[nodiscard]] std::string PublicDer() const;

  /// A token of `payload` with {"alg":…,"kid":…} as its header.
  [[nodiscard]] std::string Token(std::string_view payload) const;
  [[nodiscard]] std::string TokenWithHeader(std::string_view header,
                                            std::string_view payload) const;

 private:
  SigningKey(std::shared_ptr<evp_pkey_st> key, Algorithm algorithm, std::string id);
  [[nodiscard]] std::string Sign(std::string_view input) const;

  std::shared_ptr<evp_pkey_st> key_;
  Algorithm algorithm_;
  std::string id_;
};

/// {"keys":[…]}.
[[nodiscard]] std::string KeySetJson(std::initializer_list<std::string> keys);

/// HS256 with `secret`, which is no algorithm of ours.
[[nodiscard]] std::string HmacToken(std::string_view header,
                                    std::string_view payload,
                                    std::string_view secret);

}  // namespace paddock::oidc::testing
