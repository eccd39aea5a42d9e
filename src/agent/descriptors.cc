#include "agent/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "agent/file_text.h"

namespace paddock::agent {
namespace {

constexpr int kDescriptorsMax = 65'536;  // the ceiling that every sandbox has

std::vector<int> OpenFrom(int first) {
  std::vector<int> open;
  const std::unique_ptr<DIR, int (*)(DIR*)> own(opendir("/proc/self/fd"), closedir);
  while (const auto* entry = own ? readdir(own.get()) : nullptr) {
    const auto number = ParseNumber(&entry->d_name[0]);
    if (number && static_cast<int>(*number) >= first) {
      open.push_back(static_cast<int>(*number));
    }
  }
  if (!own) {  // no /proc: every number that there may be
    rlimit limit{};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    const int end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, kDescriptorsMax));
    for (int fd = first; fd < end; ++fd) {
      open.push_back(fd);
    }
  }
  return open;
}

}  // namespace

void CloseFrom(int first) noexcept {
  if (close_range(static_cast<unsigned>(first), ~0U, 0) != 0) {
    for (const int fd : OpenFrom(first)) {
      (void)close(fd);
    }
  }
}

void CloseFromOnExec(int first) noexcept {
  if (close_range(static_cast<unsigned>(first), ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
    for (const int fd : OpenFrom(first)) {
      (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
  }
}

}  // namespace paddock::agent
