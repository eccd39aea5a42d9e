#include "certs/internal/openssl.h"

#include <arpa/inet.h>

#include <array>
#include <cctype>
#include <cstddef>
#include <ctime>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace paddock::certs::internal {
namespace {

using Memory = crypto::Owned<BIO, BIO_free_all>;
using Names = crypto::Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using Number = crypto::Owned<BIGNUM, BN_free>;

constexpr std::size_t kChainLengthMax = 100;  // of a file with several authorities, too
constexpr std::size_t kNameLengthMax = 256;

Memory Reading(std::string_view text) {
  return Memory(BIO_new_mem_buf(text.data(), crypto::Length(text)));
}

std::string TextIn(const Memory& memory) {
  char* bytes = nullptr;
  const auto length = BIO_get_mem_data(memory.get(), &bytes);
  return {bytes, static_cast<std::size_t>(length)};
}

std::string NameOf(const Signed& certificate) {
  std::array<char, kNameLengthMax> text{};
  const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()),
                                               NID_commonName, text.data(), text.size());
  return length < 0 ? std::string() : std::string(text.data());
}

std::string AddressText(const ASN1_OCTET_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(bytes) == sizeof(in_addr) ? AF_INET : AF_INET6;
  const bool is_address = family == AF_INET || ASN1_STRING_length(bytes) == sizeof(in6_addr);
  if (is_address) {
    inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), text.size());
  }
  return text.data();
}

std::string TextOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),  // NOLINT: bytes are text
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::vector<std::string> HostsOf(const Signed& certificate) {
  std::vector<std::string> hosts;
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type == GEN_DNS) {
      hosts.push_back(TextOf(static_cast<const ASN1_STRING*>(value)));
    } else if (type == GEN_IPADD) {
      hosts.push_back(AddressText(static_cast<const ASN1_OCTET_STRING*>(value)));
    }
  }
  return hosts;
}

std::string SerialOf(const Signed& certificate) {
  const Number number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.get()), nullptr));
  char* const digits = number == nullptr ? nullptr : BN_bn2hex(number.get());
  std::string text(digits == nullptr ? "" : digits);
  OPENSSL_free(digits);
  for (char& digit : text) {
    digit = static_cast<char>(std::tolower(static_cast<unsigned char>(digit)));
  }
  return text;
}

Role RoleOf(const Signed& certificate) {
  if (X509_check_ca(certificate.get()) == 1) {
    return Role::kAuthority;
  }
  const bool is_stated = (X509_get_extension_flags(certificate.get()) & EXFLAG_XKUSAGE) != 0;
  const auto usage = is_stated ? X509_get_extended_key_usage(certificate.get()) : 0U;
  if (usage == XKU_SSL_SERVER) {
    return Role::kServer;
  }
  return usage == XKU_SSL_CLIENT ? Role::kClient : Role::kOther;
}

std::chrono::system_clock::time_point TimeOf(const ASN1_TIME* time) {
  std::tm fields{};
  return ASN1_TIME_to_tm(time, &fields) == 1
             ? std::chrono::system_clock::from_time_t(timegm(&fields))
             : std::chrono::system_clock::time_point();
}

}  // namespace

std::unexpected<Error> FailOpenSsl(Code code, std::string_view what) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  auto failure = Fail(code, fmt::format("{}: {}", what, reason == nullptr ? "refused" : reason));
  ERR_clear_error();
  return failure;
}

Result<std::string> PemOf(const Key& key) {
  const Memory memory(BIO_new(BIO_s_secmem()));  // wiped when freed
  if (memory == nullptr || PEM_write_bio_PKCS8PrivateKey(memory.get(), key.get(), nullptr, nullptr,
                                                         0, nullptr, nullptr) != 1) {
    return FailOpenSsl(Code::kInternal, "write a key");
  }
  return TextIn(memory);
}

Result<std::string> PemOf(const Signed& certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (memory == nullptr || PEM_write_bio_X509(memory.get(), certificate.get()) != 1) {
    return FailOpenSsl(Code::kInternal, "write a certificate");
  }
  return TextIn(memory);
}

Result<Key> KeyOf(std::string_view pem, std::string_view place) {
  const Memory memory = Reading(pem);
  // Nobody is there to type a passphrase: an encrypted key is refused.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr));
  if (key == nullptr) {
    return FailOpenSsl(Code::kInvalid,
                       fmt::format("{} has no private key that can be read", place));
  }
  return key;
}

Result<std::vector<Signed>> CertificatesOf(std::string_view pem, std::string_view place) {
  const Memory memory = Reading(pem);
  std::vector<Signed> certificates;
  while (certificates.size() < kChainLengthMax) {
    Signed certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) {
      break;
    }
    certificates.push_back(std::move(certificate));
  }
  const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (certificates.empty() || (!is_end && certificates.size() < kChainLengthMax)) {
    return FailOpenSsl(Code::kInvalid,
                       fmt::format("{} has no certificate that can be read", place));
  }
  ERR_clear_error();
  return certificates;
}

Certificate Describe(const Signed& certificate) {
  return {.name = NameOf(certificate),
          .role = RoleOf(certificate),
          .hosts = HostsOf(certificate),
          .serial = SerialOf(certificate),
          .not_before = TimeOf(X509_get0_notBefore(certificate.get())),
          .not_after = TimeOf(X509_get0_notAfter(certificate.get()))};
}

}  // namespace paddock::certs::internal
