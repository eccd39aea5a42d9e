// Directories: what the supervisor makes for the processes that it starts.
//
// Used by `paddock serve`. Threading: at start; blocks.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "app/supervisor.h"
#include "base/result.h"

namespace paddock::app {

/// With its parents; one that is there stays as it is. kUnavailable.
[[nodiscard]] Result<void> MakeDirectory(const std::filesystem::path& path, mode_t mode);

/// Of a file or a directory; a link itself, and not what it is to. kUnavailable.
[[nodiscard]] Result<void> GiveTo(const std::filesystem::path& path, const UserIds& ids);

}  // namespace paddock::app
