// Requests that change nothing: stat, list and read.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>

#include "agent/files/file_work.h"
#include "base/unique_fd.h"
#include "protocol/control.h"

namespace paddock::agent::files {

namespace {

using protocol::FileRecord;
using protocol::FrameType;

// Records go out in frames of about this size: a client must have credit for a whole one.
constexpr std::size_t kListFrameBytes = 8U << 10U;
constexpr std::uint32_t kModeBits = 07777;

protocol::EntryKind KindOf(mode_t mode) {
  if (S_ISREG(mode)) {
    return protocol::EntryKind::kFile;
  }
  if (S_ISDIR(mode)) {
    return protocol::EntryKind::kDirectory;
  }
  return S_ISLNK(mode) ? protocol::EntryKind::kSymlink : protocol::EntryKind::kOther;
}

// Nanoseconds since 1970 end in 2262; a file can claim any time.
std::chrono::sys_time<std::chrono::nanoseconds> ModifiedAt(const struct stat& status) {
  using std::chrono::nanoseconds;
  constexpr auto kSecondsMax = std::chrono::floor<std::chrono::seconds>(nanoseconds::max()).count();
  if (status.st_mtim.tv_sec >= kSecondsMax) {
    return std::chrono::sys_time<nanoseconds>(nanoseconds::max());
  }
  const auto seconds = std::max<std::int64_t>(status.st_mtim.tv_sec, -kSecondsMax);
  return std::chrono::sys_time<nanoseconds>(std::chrono::seconds(seconds) +
                                            nanoseconds(status.st_mtim.tv_nsec));
}

FileRecord MakeRecord(const struct stat& status, std::string_view name) {
  FileRecord record;
  record.kind = KindOf(status.st_mode);
  record.mode = status.st_mode & kModeBits;
  record.uid = status.st_uid;
  record.gid = status.st_gid;
  record.size = Bytes{static_cast<std::uint64_t>(status.st_size)};
  record.modified_at = ModifiedAt(status);
  record.name = name;
  return record;
}

// "" when it is none. `name` may be empty for the symlink that `at` is itself.
std::string LinkTarget(int at, const char* name) {
  std::array<char, PATH_MAX> target{};
  const auto size = readlinkat(at, name, target.data(), target.size() - 1);
  return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

// Empty for the root, which has no name.
std::string_view LastPart(std::string_view path) {
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

Result<void> Stat(WorkerIo& io, const protocol::StatRequest& request) {
  const UniqueFd fd(
      open(request.path.c_str(), O_PATH | O_CLOEXEC | (request.follows ? 0 : O_NOFOLLOW)));
  struct stat status{};
  if (!fd || fstat(fd.get(), &status) != 0) {
    return FileError(errno, request.path);
  }
  auto record = MakeRecord(status, LastPart(request.path));
  if (record.kind == protocol::EntryKind::kSymlink) {
    record.link_target = LinkTarget(fd.get(), "");
  }
  std::string frame;
  protocol::AppendFile(frame, io.channel(), FrameType::kResult, record);
  return io.SendFrame(frame);
}

Result<void> List(WorkerIo& io, const protocol::ListRequest& request) {
  const int fd = open(request.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(fd < 0 ? nullptr : fdopendir(fd), closedir);
  if (!directory) {
    return FileError(errno, request.path);
  }
  std::string records;
  std::uint32_t count = 0;
  bool has_more = false;
  while (const auto* entry = readdir(directory.get())) {
    const std::string_view name(&entry->d_name[0]);
    struct stat status{};
    if (name == "." || name == ".." ||
        fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {  // gone meanwhile
      continue;
    }
    if (count == request.entry_count_max) {
      has_more = true;
      break;
    }
    ++count;
    auto record = MakeRecord(status, name);
    if (record.kind == protocol::EntryKind::kSymlink) {
      record.link_target = LinkTarget(fd, entry->d_name);
    }
    std::string encoded;
    protocol::PutRecord(encoded, record);
    if (records.size() + encoded.size() > kListFrameBytes && !records.empty()) {
      auto sent = io.SendData(records);
      if (!sent) {
        return sent;
      }
      records.clear();
    }
    records += encoded;
  }
  auto sent = io.SendData(records);
  if (!sent) {
    return sent;
  }
  std::string frame;
  protocol::AppendListEnd(frame, io.channel(), has_more);
  return io.SendFrame(frame);
}

Result<void> Read(WorkerIo& io, const protocol::ReadRequest& request) {
  const UniqueFd fd(open(request.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (!fd || fstat(fd.get(), &status) != 0) {
    return FileError(errno, request.path);
  }
  if (!S_ISREG(status.st_mode)) {
    return Fail(Code::kInvalid, request.path + ": not a regular file");
  }
  std::string frame;
  protocol::AppendFile(frame, io.channel(), FrameType::kReady,
                       MakeRecord(status, LastPart(request.path)));
  auto sent = io.SendFrame(frame);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  auto offset = std::min(request.offset, size);
  auto left = std::min(request.length, size - offset);
  std::string piece(kPieceBytes, '\0');
  while (sent && left > 0) {
    const auto got = pread(fd.get(), piece.data(),
                           static_cast<std::size_t>(std::min<std::uint64_t>(left, kPieceBytes)),
                           static_cast<off_t>(offset));
    if (got < 0 && errno != EINTR) {
      return FileError(errno, request.path);
    }
    if (got == 0) {
      break;  // it has become shorter
    }
    const auto count = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    sent = io.SendData(std::string_view(piece).substr(0, count));
    offset += count;
    left -= count;
  }
  if (!sent) {
    return sent;
  }
  frame.clear();
  protocol::AppendEmpty(frame, io.channel(), FrameType::kResult);
  return io.SendFrame(frame);
}

}  // namespace paddock::agent::files
