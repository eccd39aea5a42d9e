#include "oidc/jwt.h"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include "base/encoding.h"
#include "oidc/evp.h"
#include "oidc/strict_json.h"

namespace paddock::oidc {
namespace json = boost::json;

namespace {

using crypto::Unsigned;

constexpr std::size_t kHeaderTextMax = 256;

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
};

std::optional<Parts> Split(std::string_view text) noexcept {
  const std::size_t first = text.find('.');
  if (first == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t second = text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  const Parts parts{.header = text.substr(0, first),
                    .payload = text.substr(first + 1, second - first - 1),
                    .signature = text.substr(second + 1)};
  if (parts.header.empty() || parts.payload.empty() || parts.signature.empty()) {
    return std::nullopt;
  }
  return parts;
}

/// A media type of RFC 7519: case does not count, "application/" may be left out.
std::string NormalType(std::string type) {
  constexpr std::string_view kPrefix = "application/";
  for (char& c : type) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return type.starts_with(kPrefix) ? type.substr(kPrefix.size()) : type;
}

/// A member that must be a text if it is there.
bool ReadText(const json::object& header, std::string_view name, std::string& out) {
  if (!header.contains(name)) {
    return true;
  }
  auto text = TextMember(header, name, kHeaderTextMax);
  if (!text) {
    return false;
  }
  out = *std::move(text);
  return true;
}

Result<void> ReadHeader(std::string_view bytes, Jwt& token) {
  const auto header = ParseStrictJson(bytes, kTokenBytesMax);
  if (!header) {
    return Fail(Code::kDenied, "the token's header is malformed");
  }
  if (header->contains("crit")) {
    return Fail(Code::kDenied, "the token needs an extension that is not supported here (crit)");
  }
  const auto algorithm = AlgorithmOf(TextMember(*header, "alg", kHeaderTextMax).value_or(""));
  if (!algorithm) {
    return Fail(Code::kDenied,
                "the token's signature algorithm is not accepted: it must be one of RS, PS or ES "
                "with 256, 384 or 512, or EdDSA");
  }
  token.algorithm = *algorithm;
  std::string type;
  if (!ReadText(*header, "kid", token.key_id) || !ReadText(*header, "typ", type)) {
    return Fail(Code::kDenied, "the token's header is malformed");
  }
  token.type = NormalType(std::move(type));
  return {};
}

const EVP_MD* DigestOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRs256:
    case Algorithm::kPs256:
    case Algorithm::kEs256: return EVP_sha256();
    case Algorithm::kRs384:
    case Algorithm::kPs384:
    case Algorithm::kEs384: return EVP_sha384();
    case Algorithm::kRs512:
    case Algorithm::kPs512:
    case Algorithm::kEs512: return EVP_sha512();
    case Algorithm::kEdDsa: return nullptr;  // it has a digest of its own inside
  }
  return nullptr;  // unreachable for valid values
}

bool IsPss(Algorithm algorithm) noexcept {
  return algorithm == Algorithm::kPs256 || algorithm == Algorithm::kPs384 ||
         algorithm == Algorithm::kPs512;
}

/// RFC 7518 writes r and s at full length side by side; OpenSSL wants them in DER.
std::string ToDer(std::string_view signature, std::size_t coordinate_bytes) {
  if (signature.size() != 2 * coordinate_bytes) {
    return {};
  }
  const int length = static_cast<int>(coordinate_bytes);
  BigNumber r(BN_bin2bn(Unsigned(signature), length, nullptr));
  BigNumber s(BN_bin2bn(Unsigned(signature.substr(coordinate_bytes)), length, nullptr));
  const EcSignature pair(ECDSA_SIG_new());
  if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
    return {};
  }
  std::ignore = r.release();  // the pair owns both now
  std::ignore = s.release();
  unsigned char* der = nullptr;
  const int der_length = i2d_ECDSA_SIG(pair.get(), &der);
  if (der_length <= 0) {
    return {};
  }
  std::string bytes(der, der + der_length);
  OPENSSL_free(der);
  return bytes;
}

std::string ForOpenssl(const Jwt& token, const Jwk& key) {
  switch (key.type) {
    case KeyType::kP256: return ToDer(token.signature, 32);
    case KeyType::kP384: return ToDer(token.signature, 48);
    case KeyType::kP521: return ToDer(token.signature, 66);
    case KeyType::kRsa:
      // OpenSSL takes a shorter one for the same number; RFC 8017, 8.1.2 and 8.2.2, does not.
      return token.signature.size() == static_cast<std::size_t>(EVP_PKEY_get_size(key.key.get()))
                 ? token.signature
                 : std::string();
    case KeyType::kEd25519: return token.signature;
  }
  return {};  // unreachable for valid values
}

}  // namespace

bool LooksLikeJwt(std::string_view text) noexcept { return Split(text).has_value(); }

Result<Jwt> ParseJwt(std::string_view text) {
  if (text.size() > kTokenBytesMax) {
    return Fail(Code::kDenied, "the token is too long");
  }
  const auto parts = Split(text);
  if (!parts) {
    return Fail(Code::kDenied, "the token is not a signed JWT");
  }
  auto header = Base64UrlDecode(parts->header);
  auto payload = Base64UrlDecode(parts->payload);
  auto signature = Base64UrlDecode(parts->signature);
  if (!header || !payload || !signature) {
    return Fail(Code::kDenied, "the token is not base64url");
  }
  Jwt token;
  if (auto read = ReadHeader(*header, token); !read) {
    return Fail(std::move(read).error());
  }
  token.payload = *std::move(payload);
  token.signature = *std::move(signature);
  token.signing_input = text.substr(0, parts->header.size() + 1 + parts->payload.size());
  return token;
}

bool IsSignedBy(const Jwt& token, const Jwk& key) {
  if (!Fits(token.algorithm, key)) {
    return false;
  }
  const std::string signature = ForOpenssl(token, key);
  const EVP_MD* const digest = DigestOf(token.algorithm);
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;  // the context's
  if (signature.empty() || !context ||
      EVP_DigestVerifyInit(context.get(), &settings, digest, nullptr, key.key.get()) != 1) {
    return false;
  }
  if (IsPss(token.algorithm) &&
      (EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_mgf1_md(settings, digest) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), Unsigned(signature), signature.size(),
                          Unsigned(token.signing_input), token.signing_input.size()) == 1;
}

}  // namespace paddock::oidc
