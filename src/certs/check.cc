#include "certs/check.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "certs/internal/files.h"
#include "certs/internal/openssl.h"

namespace paddock::certs {
namespace {

using internal::Signed;

using Store = crypto::Owned<X509_STORE, X509_STORE_free>;
using StoreContext = crypto::Owned<X509_STORE_CTX, X509_STORE_CTX_free>;
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

Result<std::string> ReadKeyText(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    return internal::FailErrno("open", path, errno);
  }
  if ((status.st_mode & 07U) != 0) {
    return Fail(Code::kInvalid,
                fmt::format("{0} is a key that everybody can read: run chmod o= {0}", path));
  }
  return internal::ReadText(path);
}

Result<Identity> ReadFiles(const TlsFiles& files) {
  Identity identity;
  auto text = internal::ReadText(files.certificate);
  if (text) {
    identity.certificate = *std::move(text);
    text = ReadKeyText(files.key);
  }
  if (text) {
    identity.key = *std::move(text);
    text = internal::ReadText(files.authority);
  }
  if (!text) {
    return Fail(std::move(text).error());
  }
  identity.authority = *std::move(text);
  return identity;
}

// Empty when `chain` leads to one of `trusted`; else why it does not.
std::string Doubt(const std::vector<Signed>& chain,
                  const std::vector<Signed>& trusted,
                  Role role,
                  std::chrono::system_clock::time_point now) {
  const Store store(X509_STORE_new());
  for (const Signed& authority : trusted) {
    X509_STORE_add_cert(store.get(), authority.get());
  }
  const Stack others(sk_X509_new_null());
  for (std::size_t i = 1; i < chain.size(); ++i) {
    sk_X509_push(others.get(), chain[i].get());
  }
  const StoreContext context(X509_STORE_CTX_new());
  if (context == nullptr ||
      X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), others.get()) != 1) {
    return "OpenSSL has no memory for it";
  }
  const int purpose = role == Role::kServer ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT;
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(now));
  const bool is_good = X509_verify_cert(context.get()) == 1;
  const int reason = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  return is_good ? std::string() : X509_verify_cert_error_string(reason);
}

}  // namespace

Result<Identity> LoadFiles(const TlsFiles& files,
                           Role role,
                           std::chrono::system_clock::time_point now) {
  auto identity = ReadFiles(files);
  if (!identity) {
    return identity;
  }
  auto chain = internal::CertificatesOf(identity->certificate, files.certificate);
  if (!chain) {
    return Fail(std::move(chain).error());
  }
  auto key = internal::KeyOf(identity->key, files.key);
  if (!key) {
    return Fail(std::move(key).error());
  }
  if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
    return internal::FailOpenSsl(
        Code::kInvalid, fmt::format("{} is not the key of {}", files.key, files.certificate));
  }
  auto trusted = internal::CertificatesOf(identity->authority, files.authority);
  if (!trusted) {
    return Fail(std::move(trusted).error());
  }
  const std::string doubt = Doubt(*chain, *trusted, role, now);
  if (!doubt.empty()) {
    return Fail(Code::kInvalid,
                fmt::format("{} is no {} certificate that the authority in {} would accept: {}. "
                            "`paddock certs list` shows what there is",
                            files.certificate, Name(role), files.authority, doubt));
  }
  identity->description = internal::Describe(chain->front());
  return identity;
}

Result<Certificate> CheckFiles(const TlsFiles& files,
                               Role role,
                               std::chrono::system_clock::time_point now) {
  auto identity = LoadFiles(files, role, now);
  if (!identity) {
    return Fail(std::move(identity).error());
  }
  return std::move(identity->description);
}

}  // namespace paddock::certs
