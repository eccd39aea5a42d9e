#include "images/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace paddock::images {
namespace {

constexpr Bytes kReadSizeMax = 1_MiB;
constexpr std::size_t kReadStep = 64UL * 1024;

// A rename is only durable once its directory is.
Result<void> SyncDirectory(const std::filesystem::path& path) {
  const UniqueFd directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || fsync(directory.get()) != 0) {
    return FailErrno("sync", path, errno);
  }
  return {};
}

}  // namespace

std::unexpected<Error> FailErrno(std::string_view what,
                                 const std::filesystem::path& path,
                                 int error_number) {
  Code code = Code::kUnavailable;
  if (error_number == ENOENT) {
    code = Code::kNotFound;
  } else if (error_number == ENOSPC || error_number == EDQUOT) {
    code = Code::kDiskFull;
  }
  return Fail(code, fmt::format("{} {}: {}", what, path.native(),
                                std::generic_category().message(error_number)));
}

Result<std::string> ReadFile(const std::filesystem::path& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return FailErrno("open", path, errno);
  }
  std::string content;
  while (content.size() <= kReadSizeMax.count) {
    const std::size_t filled = content.size();
    content.resize(filled + kReadStep);
    const ssize_t count = read(file.get(), content.data() + filled, kReadStep);
    if (count < 0 && errno != EINTR) {
      return FailErrno("read", path, errno);
    }
    content.resize(filled + static_cast<std::size_t>(count < 0 ? 0 : count));
    if (count == 0) {
      return content;
    }
  }
  return Fail(Code::kInvalid,
              fmt::format("{}: longer than {} bytes", path.native(), kReadSizeMax.count));
}

Result<void> WriteFile(const std::filesystem::path& path, std::string_view content) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file) {
    return FailErrno("create", path, errno);
  }
  while (!content.empty()) {
    const ssize_t count = write(file.get(), content.data(), content.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return FailErrno("write", path, errno);
    }
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  if (fsync(file.get()) != 0) {
    return FailErrno("sync", path, errno);
  }
  return {};
}

Result<void> MakeDirectories(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return FailErrno("create directory", path, error.value());
  }
  return {};
}

Result<void> Rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    return FailErrno("rename", from, errno);
  }
  return SyncDirectory(to.parent_path());
}

Result<void> RemoveTree(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) {
    return FailErrno("remove", path, error.value());
  }
  return {};
}

}  // namespace paddock::images
