#include "images/rootfs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/unique_fd.h"
#include "images/files.h"

namespace paddock::images {
namespace {

constexpr std::uint64_t kStatBlockSize = 512;  // of st_blocks, whatever the file system's is

// The value of "KEY: value", or nothing.
std::string_view ValueOf(std::string_view line, std::string_view key) {
  return line.starts_with(key) ? line.substr(key.size()) : std::string_view();
}

}  // namespace

Result<std::string> InstalledPackages(const std::filesystem::path& rootfs) {
  const auto path = rootfs / "var/lib/dpkg/status";
  // O_NOFOLLOW guards the last component; the others are directories of dpkg's own.
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) {
    return FailErrno("open", path, errno);
  }
  std::ifstream status(fmt::format("/proc/self/fd/{}", file.get()));
  std::vector<std::string> packages;
  std::string name;
  std::string architecture;
  bool is_installed = false;
  for (std::string line; std::getline(status, line);) {
    if (line.empty()) {
      is_installed = false;
      continue;
    }
    if (const auto value = ValueOf(line, "Package: "); !value.empty()) {
      name = value;
    } else if (const auto state = ValueOf(line, "Status: "); !state.empty()) {
      is_installed = state.ends_with(" installed");
    } else if (const auto arch = ValueOf(line, "Architecture: "); !arch.empty()) {
      architecture = arch;
    } else if (const auto text = ValueOf(line, "Version: "); !text.empty() && is_installed) {
      packages.push_back(fmt::format("{} {} {}", name, text, architecture));
    }
  }
  if (packages.empty()) {
    return Fail(Code::kInternal, fmt::format("{} lists no installed package", path.native()));
  }
  std::ranges::sort(packages);
  return fmt::format("{}\n", fmt::join(packages, "\n"));
}

Result<Bytes> DiskUsage(const std::filesystem::path& directory) {
  std::set<std::pair<dev_t, ino_t>> seen;
  Bytes total;
  std::error_code error;
  for (auto entry = std::filesystem::recursive_directory_iterator(directory, error);
       !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    struct stat info{};
    if (lstat(entry->path().c_str(), &info) != 0) {
      return FailErrno("stat", entry->path(), errno);
    }
    if (info.st_nlink == 1 || seen.emplace(info.st_dev, info.st_ino).second) {
      total.count += static_cast<std::uint64_t>(info.st_blocks) * kStatBlockSize;
    }
  }
  if (error) {
    return FailErrno("list", directory, error.value());
  }
  return total;
}

Bytes FreeBytes(const std::filesystem::path& path) {
  struct statvfs info{};
  if (statvfs(path.c_str(), &info) != 0) {
    return {};
  }
  return {info.f_bavail * info.f_frsize};
}

Result<void> SyncFileSystem(const std::filesystem::path& path) {
  const UniqueFd directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || syncfs(directory.get()) != 0) {
    return FailErrno("sync", path, errno);
  }
  return {};
}

}  // namespace paddock::images
