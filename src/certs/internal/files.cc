#include "certs/internal/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <fmt/format.h>

#include "base/random.h"
#include "base/unique_fd.h"

namespace paddock::certs::internal {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20U;
constexpr std::size_t kReadStep = 16'384;
constexpr mode_t kGroupRead = 0040;

Result<void> WriteAll(int file, const std::filesystem::path& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return FailErrno("write", path, errno);
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (fsync(file) != 0) {
    return FailErrno("sync", path, errno);
  }
  return {};
}

// A new name is only durable once its directory is.
Result<void> SyncDirectory(const std::filesystem::path& path) {
  const UniqueFd directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || fsync(directory.get()) != 0) {
    return FailErrno("sync", path, errno);
  }
  return {};
}

Result<void> TakeOver(int file, const std::filesystem::path& path, mode_t mode) {
  struct stat before{};
  const bool is_there = lstat(path.c_str(), &before) == 0;
  // Only root can give a file away; for others the owner is the same already, or not theirs to
  // keep.
  if (is_there && geteuid() == 0 && fchown(file, before.st_uid, before.st_gid) != 0) {
    return FailErrno("give away", path, errno);
  }
  const mode_t kept = is_there ? before.st_mode & kGroupRead : 0;
  if (fchmod(file, mode | kept) != 0) {
    return FailErrno("set the mode of", path, errno);
  }
  return {};
}

Result<void> Publish(const std::filesystem::path& draft,
                     const std::filesystem::path& path,
                     Existing existing) {
  if (existing == Existing::kReplace) {
    return rename(draft.c_str(), path.c_str()) == 0 ? Result<void>()
                                                    : FailErrno("create", path, errno);
  }
  if (renameat2(AT_FDCWD, draft.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
    return {};
  }
  if (errno == EEXIST) {
    return Fail(Code::kConflict,
                fmt::format("{} is there already; --force replaces it", path.native()));
  }
  return FailErrno("create", path, errno);
}

}  // namespace

std::unexpected<Error> FailErrno(std::string_view what,
                                 const std::filesystem::path& path,
                                 int error_number) {
  Code code = Code::kUnavailable;
  switch (error_number) {
    case ENOENT: code = Code::kNotFound; break;
    case EACCES:
    case EPERM: code = Code::kDenied; break;
    case ENOSPC:
    case EDQUOT: code = Code::kDiskFull; break;
    default: break;
  }
  return Fail(code, fmt::format("cannot {} {}: {}", what, path.native(),
                                std::generic_category().message(error_number)));
}

Result<std::string> ReadText(const std::filesystem::path& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return FailErrno("open", path, errno);
  }
  std::string text;
  while (text.size() <= kFileBytesMax) {
    const std::size_t filled = text.size();
    text.resize(filled + kReadStep);
    const ssize_t count = read(file.get(), text.data() + filled, kReadStep);
    if (count < 0 && errno != EINTR) {
      return FailErrno("read", path, errno);
    }
    text.resize(filled + static_cast<std::size_t>(count < 0 ? 0 : count));
    if (count == 0) {
      return text;
    }
  }
  return Fail(Code::kInvalid, fmt::format("{} is longer than a certificate's file", path.native()));
}

Result<void> WriteText(const std::filesystem::path& path,
                       std::string_view text,
                       mode_t mode,
                       Existing existing) {
  std::array<std::uint8_t, 8> random{};
  FillRandom(random);
  std::filesystem::path draft = path.parent_path();
  draft /= fmt::format(".draft-{:02x}", fmt::join(random, ""));
  const UniqueFd file(open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kKeyMode));
  if (!file) {
    return FailErrno("create", path, errno);
  }
  auto written = WriteAll(file.get(), path, text);
  if (written) {
    written = TakeOver(file.get(), path, mode);
  }
  if (written) {
    written = Publish(draft, path, existing);
  }
  if (!written) {
    unlink(draft.c_str());
    return written;
  }
  return SyncDirectory(path.parent_path());
}

}  // namespace paddock::certs::internal
