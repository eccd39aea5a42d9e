#include "stores/sqlite/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace paddock::stores::sqlite {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr std::size_t kHeaderSize = 100;
constexpr std::size_t kApplicationIdAt = 68;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kLockTextMax = 32;

using Path = std::filesystem::path;

std::unexpected<Error> FailErrno(std::string_view what, const Path& path, int error_number) {
  Code code = Code::kUnavailable;
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: code = Code::kNotFound; break;
    case EACCES:
    case EPERM:
    case EROFS: code = Code::kDenied; break;
    case ENOSPC:
    case EDQUOT: code = Code::kDiskFull; break;
    case ELOOP: code = Code::kInvalid; break;
    default: break;
  }
  return Fail(code, fmt::format("{} {}: {}", what, path.native(),
                                std::generic_category().message(error_number)));
}

// What root makes, at an import, is for the server, whose directory it is in. SQLite does the same
// with its log.
Result<void> GiveToOwnerOfDirectory(int file, const Path& path) {
  struct stat status{};
  const Path parent = path.has_parent_path() ? path.parent_path() : Path(".");
  if (geteuid() == 0 &&
      (stat(parent.c_str(), &status) != 0 || fchown(file, status.st_uid, status.st_gid) != 0)) {
    return FailErrno("change owner of", path, errno);
  }
  return {};
}

Result<UniqueFd> TakeLock(const Path& path) {
  const Path lock_path = path.native() + ".lock";
  UniqueFd lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (!lock) {
    return FailErrno("open", lock_path, errno);
  }
  if (auto given = GiveToOwnerOfDirectory(lock.get(), lock_path); !given) {
    return Fail(std::move(given).error());
  }
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    std::array<char, kLockTextMax> text{};
    const ssize_t size = pread(lock.get(), text.data(), text.size(), 0);
    const std::string_view holder(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return Fail(Code::kConflict,
                fmt::format("{} is in use by another paddock (process {}): stop that one first, or "
                            "let both use PostgreSQL (--store postgres://…)",
                            path.native(), holder.empty() ? "unknown" : holder));
  }
  // For the message above only, so nothing is lost when it cannot be written.
  const std::string holder = std::to_string(getpid());
  if (ftruncate(lock.get(), 0) == 0) {
    [[maybe_unused]] const ssize_t written = pwrite(lock.get(), holder.data(), holder.size(), 0);
  }
  return lock;
}

Result<void> SyncDirectoryOf(const Path& path) {
  const Path parent = path.has_parent_path() ? path.parent_path() : Path(".");
  const UniqueFd directory(open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || fsync(directory.get()) != 0) {
    return FailErrno("sync", parent, errno);
  }
  return {};
}

Result<bool> CheckHeader(int file, const Path& path) {
  struct stat status{};
  std::array<char, kHeaderSize> header{};
  if (fstat(file, &status) != 0) {
    return FailErrno("read", path, errno);
  }
  if (S_ISREG(status.st_mode) && status.st_size == 0) {
    return true;
  }
  const ssize_t size = S_ISREG(status.st_mode) ? pread(file, header.data(), header.size(), 0) : 0;
  if (size < 0) {
    return FailErrno("read", path, errno);
  }
  const std::string_view bytes(header.data(), static_cast<std::size_t>(size));
  if (bytes.size() < kHeaderSize || !bytes.starts_with(kMagic)) {
    return Fail(Code::kInvalid,
                fmt::format("{} is not an SQLite database, or a damaged one; it was left as it is: "
                            "move it away, or name another file",
                            path.native()));
  }
  std::uint32_t application = 0;
  for (std::size_t i = 0; i < sizeof application; ++i) {
    application = (application << 8U) | static_cast<std::uint8_t>(bytes[kApplicationIdAt + i]);
  }
  if (application != static_cast<std::uint32_t>(kApplicationId)) {
    return Fail(Code::kInvalid,
                fmt::format("{} is a database of another program; it was left as it is: name "
                            "another file",
                            path.native()));
  }
  return false;
}

}  // namespace

Result<DatabaseFile> DatabaseFile::OpenToWrite(const Path& path) {
  auto lock = TakeLock(path);
  if (!lock) {
    return Fail(std::move(lock).error());
  }
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, kFileMode));
  if (!file) {
    return FailErrno("open", path, errno);
  }
  auto is_new = CheckHeader(file.get(), path);
  if (!is_new) {
    return Fail(std::move(is_new).error());
  }
  if (auto given = GiveToOwnerOfDirectory(file.get(), path); !given) {
    return Fail(std::move(given).error());
  }
  // Password hashes are in it, so a copy restored with a wider mode is closed again.
  if (fchmod(file.get(), kFileMode) != 0) {
    return FailErrno("change mode of", path, errno);
  }
  if (auto synced = SyncDirectoryOf(path); !synced) {
    return Fail(std::move(synced).error());
  }
  return DatabaseFile(*std::move(lock), *is_new);
}

Result<DatabaseFile> DatabaseFile::OpenToRead(const Path& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    return FailErrno("open", path, errno);
  }
  auto is_new = CheckHeader(file.get(), path);
  if (!is_new) {
    return Fail(std::move(is_new).error());
  }
  if (*is_new) {
    return Fail(Code::kNotFound, fmt::format("{} is empty", path.native()));
  }
  return DatabaseFile(UniqueFd(), false);
}

}  // namespace paddock::stores::sqlite
