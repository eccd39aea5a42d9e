// What the builder asks a finished root file system.
//
// Blocking; usable from any thread. Links in the tree are never followed.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/units.h"

namespace paddock::images {

/// "name version architecture" of every installed package, sorted, one per line. Fails with
/// kInternal when there is none: then this is no root file system.
[[nodiscard]] Result<std::string> InstalledPackages(const std::filesystem::path& rootfs);

/// The space that a tree takes on disk; a file with several names counts once. Fails with
/// kUnavailable.
[[nodiscard]] Result<Bytes> DiskUsage(const std::filesystem::path& directory);

/// What an ordinary user may still write on the file system of `path`; 0 when unknown.
[[nodiscard]] Bytes FreeBytes(const std::filesystem::path& path);

/// Returns when everything on the file system of `path` is on disk.
[[nodiscard]] Result<void> SyncFileSystem(const std::filesystem::path& path);

}  // namespace paddock::images
