// LoadFiles: what a service needs to speak mutual TLS, out of files that have been checked.
//
// Used by rpc/ at the start and whenever the files have changed. Any thread; blocks.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "certs/certificate.h"

namespace paddock::certs {

/// Three PEM files of one service.
struct TlsFiles {
  std::string certificate;  // its own, perhaps with intermediate authorities behind it
  std::string key;          // of that certificate
  std::string authority;    // that signs the other side's certificates, and our own
};

/// The texts of the three, and what they say.
struct Identity {
  Certificate description;
  std::string certificate;
  std::string key;
  std::string authority;
};

/// The files' content, when it can be used in `role` at `now`. Fails with kNotFound,
/// kDenied or kUnavailable (a file cannot be read) and kInvalid: a file has nothing in it, the key
/// does not fit or others may read it, or the authority would not accept the certificate (expired,
/// of another authority, for another purpose). The message names the file and what to do.
[[nodiscard]] Result<Identity> LoadFiles(const TlsFiles& files,
                                         Role role,
                                         std::chrono::system_clock::time_point now);

/// The same, for who only wants to know.
[[nodiscard]] Result<Certificate> CheckFiles(const TlsFiles& files,
                                             Role role,
                                             std::chrono::system_clock::time_point now);

}  // namespace paddock::certs
