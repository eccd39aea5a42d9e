#include "runners/server/scram.h"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/encoding.h"
#include "crypto/owned.h"

namespace paddock::runners::server {
namespace {

using crypto::Length;
using crypto::Unsigned;

constexpr int kRounds = 1;
constexpr std::size_t kHashBytes = 32;
using Hash = std::array<unsigned char, kHashBytes>;

std::string Base64Of(const Hash& hash) {
  return Base64Encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

Hash Keyed(const Hash& key, std::string_view text) {
  Hash hash{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Unsigned(text), text.size(),
       hash.data(), &size);
  return hash;
}

}  // namespace

std::string ScramVerifier(std::string_view password, std::string_view salt) {
  Hash salted{};
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), Unsigned(salt),
                    Length(salt), kRounds, EVP_sha256(), static_cast<int>(salted.size()),
                    salted.data());
  const Hash client = Keyed(salted, "Client Key");
  Hash stored{};
  unsigned size = 0;
  EVP_Digest(client.data(), client.size(), stored.data(), &size, EVP_sha256(), nullptr);
  return fmt::format("SCRAM-SHA-256${}:{}${}:{}", kRounds, Base64Encode(salt), Base64Of(stored),
                     Base64Of(Keyed(salted, "Server Key")));
}

}  // namespace paddock::runners::server
