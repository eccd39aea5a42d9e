#include "oidc/jwk.h"

#include <array>
#include <utility>

#include <openssl/core_names.h>

#include "base/encoding.h"
#include "oidc/evp.h"
#include "oidc/strict_json.h"

namespace paddock::oidc {
namespace json = boost::json;

namespace {

constexpr std::size_t kKeyIdBytesMax = 256;
constexpr std::size_t kNumberTextMax = 2048;  // base64url of 8192 bits is 1366 characters
constexpr int kExponentBitsMax = 64;          // a verification costs as many squarings
constexpr std::size_t kEd25519Bytes = 32;

struct Curve {
  std::string_view name;     // RFC 7518
  const char* openssl_name;  // a group's
  std::size_t bytes;         // of a coordinate
  KeyType type;
};
constexpr auto kCurves = std::to_array<Curve>({
    {.name = "P-256", .openssl_name = "P-256", .bytes = 32, .type = KeyType::kP256},
    {.name = "P-384", .openssl_name = "P-384", .bytes = 48, .type = KeyType::kP384},
    {.name = "P-521", .openssl_name = "P-521", .bytes = 66, .type = KeyType::kP521},
});

/// The bytes of a base64url member, or "" when it is absent or malformed.
std::string BytesMember(const json::object& object, std::string_view name) {
  const auto text = TextMember(object, name, kNumberTextMax);
  return text ? Base64UrlDecode(*text).value_or(std::string()) : std::string();
}

Key PublicKeyFrom(const char* type, OSSL_PARAM_BLD* builder) {
  const ParameterList parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Key(key);
}

BigNumber NumberMember(const json::object& object, std::string_view name) {
  const std::string bytes = BytesMember(object, name);
  return BigNumber(BN_bin2bn(crypto::Unsigned(bytes), crypto::Length(bytes), nullptr));
}

Key RsaKey(const json::object& object) {
  const BigNumber modulus = NumberMember(object, "n");
  const BigNumber exponent = NumberMember(object, "e");
  if (!modulus || !exponent || BN_num_bits(modulus.get()) < kRsaBitsMin ||
      BN_num_bits(modulus.get()) > kRsaBitsMax || BN_is_odd(modulus.get()) == 0 ||
      BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get()) != 0 ||
      BN_num_bits(exponent.get()) > kExponentBitsMax) {
    return nullptr;
  }
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  return PublicKeyFrom("RSA", builder.get());
}

/// OpenSSL refuses a point that is not on the curve.
Key EcKey(const json::object& object, const Curve& curve) {
  constexpr char kUncompressed = 4;
  const std::string x = BytesMember(object, "x");
  const std::string y = BytesMember(object, "y");
  if (x.size() != curve.bytes || y.size() != curve.bytes) {
    return nullptr;
  }
  const std::string point = kUncompressed + x + y;
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.openssl_name,
                                      0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  return PublicKeyFrom("EC", builder.get());
}

Key Ed25519Key(const json::object& object) {
  const std::string bytes = BytesMember(object, "x");
  if (bytes.size() != kEd25519Bytes) {
    return nullptr;
  }
  return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, crypto::Unsigned(bytes),
                                         bytes.size()));
}

std::pair<Key, KeyType> MaterialOf(const json::object& object) {
  const std::string type = TextMember(object, "kty", kKeyIdBytesMax).value_or("");
  const std::string curve_name = TextMember(object, "crv", kKeyIdBytesMax).value_or("");
  if (type == "RSA") {
    return {RsaKey(object), KeyType::kRsa};
  }
  if (type == "OKP" && curve_name == "Ed25519") {
    return {Ed25519Key(object), KeyType::kEd25519};
  }
  for (const Curve& curve : kCurves) {
    if (type == "EC" && curve.name == curve_name) {
      return {EcKey(object, curve), curve.type};
    }
  }
  return {nullptr, KeyType::kRsa};
}

bool IsForSignatures(const json::object& object) {
  const json::value* use = object.if_contains("use");
  if (use != nullptr && *use != "sig") {
    return false;
  }
  const json::value* operations = object.if_contains("key_ops");
  if (operations == nullptr) {
    return true;
  }
  for (const std::string& operation : TextsOf(*operations, kJsonMembersMax, kKeyIdBytesMax)) {
    if (operation == "verify") {
      return true;
    }
  }
  return false;
}

std::optional<Jwk> ParseKey(const json::object& object) {
  // Who publishes the private half lets anybody sign: such a key proves nothing.
  if (!IsForSignatures(object) || object.contains("d")) {
    return std::nullopt;
  }
  Jwk jwk;
  if (object.contains("kid")) {
    auto id = TextMember(object, "kid", kKeyIdBytesMax);
    if (!id) {
      return std::nullopt;
    }
    jwk.id = *std::move(id);
  }
  auto [key, type] = MaterialOf(object);
  if (!key) {
    return std::nullopt;
  }
  jwk.type = type;
  jwk.key = std::shared_ptr<EVP_PKEY>(std::move(key));
  if (object.contains("alg")) {
    jwk.algorithm = AlgorithmOf(TextMember(object, "alg", kKeyIdBytesMax).value_or(""));
    if (!jwk.algorithm || !Fits(*jwk.algorithm, jwk)) {
      return std::nullopt;
    }
  }
  return jwk;
}

KeyType TypeFor(Algorithm algorithm) noexcept {
  switch (algorithm) {
    case Algorithm::kRs256:
    case Algorithm::kRs384:
    case Algorithm::kRs512:
    case Algorithm::kPs256:
    case Algorithm::kPs384:
    case Algorithm::kPs512: return KeyType::kRsa;
    case Algorithm::kEs256: return KeyType::kP256;
    case Algorithm::kEs384: return KeyType::kP384;
    case Algorithm::kEs512: return KeyType::kP521;
    case Algorithm::kEdDsa: return KeyType::kEd25519;
  }
  return KeyType::kRsa;  // unreachable for valid values
}

}  // namespace

bool Fits(Algorithm algorithm, const Jwk& key) noexcept {
  return TypeFor(algorithm) == key.type && key.algorithm.value_or(algorithm) == algorithm;
}

Result<KeySet> ParseKeySet(std::string_view text) {
  auto document = ParseStrictJson(text, kKeySetBytesMax);
  if (!document) {
    return Fail(std::move(document).error().With("key set"));
  }
  const json::value* member = document->if_contains("keys");
  const json::array* array = member == nullptr ? nullptr : member->if_array();
  if (array == nullptr || array->size() > kKeysMax) {
    return Fail(Code::kInvalid, "key set: it has no array `keys`, or too many in it");
  }
  KeySet keys;
  for (const json::value& element : *array) {
    const json::object* object = element.if_object();
    auto key = object == nullptr ? std::nullopt : ParseKey(*object);
    if (key) {
      keys.push_back(*std::move(key));
    }
  }
  return keys;
}

}  // namespace paddock::oidc
