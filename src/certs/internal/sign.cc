#include "certs/internal/sign.h"

#include <array>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include "base/random.h"

namespace paddock::certs::internal {
namespace {

constexpr std::size_t kSerialBytes = 16;
constexpr int kVersion3 = 2;  // as X.509 writes it

using Extension = crypto::Owned<X509_EXTENSION, X509_EXTENSION_free>;
using Number = crypto::Owned<BIGNUM, BN_free>;

struct ExtensionText {
  int nid;
  std::string value;  // in the language of OpenSSL's configuration; made of checked names only
};

bool SetSerial(X509* certificate) {
  std::array<std::uint8_t, kSerialBytes> bytes{};
  FillRandom(bytes);
  bytes.front() |= 0x40U;  // neither zero nor short
  bytes.front() &= 0x7fU;  // nor negative
  const Number number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetName(X509* certificate, const std::string& name) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, crypto::Unsigned(name),
                                    crypto::Length(name), -1, 0) == 1;
}

bool SetTimes(X509* certificate, const Statement& statement) {
  using std::chrono::system_clock;
  const auto from = system_clock::to_time_t(statement.not_before);
  const auto until = system_clock::to_time_t(statement.not_after);
  return ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), until) != nullptr;
}

std::string AlternativeNames(const std::vector<std::string>& hosts) {
  std::string text;
  for (const std::string& host : hosts) {
    fmt::format_to(std::back_inserter(text), "{}{}:{}", text.empty() ? "" : ",",
                   IsAddress(host) ? "IP" : "DNS", host);
  }
  return text;
}

std::vector<ExtensionText> ExtensionsOf(const Statement& statement) {
  if (statement.role == Role::kAuthority) {
    return {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
            {NID_key_usage, "critical,keyCertSign,cRLSign"},
            {NID_subject_key_identifier, "hash"}};
  }
  const bool is_server = statement.role == Role::kServer;
  return {{NID_basic_constraints, "critical,CA:FALSE"},
          {NID_key_usage, "critical,digitalSignature"},
          {NID_ext_key_usage, is_server ? "serverAuth" : "clientAuth"},
          {NID_subject_key_identifier, "hash"},
          {NID_authority_key_identifier, "keyid:always"},
          {NID_subject_alt_name, AlternativeNames(statement.hosts)}};
}

bool AddExtensions(X509* certificate, X509* issuer, const Statement& statement) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [nid, value] : ExtensionsOf(statement)) {
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
      return false;
    }
  }
  return true;
}

// `issuer` is null for one that signs itself.
Result<Signed> MakeSigned(const Statement& statement,
                          const Key& subject,
                          X509* issuer,
                          const Key& signing) {
  Signed certificate(X509_new());
  X509* const raw = certificate.get();
  const bool is_filled = raw != nullptr && X509_set_version(raw, kVersion3) == 1 &&
                         SetSerial(raw) && SetName(raw, statement.name) &&
                         SetTimes(raw, statement) && X509_set_pubkey(raw, subject.get()) == 1;
  X509* const signer = issuer == nullptr ? raw : issuer;
  if (!is_filled || X509_set_issuer_name(raw, X509_get_subject_name(signer)) != 1 ||
      !AddExtensions(raw, signer, statement) || X509_sign(raw, signing.get(), EVP_sha256()) == 0) {
    return FailOpenSsl(Code::kInternal, "sign a certificate");
  }
  return certificate;
}

}  // namespace

Result<Key> MakeKey() {
  std::string curve = "P-256";  // OpenSSL wants it writable
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve.data()));
  if (key == nullptr) {
    return FailOpenSsl(Code::kInternal, "make a key");
  }
  return key;
}

Result<Signed> SignItself(const Statement& statement, const Key& key) {
  return MakeSigned(statement, key, nullptr, key);
}

Result<Signed> Sign(const Statement& statement, const Key& subject, const Issuer& issuer) {
  return MakeSigned(statement, subject, issuer.certificate.get(), issuer.key);
}

}  // namespace paddock::certs::internal
