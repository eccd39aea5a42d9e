// PrivateFile: small files of the operator's: the configuration, and secrets in files of their own.
//
// Used by OptionSet and ReadConfigFile. No message repeats what a file holds.
// Threading: blocking; at start. Ownership: none.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "base/result.h"

namespace paddock::app::config {

inline constexpr std::size_t kConfigFileBytesMax = std::size_t{256} * 1024;
inline constexpr std::size_t kSecretFileBytesMax = 4096;

struct SmallFile {
  std::string text;
  bool is_open_to_others = false;  // they may read, write or run it
};

/// Fails with kNotFound, kDenied, kInvalid (too long, or a folder) or kUnavailable.
[[nodiscard]] Result<SmallFile> ReadSmallFile(const std::string& path, std::size_t bytes_max);

/// The one line in the file, without its end. Fails like ReadSmallFile, and with kInvalid when it
/// is empty or others may read it; the message has the command that mends it.
[[nodiscard]] Result<std::string> ReadSecretFile(const std::string& path);

}  // namespace paddock::app::config
