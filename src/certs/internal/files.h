// The files of keys and certificates: whole or absent, and on disk when a call returns.
//
// Used by this part only. Blocks; any thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace paddock::certs::internal {

inline constexpr mode_t kKeyMode = 0600;
inline constexpr mode_t kCertificateMode = 0644;

enum class Existing { kRefuse, kReplace };

/// kNotFound, kDenied, kDiskFull or kUnavailable, by `error_number`.
[[nodiscard]] std::unexpected<Error> FailErrno(std::string_view what,
                                               const std::filesystem::path& path,
                                               int error_number);

/// A file of at most 1 MiB. Fails like FailErrno, or with kInvalid (longer).
[[nodiscard]] Result<std::string> ReadText(const std::filesystem::path& path);

/// A file that is replaced keeps its owner and its group, and the group's right to read it: whoever
/// runs a service with it can read the next one too. Fails like FailErrno, or with kConflict (there
/// is one, and it is not to be replaced).
[[nodiscard]] Result<void> WriteText(const std::filesystem::path& path,
                                     std::string_view text,
                                     mode_t mode,
                                     Existing existing);

}  // namespace paddock::certs::internal
