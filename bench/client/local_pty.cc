#include "bench/client/local_pty.h"

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "base/argument_vector.h"
#include "base/check.h"

namespace paddock::bench {

LocalPty::LocalPty(const std::vector<std::string>& argv) {
  const auto arguments = PointersTo(argv);
  int fd = -1;
  pid_ = forkpty(&fd, nullptr, nullptr, nullptr);
  PADDOCK_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  fd_.Reset(fd);
}

LocalPty::~LocalPty() {
  fd_.Reset();
  (void)kill(pid_, SIGKILL);
  (void)waitpid(pid_, nullptr, 0);
}

void LocalPty::Write(char byte) const { PADDOCK_CHECK(write(fd(), &byte, 1) == 1); }

std::size_t LocalPty::Read(std::span<char> space) const {
  const auto got = read(fd(), space.data(), space.size());
  return got > 0 ? static_cast<std::size_t>(got) : 0;  // EIO is the end of a PTY
}

}  // namespace paddock::bench
