#include "app/directories.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

namespace paddock::app {

namespace fs = std::filesystem;

Result<void> MakeDirectory(const fs::path& path, mode_t mode) {
  std::error_code failure;
  fs::create_directories(path.parent_path(), failure);
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return Fail(Code::kUnavailable,
                fmt::format("cannot make {}: {}", path.string(), std::strerror(errno)));
  }
  return {};
}

Result<void> GiveTo(const fs::path& path, const UserIds& ids) {
  if (lchown(path.c_str(), ids.uid, ids.gid) != 0) {
    return Fail(Code::kUnavailable, fmt::format("cannot give {} to user {}: {}", path.string(),
                                                ids.uid, std::strerror(errno)));
  }
  return {};
}

}  // namespace paddock::app
