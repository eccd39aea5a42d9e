// Small blocking file operations with errors that name the file and the reason.
//
// Used by this part only. Threading: any thread. "No space left on device" becomes kDiskFull.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace paddock::images {

/// kNotFound, kDiskFull (ENOSPC, EDQUOT) or kUnavailable, with "WHAT PATH: reason".
[[nodiscard]] std::unexpected<Error> FailErrno(std::string_view what,
                                               const std::filesystem::path& path,
                                               int error_number);

/// Reads a whole file of at most 1 MiB.
[[nodiscard]] Result<std::string> ReadFile(const std::filesystem::path& path);

/// Creates or replaces `path` and returns when its bytes are on disk.
[[nodiscard]] Result<void> WriteFile(const std::filesystem::path& path, std::string_view content);

/// Makes `path` and its parents. An existing directory is a success.
[[nodiscard]] Result<void> MakeDirectories(const std::filesystem::path& path);

/// Renames within one file system and returns when the change is on disk.
[[nodiscard]] Result<void> Rename(const std::filesystem::path& from,
                                  const std::filesystem::path& to);

/// Removes a whole tree without following links. A missing one is a success.
[[nodiscard]] Result<void> RemoveTree(const std::filesystem::path& path);

}  // namespace paddock::images
