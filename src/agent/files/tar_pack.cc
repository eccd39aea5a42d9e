// Packing a tree into a tar.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>
#include <string>
#include <vector>

#include "agent/files/file_work.h"
#include "agent/files/tar_format.h"
#include "base/unique_fd.h"
#include "protocol/control.h"

namespace paddock::agent::files {

namespace {

// Each level holds a descriptor.
constexpr std::size_t kDepthMax = 256;

using DirectoryPtr = std::unique_ptr<DIR, int (*)(DIR*)>;

class TarPacker {
 public:
  explicit TarPacker(WorkerIo& io) : io_(io) {}

  // What lies on another file system (/proc, say) is left out.
  Result<void> Directory(UniqueFd root) {
    struct stat status{};
    if (fstat(root.get(), &status) != 0) {
      return FileError(errno, ".");
    }
    device_ = status.st_dev;
    auto done = Enter(std::move(root), "", status);
    while (done && !levels_.empty()) {
      auto& level = levels_.back();
      const auto* entry = readdir(level.directory.get());
      if (entry == nullptr) {
        levels_.pop_back();
        continue;
      }
      const std::string_view name(&entry->d_name[0]);
      if (name != "." && name != "..") {
        done = Entry(dirfd(level.directory.get()), entry->d_name, level.prefix + std::string(name));
      }
    }
    return done;
  }

  Result<void> File(int fd, const std::string& name, const struct stat& status) {
    auto header = MakeHeader(name, TarKind::kFile, status);
    header.size = static_cast<std::uint64_t>(status.st_size);
    auto done = Send(header);
    std::string piece(kPieceBytes, '\0');
    for (auto left = header.size; done && left > 0;) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, kPieceBytes));
      const auto got = read(fd, piece.data(), wanted);
      if (got < 0 && errno != EINTR) {
        return FileError(errno, name);
      }
      if (got == 0) {  // it has become shorter than its header says
        std::ranges::fill(piece, '\0');
      }
      const auto count = got == 0 ? wanted : static_cast<std::size_t>(std::max<ssize_t>(got, 0));
      done = io_.SendData(std::string_view(piece).substr(0, count));
      left -= count;
    }
    return done ? io_.SendData(std::string(TarPadding(header.size), '\0')) : done;
  }

  Result<void> Finish() {
    auto done = io_.SendData(std::string(2 * kTarBlockBytes, '\0'));
    if (!done) {
      return done;
    }
    std::string frame;
    protocol::AppendEmpty(frame, io_.channel(), protocol::FrameType::kResult);
    return io_.SendFrame(frame);
  }

 private:
  struct Level {
    DirectoryPtr directory;
    std::string prefix;  // "a/b/"
  };

  static TarHeader MakeHeader(std::string name, TarKind kind, const struct stat& status) {
    TarHeader header;
    header.name = std::move(name);
    header.kind = kind;
    header.mode = status.st_mode & 07777U;
    header.uid = status.st_uid;
    header.gid = status.st_gid;
    header.modified_at = status.st_mtim.tv_sec;
    return header;
  }

  Result<void> Send(const TarHeader& header) {
    std::string blocks;
    AppendTarHeader(blocks, header);
    return io_.SendData(blocks);
  }

  Result<void> Enter(UniqueFd fd, std::string prefix, const struct stat& status) {
    if (levels_.size() == kDepthMax) {
      return Fail(Code::kInvalid, prefix + ": too deep");
    }
    DirectoryPtr directory(fdopendir(fd.get()), closedir);
    if (!directory) {
      return FileError(errno, prefix);
    }
    (void)fd.Release();  // the stream owns it now
    auto sent = Send(MakeHeader(prefix.empty() ? "./" : prefix, TarKind::kDirectory, status));
    levels_.push_back({.directory = std::move(directory), .prefix = std::move(prefix)});
    return sent;
  }

  Result<void> Entry(int at, const char* entry, std::string name) {
    struct stat status{};
    if (fstatat(at, entry, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      return {};  // gone meanwhile
    }
    // Another mount begins at a directory. On an overlay only directories have its own device
    // number: files show that of the layer they are in.
    if (S_ISDIR(status.st_mode) && status.st_dev != device_) {
      return {};
    }
    if (S_ISLNK(status.st_mode)) {
      std::array<char, PATH_MAX> target{};
      const auto size = readlinkat(at, entry, target.data(), target.size());
      auto header = MakeHeader(std::move(name), TarKind::kSymlink, status);
      header.link_target.assign(target.data(),
                                static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
      return Send(header);
    }
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
      return {};
    }
    UniqueFd fd(openat(at, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd || fstat(fd.get(), &status) != 0) {
      return errno == ENOENT || errno == ELOOP ? Result<void>() : FileError(errno, name);
    }
    if (S_ISDIR(status.st_mode)) {
      return Enter(std::move(fd), std::move(name) + "/", status);
    }
    // It may have been swapped for something that a read would wait for.
    return S_ISREG(status.st_mode) ? File(fd.get(), name, status) : Result<void>();
  }

  WorkerIo& io_;
  dev_t device_ = 0;
  std::vector<Level> levels_;
};

}  // namespace

Result<void> ReadTar(WorkerIo& io, const protocol::TarReadRequest& request) {
  UniqueFd fd(open(request.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status{};
  if (!fd || fstat(fd.get(), &status) != 0) {
    return FileError(errno, request.path);
  }
  if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) {
    return Fail(Code::kInvalid, request.path + ": neither a file nor a directory");
  }
  std::string ready;
  protocol::AppendEmpty(ready, io.channel(), protocol::FrameType::kReady);
  auto done = io.SendFrame(ready);
  TarPacker packer(io);
  if (done) {
    done = S_ISDIR(status.st_mode)
               ? packer.Directory(std::move(fd))
               : packer.File(fd.get(), request.path.substr(request.path.rfind('/') + 1), status);
  }
  return done ? packer.Finish() : done;
}

}  // namespace paddock::agent::files
