// CheckReadable: whether the server, once it is an ordinary user, can read what it is told to.
//
// Used by `paddock serve` as root, which could read everything itself: the server would fail later,
// and with less to say. Threading: forks, so before any other thread exists.
#pragma once

#include <string>

#include "app/supervisor.h"
#include "base/result.h"

namespace paddock::app {

/// Fails with kDenied, naming the file or the folder in its way and the command that mends it. A
/// file that does not exist is a success: who opens it says so.
[[nodiscard]] Result<void> CheckReadable(const std::string& path,
                                         const std::string& user,
                                         const UserIds& ids);

}  // namespace paddock::app
