#include "drivers/oci/machine_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace paddock::drivers::oci {
namespace {

constexpr std::size_t kLogReadMax = std::size_t{256} * 1024;

}  // namespace

UniqueFd OpenMachineLog(int pid) {
  const auto path = fmt::format("/proc/{}/fd/1", pid);
  // Without O_NONBLOCK a pipe that somebody has put in its place could hold the node up.
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return UniqueFd();
  }
  return file;
}

std::string ReadMachineLog(int file) {
  struct stat status{};
  if (fstat(file, &status) != 0) {
    return {};
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  std::string text(std::min(size, kLogReadMax), '\0');
  const ssize_t count =
      pread(file, text.data(), text.size(), static_cast<off_t>(size - text.size()));
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

}  // namespace paddock::drivers::oci
