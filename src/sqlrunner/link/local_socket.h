// Where the SQL runner listens: a unix socket whose two ends check who the other is.
//
// Used by the runner (Listen, Accept) and by the server (Connect). Threading: any.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::sqlrunner {

/// Binds `path`, for members of `group` only; what lay there is replaced. kUnavailable.
[[nodiscard]] Result<UniqueFd> ListenAt(const std::string& path, gid_t group);

/// The next connection of one of `users`, non-blocking; none when nobody waits, or when it was a
/// stranger, who is turned away. Root is always welcome.
[[nodiscard]] UniqueFd AcceptFrom(int listener, const std::vector<uid_t>& users);

/// A connection, non-blocking, to a listener that runs as one of `users` or as root. Fails with
/// kUnavailable (nobody is there) or kDenied (a stranger is).
[[nodiscard]] Result<UniqueFd> ConnectTo(const std::string& path, const std::vector<uid_t>& users);

}  // namespace paddock::sqlrunner
