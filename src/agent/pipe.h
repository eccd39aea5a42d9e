// Pipe: the two ends of a pipe, closed on exec. A value; no threading of its own.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "base/unique_fd.h"

namespace paddock::agent {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

/// False when there are no descriptors left (errno tells); `out` is unchanged then.
inline bool Open(Pipe& out) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return false;
  }
  out.read_end.Reset(ends[0]);
  out.write_end.Reset(ends[1]);
  return true;
}

}  // namespace paddock::agent
