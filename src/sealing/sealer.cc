#include "sealing/sealer.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/random.h"
#include "crypto/owned.h"

namespace paddock::sealing {
namespace {

using crypto::Length;
using crypto::Owned;
using crypto::Unsigned;

constexpr char kVersion = 1;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kOverheadBytes = 1 + kNonceBytes + kTagBytes;

using CipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using Kdf = Owned<EVP_KDF, EVP_KDF_free>;
using KdfContext = Owned<EVP_KDF_CTX, EVP_KDF_CTX_free>;

unsigned char* Writable(std::string& bytes, std::size_t at = 0) {
  return reinterpret_cast<unsigned char*>(bytes.data()) + at;
}

}  // namespace

Sealer::Sealer(const Secret& secret, std::string_view label) {
  const Kdf algorithm(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfContext context(EVP_KDF_CTX_new(algorithm.get()));
  std::string digest("SHA256");
  Secret input = secret;
  std::string info(label);
  const std::array<OSSL_PARAM, 4> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, input.data(), input.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  PADDOCK_CHECK(context != nullptr &&
                EVP_KDF_derive(context.get(), key_.data(), key_.size(), parameters.data()) == 1);
}

Result<std::string> Sealer::Seal(std::string_view purpose, std::string_view text) const {
  if ((text.size() + kOverheadBytes) * 4 / 3 + 1 > kSealedBytesMax) {
    return Fail(Code::kInvalid, "the text to seal is too long");
  }
  std::array<std::uint8_t, kNonceBytes> nonce{};
  FillRandom(nonce);
  std::string cipher(text.size() + kTagBytes, '\0');
  const CipherContext context(EVP_CIPHER_CTX_new());
  int length = 0;
  PADDOCK_CHECK(
      context != nullptr &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), nonce.data()) ==
          1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &length, Unsigned(purpose), Length(purpose)) == 1 &&
      EVP_EncryptUpdate(context.get(), Writable(cipher), &length, Unsigned(text), Length(text)) ==
          1 &&
      EVP_EncryptFinal_ex(context.get(), Writable(cipher, text.size()), &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          Writable(cipher, text.size())) == 1);
  std::string sealed(1, kVersion);
  sealed.append(nonce.begin(), nonce.end());
  return Base64UrlEncode(sealed + cipher);
}

Result<std::string> Sealer::Open(std::string_view purpose, std::string_view sealed) const {
  auto refusal = Fail(Code::kDenied, "what was kept is not ours");
  if (sealed.size() > kSealedBytesMax) {
    return refusal;  // before the work of decoding it
  }
  auto bytes = Base64UrlDecode(sealed);
  if (!bytes || bytes->size() < kOverheadBytes || bytes->front() != kVersion) {
    return refusal;
  }
  const std::string_view view(*bytes);
  const std::string_view nonce = view.substr(1, kNonceBytes);
  const std::string_view cipher =
      view.substr(1 + kNonceBytes, view.size() - 1 - kNonceBytes - kTagBytes);
  std::string tag(view.substr(view.size() - kTagBytes));
  std::string plain(cipher.size(), '\0');
  const CipherContext context(EVP_CIPHER_CTX_new());
  int length = 0;
  if (!context ||
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), Unsigned(nonce)) !=
          1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &length, Unsigned(purpose), Length(purpose)) != 1 ||
      EVP_DecryptUpdate(context.get(), Writable(plain), &length, Unsigned(cipher),
                        Length(cipher)) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1 ||
      EVP_DecryptFinal_ex(context.get(), Writable(plain, plain.size()), &length) != 1) {
    return refusal;
  }
  return plain;
}

}  // namespace paddock::sealing
