// The probe for idmapped mounts: whether one can really be made of a directory.
//
// Needs root. Blocking; usable from any thread. Leaves nothing behind.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace paddock::doctor {

/// Makes a detached idmapped mount of `directory` and drops it. Fails with kUnavailable, saying
/// which step failed and why.
[[nodiscard]] Result<void> TryIdmappedMount(const std::filesystem::path& directory);

}  // namespace paddock::doctor
