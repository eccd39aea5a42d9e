// The server's secret: 32 random bytes that sign session tokens, kept in the data directory.
//
// Read once, at start, by app/. Whoever reads it can be any user, so it is 0600 and never logged.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace paddock::identity {

using Secret = std::array<std::uint8_t, 32>;

/// The secret in `path`; made there, durably, when there is none. Two servers that start at once
/// get the same one. Blocks. Fails with kInvalid (wrong size, or others may read it) and
/// kUnavailable (the directory cannot be read or written); each message says how to mend it.
[[nodiscard]] Result<Secret> LoadOrCreateSecret(const std::filesystem::path& path);

}  // namespace paddock::identity
