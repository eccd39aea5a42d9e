// SpecRules: which specs a sandbox can be made from, and what its limits mean for the host.
//
// Used by OciDriver before it makes anything. Pure; any thread.
#pragma once

#include "base/result.h"
#include "drivers/oci/driver.h"
#include "drivers/oci/runtime.h"
#include "sandbox/driver.h"

namespace paddock::drivers::oci {

/// kInvalid: ids that are none, limits under which no runtime starts, an env that cannot be one.
[[nodiscard]] Result<void> CheckSpec(const sandbox::Spec& spec);

/// kInvalid, naming the limit: an image that needs more than it gets would fail in ways that nobody
/// understands.
[[nodiscard]] Result<void> CheckMinimum(const sandbox::Spec& spec, const ImageRoot& image);

/// The ceilings of the host's cgroups. gVisor's kernel needs host threads for each process inside,
/// and dies when it gets none.
[[nodiscard]] sandbox::Limits HostLimits(const Runtime& runtime, sandbox::Limits limits);

}  // namespace paddock::drivers::oci
