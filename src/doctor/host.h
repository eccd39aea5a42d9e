// The examination of a host: everything that sandboxes need of it, each seen rather than assumed.
//
// Used by `paddock doctor`. Blocking (it starts the runtimes to ask for their versions); changes
// nothing. Use from one thread.
#pragma once

#include <filesystem>
#include <vector>

#include "doctor/finding.h"

namespace paddock::doctor {

/// Looks at everything. `data_dir` is where images and disks lie or will lie.
[[nodiscard]] std::vector<Finding> Examine(const std::filesystem::path& data_dir);

}  // namespace paddock::doctor
