// What the last probe has found, so that the next start of the node need not repeat it.
//
// Used by OciDriver. A finding holds for one uptime of the host, one build of each runtime and one
// seccomp profile; whatever differs, the host is probed again.
// Threading: any; both calls block on the disk.
#pragma once

#include <optional>
#include <string>

#include "drivers/oci/runtime.h"

namespace paddock::drivers::oci {

/// All that the choice of a runtime depends on, as text. `name`: see FindRuntimes.
[[nodiscard]] std::string DescribeHost(const std::string& name);

/// The runtime that was chosen for `host`; none when the file tells of another host, or is damaged.
[[nodiscard]] std::optional<Runtime> RecallRuntime(const std::string& path,
                                                   const std::string& host);

/// Best effort: what cannot be written is found out again.
void RememberRuntime(const std::string& path, const std::string& host, const Runtime& runtime);

}  // namespace paddock::drivers::oci
