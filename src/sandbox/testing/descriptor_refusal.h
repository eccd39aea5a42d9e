// RefuseDescriptors: what drivers do to streams to agents, for tests that make such streams.
#pragma once

#include <sys/socket.h>

namespace paddock::sandbox::testing {

/// False when the kernel is older than Linux 6.16 and cannot: no forward is direct then.
[[nodiscard]] inline bool RefuseDescriptors(int socket) {
  constexpr int kPassRights = 83;  // SO_PASSRIGHTS
  const int off = 0;
  return setsockopt(socket, SOL_SOCKET, kPassRights, &off, sizeof off) == 0;
}

}  // namespace paddock::sandbox::testing
