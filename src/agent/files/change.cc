// Requests that change the tree: write, make directory and move.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <optional>

#include "agent/files/file_work.h"
#include "base/unique_fd.h"
#include "protocol/control.h"

namespace paddock::agent::files {

namespace {

using protocol::FrameType;

constexpr int kLinksMax = 40;  // as the kernel's own limit
constexpr int kTemporaryNamesMax = 100;
constexpr mode_t kModeBits = 07777;

Result<void> SendEmpty(WorkerIo& io, FrameType type) {
  std::string frame;
  protocol::AppendEmpty(frame, io.channel(), type);
  return io.SendFrame(frame);
}

// Where a file stands or will stand: its directory, held open, and its name there.
struct Place {
  UniqueFd directory;
  std::string name;
};

// Follows symlinks at the end of `path`, also those to what does not exist yet.
Result<Place> Resolve(const std::string& path) {
  Place place{.directory = UniqueFd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)), .name = {}};
  std::string rest = path;
  for (int links = 0; links < kLinksMax; ++links) {
    const auto slash = rest.rfind('/');
    const auto parent = slash == std::string::npos ? std::string(".") : rest.substr(0, slash + 1);
    place.name = rest.substr(slash == std::string::npos ? 0 : slash + 1);
    if (place.name.empty() || place.name == "." || place.name == "..") {
      return Fail(Code::kInvalid, path + ": names a directory");
    }
    UniqueFd directory(
        openat(place.directory.get(), parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory) {
      return FileError(errno, path);
    }
    place.directory = std::move(directory);
    std::array<char, PATH_MAX> target{};
    const auto size =
        readlinkat(place.directory.get(), place.name.c_str(), target.data(), target.size() - 1);
    if (size <= 0) {
      return place;
    }
    rest.assign(target.data(), static_cast<std::size_t>(size));
  }
  return FileError(ELOOP, path);
}

// The new content, beside the target until it is complete. Goes away with this object.
class TemporaryFile {
 public:
  explicit TemporaryFile(int directory) : directory_(directory) {
    for (int number = 0; number < kTemporaryNamesMax && !fd_; ++number) {
      name_ = ".paddock-" + std::to_string(getpid()) + "-" + std::to_string(number);
      fd_.Reset(openat(directory_, name_.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
      if (!fd_ && errno != EEXIST) {
        break;
      }
    }
  }
  ~TemporaryFile() {
    if (fd_ && !kept_) {
      (void)unlinkat(directory_, name_.c_str(), 0);
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  // Takes the name of the target, whatever has it now.
  [[nodiscard]] bool Rename(const std::string& target) {
    kept_ = renameat(directory_, name_.c_str(), directory_, target.c_str()) == 0;
    return kept_;
  }

 private:
  int directory_;
  std::string name_;
  UniqueFd fd_;
  bool kept_ = false;
};

Result<void> CopyInto(WorkerIo& io, int fd, const std::string& path) {
  std::string piece(kPieceBytes, '\0');
  for (;;) {
    const auto got = io.Read(piece.data(), piece.size());
    if (!got) {
      return Fail(got.error());
    }
    if (*got == 0) {
      return {};
    }
    for (std::string_view rest(piece.data(), *got); !rest.empty();) {
      const auto count = write(fd, rest.data(), rest.size());
      if (count < 0 && errno != EINTR) {
        return FileError(errno, path);
      }
      rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
  }
}

}  // namespace

// Without fsync: only a crash of the host itself could tear the file, and each save would wait for
// its disk.
Result<void> Write(WorkerIo& io, const protocol::WriteRequest& request) {
  const auto place = Resolve(request.path);
  if (!place) {
    return Fail(place.error());
  }
  const int directory = place->directory.get();
  struct stat old{};
  const bool exists = fstatat(directory, place->name.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && !S_ISREG(old.st_mode)) {
    return Fail(Code::kInvalid, request.path + ": not a regular file");
  }
  TemporaryFile file(directory);
  if (file.fd() < 0) {
    return FileError(errno, request.path);
  }
  auto done = SendEmpty(io, FrameType::kReady);
  if (done) {
    done = CopyInto(io, file.fd(), request.path);
  }
  if (!done) {
    return done;
  }
  const mode_t mode = (exists ? old.st_mode : request.mode) & kModeBits;
  if ((exists && fchown(file.fd(), old.st_uid, old.st_gid) != 0) || fchmod(file.fd(), mode) != 0 ||
      !file.Rename(place->name)) {
    return FileError(errno, request.path);
  }
  return SendEmpty(io, FrameType::kResult);
}

Result<void> MakeDirectory(WorkerIo& io, const protocol::MakeDirectoryRequest& request) {
  (void)umask(0);
  const auto mode = static_cast<mode_t>(request.mode & kModeBits);
  for (auto slash = request.path.find('/', 1);
       request.parents && slash != std::string::npos && slash + 1 < request.path.size();
       slash = request.path.find('/', slash + 1)) {
    const auto parent = request.path.substr(0, slash);
    if (mkdir(parent.c_str(), mode) != 0 && errno != EEXIST) {
      return FileError(errno, parent);
    }
  }
  if (mkdir(request.path.c_str(), mode) != 0) {
    struct stat status{};
    if (errno != EEXIST || !request.parents || stat(request.path.c_str(), &status) != 0 ||
        !S_ISDIR(status.st_mode)) {
      return FileError(errno, request.path);
    }
  }
  return SendEmpty(io, FrameType::kResult);
}

Result<void> Move(WorkerIo& io, const protocol::MoveRequest& request) {
  const unsigned flags = request.replaces ? 0 : RENAME_NOREPLACE;
  if (renameat2(AT_FDCWD, request.from.c_str(), AT_FDCWD, request.to.c_str(), flags) != 0) {
    const int error_number = errno;
    return FileError(error_number, error_number == EEXIST ? request.to : request.from);
  }
  return SendEmpty(io, FrameType::kResult);
}

}  // namespace paddock::agent::files
