#include "oidc/testing/signing_key.h"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/check.h"
#include "base/encoding.h"
#include "oidc/evp.h"

namespace paddock::oidc::testing {
namespace {

using crypto::Unsigned;

constexpr int kRsaBits = 2048;

using Bio = crypto::Owned<BIO, BIO_free_all>;

std::shared_ptr<EVP_PKEY> Generate(const char* type, const char* group, int rsa_bits) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  PADDOCK_CHECK(EVP_PKEY_keygen_init(context.get()) == 1);
  if (group != nullptr) {
    PADDOCK_CHECK(EVP_PKEY_CTX_set_group_name(context.get(), group) == 1);
  }
  if (rsa_bits > 0) {
    PADDOCK_CHECK(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), rsa_bits) == 1);
  }
  EVP_PKEY* key = nullptr;
  PADDOCK_CHECK(EVP_PKEY_generate(context.get(), &key) == 1);
  return std::shared_ptr<EVP_PKEY>(Key(key));
}

std::shared_ptr<EVP_PKEY> GenerateFor(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kEs256: return Generate("EC", "P-256", 0);
    case Algorithm::kEs384: return Generate("EC", "P-384", 0);
    case Algorithm::kEs512: return Generate("EC", "P-521", 0);
    case Algorithm::kEdDsa: return Generate("ED25519", nullptr, 0);
    default: return Generate("RSA", nullptr, kRsaBits);
  }
}

/// Padded to `size` bytes, or as short as possible.
std::string NumberText(const EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* raw = nullptr;
  PADDOCK_CHECK(EVP_PKEY_get_bn_param(key, name, &raw) == 1);
  const BigNumber number(raw);
  std::vector<unsigned char> bytes(
      static_cast<std::size_t>(size > 0 ? size : BN_num_bytes(number.get())));
  PADDOCK_CHECK(BN_bn2binpad(number.get(), bytes.data(), static_cast<int>(bytes.size())) > 0);
  return Base64UrlEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

int CoordinateBytes(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kEs256: return 32;
    case Algorithm::kEs384: return 48;
    case Algorithm::kEs512: return 66;
    default: return 0;
  }
}

const EVP_MD* DigestFor(Algorithm algorithm) {
  const std::string_view name = Name(algorithm);
  if (name.ends_with("256")) {
    return EVP_sha256();
  }
  if (name.ends_with("384")) {
    return EVP_sha384();
  }
  return name.ends_with("512") ? EVP_sha512() : nullptr;
}

std::string FromDer(const std::string& der, int coordinate_bytes) {
  const unsigned char* at = Unsigned(der);
  const EcSignature pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string bytes(2 * static_cast<std::size_t>(coordinate_bytes), '\0');
  auto* const out = reinterpret_cast<unsigned char*>(bytes.data());
  PADDOCK_CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, coordinate_bytes) > 0);
  PADDOCK_CHECK(
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + coordinate_bytes, coordinate_bytes) > 0);
  return bytes;
}

std::string SigningInput(std::string_view header, std::string_view payload) {
  return Base64UrlEncode(header) + "." + Base64UrlEncode(payload);
}

std::string Drain(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

SigningKey::SigningKey(std::shared_ptr<evp_pkey_st> key, Algorithm algorithm, std::string id)
    : key_(std::move(key)), algorithm_(algorithm), id_(std::move(id)) {}

SigningKey::SigningKey(Algorithm algorithm, std::string id)
    : SigningKey(GenerateFor(algorithm), algorithm, std::move(id)) {}

SigningKey SigningKey::Rsa(int bits, Algorithm algorithm, std::string id) {
  return {Generate("RSA", nullptr, bits), algorithm, std::move(id)};
}

SigningKey SigningKey::For(Algorithm algorithm) const { return {key_, algorithm, id_}; }

std::string SigningKey::PublicJson(bool has_algorithm) const {
  std::string material;
  if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
    material = fmt::format(R"("kty":"RSA","n":"{}","e":"{}")",
                           NumberText(key_.get(), OSSL_PKEY_PARAM_RSA_N),
                           NumberText(key_.get(), OSSL_PKEY_PARAM_RSA_E));
  } else if (EVP_PKEY_is_a(key_.get(), "EC") == 1) {
    const int bits = EVP_PKEY_get_bits(key_.get());
    const int size = (bits + 7) / 8;
    material = fmt::format(R"("kty":"EC","crv":"P-{}","x":"{}","y":"{}")", bits,
                           NumberText(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, size),
                           NumberText(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, size));
  } else {
    std::array<unsigned char, 32> bytes{};
    std::size_t size = bytes.size();
    PADDOCK_CHECK(EVP_PKEY_get_raw_public_key(key_.get(), bytes.data(), &size) == 1);
    material =
        fmt::format(R"("kty":"OKP","crv":"Ed25519","x":"{}")",
                    Base64UrlEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  }
  const std::string alg =
      has_algorithm ? fmt::format(R"(,"alg":"{}")", Name(algorithm_)) : std::string();
  const std::string kid = id_.empty() ? std::string() : fmt::format(R"(,"kid":"{}")", id_);
  return fmt::format(R"({{{}{}{},"use":"sig"}})", material, kid, alg);
}

std::string SigningKey::PublicPem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  PADDOCK_CHECK(PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1);
  return Drain(bio.get());
}

std::string SigningKey::PublicDer() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  PADDOCK_CHECK(i2d_PUBKEY_bio(bio.get(), key_.get()) == 1);
  return Drain(bio.get());
}

std::string SigningKey::Token(std::string_view payload) const {
  const std::string kid = id_.empty() ? std::string() : fmt::format(R"(,"kid":"{}")", id_);
  return TokenWithHeader(fmt::format(R"({{"alg":"{}"{}}})", Name(algorithm_), kid), payload);
}

std::string SigningKey::TokenWithHeader(std::string_view header, std::string_view payload) const {
  const std::string input = SigningInput(header, payload);
  return input + "." + Base64UrlEncode(Sign(input));
}

std::string SigningKey::Sign(std::string_view input) const {
  const DigestContext context(EVP_MD_CTX_new());
  const EVP_MD* const digest = DigestFor(algorithm_);
  EVP_PKEY_CTX* settings = nullptr;
  PADDOCK_CHECK(EVP_DigestSignInit(context.get(), &settings, digest, nullptr, key_.get()) == 1);
  if (Name(algorithm_).starts_with("PS")) {
    PADDOCK_CHECK(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  std::size_t size = 0;
  PADDOCK_CHECK(EVP_DigestSign(context.get(), nullptr, &size, Unsigned(input), input.size()) == 1);
  std::string signature(size, '\0');
  PADDOCK_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                               &size, Unsigned(input), input.size()) == 1);
  signature.resize(size);
  const int coordinate_bytes = CoordinateBytes(algorithm_);
  return coordinate_bytes == 0 ? signature : FromDer(signature, coordinate_bytes);
}

std::string KeySetJson(std::initializer_list<std::string> keys) {
  return fmt::format(R"({{"keys":[{}]}})", fmt::join(keys, ","));
}

std::string HmacToken(std::string_view header, std::string_view payload, std::string_view secret) {
  const std::string input = SigningInput(header, payload);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  PADDOCK_CHECK(HMAC(EVP_sha256(), secret.data(), crypto::Length(secret), Unsigned(input),
                     input.size(), mac.data(), &size) != nullptr);
  return input + "." + Base64UrlEncode({reinterpret_cast<const char*>(mac.data()), size});
}

}  // namespace paddock::oidc::testing
