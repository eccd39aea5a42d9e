#include "certs/authority.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "certs/internal/files.h"
#include "certs/internal/openssl.h"
#include "certs/internal/sign.h"

namespace paddock::certs {

using internal::Existing;
using internal::Key;
using internal::Signed;

namespace {

namespace fs = std::filesystem;

constexpr auto kClockSkew = std::chrono::minutes(5);  // between the hosts of one site
constexpr std::size_t kHostsMax = 100;
constexpr std::size_t kFilesMax = 10'000;

Existing ExistingOf(const Terms& terms) {
  return terms.force ? Existing::kReplace : Existing::kRefuse;
}

// Two authorities have two names, or a program would take one's signature for the other's.
std::string NewAuthorityName() {
  std::array<std::uint8_t, 4> random{};
  FillRandom(random);
  return fmt::format("Paddock CA {:02x}", fmt::join(random, ""));
}

Result<void> WritePair(const std::pair<fs::path, fs::path>& key_and_certificate,
                       const Key& key,
                       const Signed& certificate,
                       Existing existing) {
  const auto& [key_file, certificate_file] = key_and_certificate;
  auto key_pem = internal::PemOf(key);
  auto certificate_pem = internal::PemOf(certificate);
  if (!key_pem || !certificate_pem) {
    return Fail((!key_pem ? key_pem : certificate_pem).error());
  }
  std::error_code ignored;
  if (existing == Existing::kRefuse && fs::exists(certificate_file, ignored)) {
    return Fail(Code::kConflict,
                fmt::format("{} is there already; --force replaces it", certificate_file.native()));
  }
  auto written = internal::WriteText(key_file, *key_pem, internal::kKeyMode, existing);
  if (!written) {
    return written;
  }
  written =
      internal::WriteText(certificate_file, *certificate_pem, internal::kCertificateMode, existing);
  if (!written && existing == Existing::kRefuse) {
    fs::remove(key_file, ignored);  // it is ours, and of no use alone
  }
  return written;
}

Result<Signed> ReadCertificate(const fs::path& path) {
  auto text = internal::ReadText(path);
  if (!text) {
    return Fail(std::move(text).error());
  }
  auto certificates = internal::CertificatesOf(*text, path.native());
  if (!certificates) {
    return Fail(std::move(certificates).error());
  }
  return std::move(certificates->front());
}

Result<Key> ReadKey(const fs::path& path) {
  auto text = internal::ReadText(path);
  if (!text) {
    return Fail(std::move(text).error());
  }
  return internal::KeyOf(*text, path.native());
}

struct Opened {
  Signed certificate;
  Key key;
};

Result<void> CheckFit(const Signed& certificate, const Key& key, const fs::path& certificate_file) {
  if (X509_check_private_key(certificate.get(), key.get()) == 1) {
    return {};
  }
  return internal::FailOpenSsl(Code::kInvalid, fmt::format("{} and the key beside it do not fit",
                                                           certificate_file.native()));
}

Result<Opened> Open(const fs::path& directory) {
  auto certificate = ReadCertificate(directory / "ca.pem");
  if (!certificate && certificate.error().code == Code::kNotFound) {
    return Fail(Code::kNotFound,
                fmt::format("{0} has no authority: make one with `paddock certs init {0}`",
                            directory.native()));
  }
  if (!certificate) {
    return Fail(std::move(certificate).error());
  }
  auto key = ReadKey(directory / "ca.key");
  if (!key) {
    return Fail(std::move(key).error());
  }
  auto fit = CheckFit(*certificate, *key, directory / "ca.pem");
  if (!fit) {
    return Fail(std::move(fit).error());
  }
  return Opened{.certificate = *std::move(certificate), .key = *std::move(key)};
}

// The times of `wanted` come from `terms`.
Result<Signed> SignIn(const fs::path& directory,
                      Certificate wanted,
                      const Key& key,
                      const Terms& terms) {
  auto authority = Open(directory);
  if (!authority) {
    return Fail(std::move(authority).error());
  }
  const auto end = internal::Describe(authority->certificate).not_after;
  if (end <= terms.now) {
    return Fail(Code::kConflict,
                "the authority has expired: make a new one with `paddock certs init --force`, and "
                "new certificates for all services");
  }
  const internal::Statement statement{.name = std::move(wanted.name),
                                      .role = wanted.role,
                                      .hosts = std::move(wanted.hosts),
                                      .not_before = terms.now - kClockSkew,
                                      .not_after = std::min(terms.now + terms.valid, end)};
  return internal::Sign(statement, key,
                        {.certificate = authority->certificate, .key = authority->key});
}

}  // namespace

Result<Certificate> Authority::Create(const fs::path& where, Terms terms) {
  const fs::path directory = where.has_filename() ? where : where.parent_path();
  std::error_code ignored;  // mkdir says it
  fs::create_directories(directory.parent_path(), ignored);
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return internal::FailErrno("make", directory, errno);
  }
  const internal::Statement statement{.name = NewAuthorityName(),
                                      .role = Role::kAuthority,
                                      .hosts = {},
                                      .not_before = terms.now - kClockSkew,
                                      .not_after = terms.now + terms.valid};
  auto key = internal::MakeKey();
  if (!key) {
    return Fail(std::move(key).error());
  }
  auto certificate = internal::SignItself(statement, *key);
  if (!certificate) {
    return Fail(std::move(certificate).error());
  }
  auto written = WritePair({directory / "ca.key", directory / "ca.pem"}, *key, *certificate,
                           ExistingOf(terms));
  if (!written) {
    return Fail(std::move(written).error());
  }
  return internal::Describe(*certificate);
}

Result<Certificate> Authority::Make(Certificate wanted, const Terms& terms) const {
  auto named = CheckName(wanted.name);
  if (!named) {
    return Fail(std::move(named).error());
  }
  auto key = internal::MakeKey();
  if (!key) {
    return Fail(std::move(key).error());
  }
  auto certificate = SignIn(directory_, wanted, *key, terms);
  if (!certificate) {
    return Fail(std::move(certificate).error());
  }
  auto written = WritePair({KeyFile(wanted.name), CertificateFile(wanted.name)}, *key, *certificate,
                           ExistingOf(terms));
  if (!written) {
    return Fail(std::move(written).error());
  }
  return internal::Describe(*certificate);
}

Result<Certificate> Authority::MakeServer(const std::string& name,
                                          const std::vector<std::string>& hosts,
                                          Terms terms) const {
  if (hosts.empty() || hosts.size() > kHostsMax) {
    return Fail(Code::kInvalid,
                fmt::format("name 1 to {} hosts that clients reach the server by", kHostsMax));
  }
  for (const std::string& host : hosts) {
    auto checked = CheckHost(host);
    if (!checked) {
      return Fail(std::move(checked).error());
    }
  }
  return Make({.name = name,
               .role = Role::kServer,
               .hosts = hosts,
               .serial = {},
               .not_before = {},
               .not_after = {}},
              terms);
}

Result<Certificate> Authority::MakeClient(const std::string& name, Terms terms) const {
  return Make({.name = name,
               .role = Role::kClient,
               .hosts = {name},
               .serial = {},
               .not_before = {},
               .not_after = {}},
              terms);
}

Result<Certificate> Authority::Renew(const std::string& name, Terms terms) const {
  auto named = CheckName(name);
  if (!named) {
    return Fail(std::move(named).error());
  }
  auto before = ReadCertificate(CertificateFile(name));
  if (!before) {
    return Fail(std::move(before).error());
  }
  auto key = ReadKey(KeyFile(name));
  if (!key) {
    return Fail(std::move(key).error());
  }
  auto fit = CheckFit(*before, *key, CertificateFile(name));
  if (!fit) {
    return Fail(std::move(fit).error());
  }
  Certificate wanted = internal::Describe(*before);
  if (wanted.role != Role::kServer && wanted.role != Role::kClient) {
    return Fail(Code::kInvalid,
                fmt::format("{} is no certificate of a service", CertificateFile(name).native()));
  }
  auto certificate = SignIn(directory_, std::move(wanted), *key, terms);
  if (!certificate) {
    return Fail(std::move(certificate).error());
  }
  auto pem = internal::PemOf(*certificate);
  if (!pem) {
    return Fail(std::move(pem).error());
  }
  auto written = internal::WriteText(CertificateFile(name), *pem, internal::kCertificateMode,
                                     Existing::kReplace);
  if (!written) {
    return Fail(std::move(written).error());
  }
  return internal::Describe(*certificate);
}

Result<std::vector<Certificate>> Authority::List() const {
  auto authority = ReadCertificate(CertificateFile("ca"));
  if (!authority) {
    return Fail(std::move(authority).error());
  }
  std::vector<Certificate> listed;
  std::error_code failure;
  for (auto entry = fs::directory_iterator(directory_, failure);
       !failure && entry != fs::directory_iterator() && listed.size() < kFilesMax;
       entry.increment(failure)) {
    const auto& path = entry->path();
    if (path.extension() != ".pem" || path.stem() == "ca") {
      continue;
    }
    auto certificate = ReadCertificate(path);
    if (!certificate) {
      return Fail(std::move(certificate).error());
    }
    listed.push_back(internal::Describe(*certificate));
  }
  if (failure) {
    return internal::FailErrno("list", directory_, failure.value());
  }
  std::ranges::sort(listed, {}, &Certificate::name);
  listed.insert(listed.begin(), internal::Describe(*authority));
  return listed;
}

}  // namespace paddock::certs
