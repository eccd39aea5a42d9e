// Authority: a directory with a certificate authority and what it has signed for services.
//
// Used by `paddock certs`. In the directory lie ca.pem and ca.key, and for each service NAME.pem
// and NAME.key; keys are 0600. The authority's key is needed to sign only: the directory belongs on
// the operator's machine, and a service gets ca.pem and its own two files.
//
// Threading: any thread; calls block. Ownership: none; the files are the state. Two calls at a time
// leave whole files, of one or the other.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "certs/certificate.h"

namespace paddock::certs {

inline constexpr std::chrono::days kAuthorityDays{3650};
inline constexpr std::chrono::days kServiceDays{365};
inline constexpr std::chrono::days kRenewalDue{30};  // before the end

/// How a certificate is made.
struct Terms {
  std::chrono::days valid = kServiceDays;  // but never longer than the authority
  bool force = false;                      // replaces what is there
  std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
};

class Authority {
 public:
  /// Every call here may fail with kDenied, kDiskFull or kUnavailable (the directory), or
  /// kInternal (OpenSSL); each message says what to do.

  /// Makes the directory `where` with a new authority in it. Fails with kConflict (there is one
  /// already).
  [[nodiscard]] static Result<Certificate> Create(const std::filesystem::path& where, Terms terms);

  explicit Authority(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Signs for a new key. Fail with kNotFound (no authority here), kInvalid (a name or a host),
  /// kConflict (the name is taken, or the authority has expired).
  [[nodiscard]] Result<Certificate> MakeServer(const std::string& name,
                                               const std::vector<std::string>& hosts,
                                               Terms terms) const;
  [[nodiscard]] Result<Certificate> MakeClient(const std::string& name, Terms terms) const;

  /// Signs the same once more, for the same key: a service that reads the two files one after the
  /// other never has halves that do not fit. Fails like MakeServer.
  [[nodiscard]] Result<Certificate> Renew(const std::string& name, Terms terms) const;

  /// The authority first, then services by name. Fails with kNotFound (no authority here) or
  /// kInvalid (a file that is no certificate).
  [[nodiscard]] Result<std::vector<Certificate>> List() const;

 private:
  [[nodiscard]] Result<Certificate> Make(Certificate wanted, const Terms& terms) const;
  [[nodiscard]] std::filesystem::path CertificateFile(const std::string& name) const {
    return directory_ / (name + ".pem");
  }
  [[nodiscard]] std::filesystem::path KeyFile(const std::string& name) const {
    return directory_ / (name + ".key");
  }

  std::filesystem::path directory_;
};

}  // namespace paddock::certs
