// SplitSet: the runner and the question service that `paddock serve --split` starts on this host,
// and the certificates by which they and the server know each other.
//
// The authority is the host's own, in data-dir/services; nobody but root reads its key. What would
// expire within certs::kRenewalDue is made anew.
// Threading: at start, before any thread exists; blocks.
#pragma once

#include <string>
#include <vector>

#include "app/settings.h"
#include "app/supervisor.h"
#include "base/result.h"

namespace paddock::app {

struct SplitSet {
  std::vector<ChildSpec> services;
  std::vector<std::string> server_flags;  // where the server finds them
};

/// As root each is a user of its own, as the settings say; else all are who we are. Fails with
/// kInvalid (an address that others reach), kNotFound (no such user), and like certs::Authority.
[[nodiscard]] Result<SplitSet> PrepareSplitSet(const Settings& settings);

}  // namespace paddock::app
