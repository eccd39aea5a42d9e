// Unpacking a tar below a directory, which no entry can leave.
//
// Every name is walked component by component with O_NOFOLLOW, so that neither a symlink of the
// archive nor one that somebody puts there meanwhile leads the work elsewhere.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <optional>
#include <string>
#include <vector>

#include "agent/file_text.h"
#include "agent/files/file_work.h"
#include "agent/files/tar_format.h"
#include "base/unique_fd.h"
#include "protocol/control.h"
#include "protocol/limits.h"

namespace paddock::agent::files {

namespace {

constexpr int kEntryCountMax = 200'000;
constexpr std::size_t kExtensionBytesMax = 64U << 10U;  // of a pax header or GNU long name
constexpr mode_t kPermissionBits = 0777;                // no setuid, no setgid, no sticky
constexpr mode_t kDirectoryMode = 0755;

std::unexpected<Error> Refused(const std::string& name, const char* why) {
  return Fail(Code::kInvalid, "entry " + name + ": " + why);
}

// The components of `path`, in which "." and empty ones mean nothing.
std::vector<std::string> Split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto part = TakeUntil(path, '/');
    if (!part.empty() && part != ".") {
      parts.emplace_back(part);
    }
  }
  return parts;
}

Result<std::vector<std::string>> SafeParts(const std::string& entry, const std::string& path) {
  if (path.starts_with('/')) {
    return Refused(entry, "absolute name");
  }
  auto parts = Split(path);
  if (std::ranges::find(parts, "..") != parts.end()) {
    return Refused(entry, "leads out");
  }
  if (path.size() > protocol::kPathBytesMax ||
      std::ranges::any_of(parts, [](const auto& part) { return part.size() > NAME_MAX; })) {
    return Refused(entry, "name too long");
  }
  return parts;
}

// Whether a symlink that lies below `depth` directories stays inside, by its text alone.
bool StaysInside(std::string_view target, std::size_t depth) {
  if (target.starts_with('/')) {
    return false;
  }
  while (!target.empty()) {
    const auto part = TakeUntil(target, '/');
    if (part == "..") {
      if (depth == 0) {
        return false;
      }
      --depth;
    } else if (!part.empty() && part != ".") {
      ++depth;
    }
  }
  return true;
}

// Gives `name` in `at` (or, when it is empty, `at` itself) its owner, as far as that can be: ids
// that the sandbox does not have, and an agent that is not root, leave what is unpacked to the
// agent.
Result<void> SetOwner(const TarHeader& header, int at, const std::string& name) {
  if (geteuid() != 0 || fchownat(at, name.c_str(), header.uid, header.gid,
                                 AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0) {
    return {};
  }
  return errno == EPERM || errno == EINVAL ? Result<void>()
                                           : FileError(errno, "entry " + header.name);
}

class TarUnpacker {
 public:
  TarUnpacker(WorkerIo& io, int root) : io_(io), root_(root), buffer_(kPieceBytes, '\0') {}

  Result<void> Run() {
    for (int count = 0;; ++count) {
      auto header = NextHeader();
      if (!header || !*header) {
        return header ? SkipRest() : Result<void>(std::unexpected(std::move(header).error()));
      }
      if (count == kEntryCountMax) {
        return Refused((**header).name, "too many entries");
      }
      auto done = Unpack(**header);
      if (!done) {
        return done;
      }
    }
  }

 private:
  // The next entry with its extensions applied; none at the end of the archive.
  Result<std::optional<TarHeader>> NextHeader() {
    PaxRecords records;
    for (;;) {
      auto block = ReadText(kTarBlockBytes);
      if (!block) {
        return Fail(std::move(block).error());
      }
      auto header = ParseTarHeader(*block);
      if (!header || !*header) {
        return header;
      }
      const auto kind = (**header).kind;
      if (kind == TarKind::kPax || kind == TarKind::kPaxGlobal || kind == TarKind::kGnuLongName ||
          kind == TarKind::kGnuLongLink) {
        auto read = ReadExtension(**header, records);
        if (!read) {
          return Fail(std::move(read).error());
        }
        continue;
      }
      (**header).name = records.name.value_or((**header).name);
      (**header).link_target = records.link_target.value_or((**header).link_target);
      (**header).size = records.size.value_or((**header).size);
      return header;
    }
  }

  Result<void> ReadExtension(const TarHeader& header, PaxRecords& records) {
    if (header.size > kExtensionBytesMax) {
      return Refused(header.name, "header too large");
    }
    auto text = ReadText(static_cast<std::size_t>(header.size) + TarPadding(header.size));
    if (!text) {
      return Fail(std::move(text).error());
    }
    text->resize(static_cast<std::size_t>(header.size));
    if (header.kind == TarKind::kPax) {
      auto parsed = ParsePaxRecords(*text);
      if (!parsed) {
        return Fail(std::move(parsed).error());
      }
      records = *std::move(parsed);
    } else if (header.kind != TarKind::kPaxGlobal) {
      auto& target = header.kind == TarKind::kGnuLongName ? records.name : records.link_target;
      target = text->substr(0, text->find('\0'));
    }
    return {};
  }

  Result<void> Unpack(const TarHeader& header) {
    auto parts = SafeParts(header.name, header.name);
    if (!parts) {
      return Fail(std::move(parts).error());
    }
    if (header.kind == TarKind::kOther || header.name.find('\0') != std::string::npos) {
      return Refused(header.name, "neither a file, a directory nor a link");
    }
    if (header.kind != TarKind::kFile && header.size != 0 && header.kind != TarKind::kHardLink) {
      return Refused(header.name, "has content, but is no file");
    }
    if (parts->empty()) {  // the directory itself
      return header.kind == TarKind::kDirectory ? Result<void>() : Refused(header.name, "no name");
    }
    const auto name = std::move(parts->back());
    parts->pop_back();
    auto parent = Walk(header.name, *parts, true);
    if (!parent) {
      return Fail(std::move(parent).error());
    }
    switch (header.kind) {
      case TarKind::kDirectory: return UnpackDirectory(header, parent->get(), name);
      case TarKind::kSymlink: return UnpackSymlink(header, parent->get(), name, parts->size());
      case TarKind::kHardLink: return UnpackHardLink(header, parent->get(), name);
      default: return UnpackFile(header, parent->get(), name);
    }
  }

  // Opens the directory of `parts`, making what is missing of it.
  Result<UniqueFd> Walk(const std::string& entry,
                        const std::vector<std::string>& parts,
                        bool makes) const {
    UniqueFd at(fcntl(root_, F_DUPFD_CLOEXEC, 3));
    for (const auto& part : parts) {
      if (makes && mkdirat(at.get(), part.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
        return FileError(errno, "entry " + entry);
      }
      UniqueFd next(
          openat(at.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!next) {
        return errno == ELOOP || errno == ENOTDIR
                   ? Refused(entry, "leads through a symlink or file")
                   : FileError(errno, "entry " + entry);
      }
      at = std::move(next);
    }
    return at;
  }

  Result<void> UnpackDirectory(const TarHeader& header, int parent, const std::string& name) {
    if (mkdirat(parent, name.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
      return FileError(errno, "entry " + header.name);
    }
    const UniqueFd made(
        openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!made) {
      return Refused(header.name, "something else has its name");
    }
    auto owned = SetOwner(header, made.get(), "");
    if (owned && fchmod(made.get(), header.mode & kPermissionBits) != 0) {
      return FileError(errno, "entry " + header.name);
    }
    return owned;
  }

  Result<void> UnpackFile(const TarHeader& header, int parent, const std::string& name) {
    (void)unlinkat(parent, name.c_str(), 0);
    const UniqueFd file(openat(parent, name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                               S_IRUSR | S_IWUSR));
    if (!file) {
      return FileError(errno, "entry " + header.name);
    }
    auto done = FillFile(header, file.get());
    if (!done) {
      (void)unlinkat(parent, name.c_str(), 0);  // half a file looks like a whole one
      return done;
    }
    return ReadExactly(TarPadding(header.size));
  }

  Result<void> FillFile(const TarHeader& header, int file) {
    for (auto left = header.size; left > 0;) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, kPieceBytes));
      auto done = ReadExactly(wanted);
      for (std::size_t written = 0; done && written < wanted;) {
        const auto count = write(file, buffer_.data() + written, wanted - written);
        if (count < 0 && errno != EINTR) {
          return FileError(errno, "entry " + header.name);
        }
        written += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
      }
      if (!done) {
        return done;
      }
      left -= wanted;
    }
    const timespec modified{.tv_sec = header.modified_at, .tv_nsec = 0};
    const std::array<timespec, 2> times{modified, modified};
    (void)futimens(file, times.data());
    auto owned = SetOwner(header, file, "");
    if (owned && fchmod(file, header.mode & kPermissionBits) != 0) {
      return FileError(errno, "entry " + header.name);
    }
    return owned;
  }

  Result<void> UnpackSymlink(const TarHeader& header,
                             int parent,
                             const std::string& name,
                             std::size_t depth) {
    if (!StaysInside(header.link_target, depth)) {
      return Refused(header.name, "link leads out");
    }
    (void)unlinkat(parent, name.c_str(), 0);
    return symlinkat(header.link_target.c_str(), parent, name.c_str()) == 0
               ? SetOwner(header, parent, name)
               : FileError(errno, "entry " + header.name);
  }

  Result<void> UnpackHardLink(const TarHeader& header, int parent, const std::string& name) {
    auto parts = SafeParts(header.name, header.link_target);
    if (!parts || parts->empty() || header.size != 0) {
      return Refused(header.name, "link leads out");
    }
    const auto target = std::move(parts->back());
    parts->pop_back();
    auto directory = Walk(header.name, *parts, false);
    if (!directory) {
      return Fail(std::move(directory).error());
    }
    struct stat status{};
    if (fstatat(directory->get(), target.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      return FileError(errno, "entry " + header.name);
    }
    if (!S_ISREG(status.st_mode)) {
      return Refused(header.name, "link to what is no file");
    }
    (void)unlinkat(parent, name.c_str(), 0);
    return linkat(directory->get(), target.c_str(), parent, name.c_str(), 0) == 0
               ? Result<void>()
               : FileError(errno, "entry " + header.name);
  }

  // Fills the front of the buffer, `count` being at most its size.
  Result<void> ReadExactly(std::size_t count) {
    for (std::size_t have = 0; have < count;) {
      const auto got = io_.Read(buffer_.data() + have, count - have);
      if (!got) {
        return Fail(got.error());
      }
      if (*got == 0) {
        return Fail(Code::kInvalid, "tar: cut short");
      }
      have += *got;
    }
    return {};
  }

  Result<std::string> ReadText(std::size_t count) {
    std::string text;
    while (text.size() < count) {
      const auto piece = std::min(count - text.size(), buffer_.size());
      auto read = ReadExactly(piece);
      if (!read) {
        return Fail(std::move(read).error());
      }
      text.append(buffer_, 0, piece);
    }
    return text;
  }

  // Behind the end of an archive there may be padding of any length.
  Result<void> SkipRest() {
    for (;;) {
      const auto got = io_.Read(buffer_.data(), buffer_.size());
      if (!got) {
        return Fail(got.error());
      }
      if (*got == 0) {
        return {};
      }
    }
  }

  WorkerIo& io_;
  int root_;
  std::string buffer_;
};

}  // namespace

Result<void> WriteTar(WorkerIo& io, const protocol::TarWriteRequest& request) {
  (void)umask(0);
  const UniqueFd root(open(request.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) {
    return FileError(errno, request.path);
  }
  std::string frame;
  protocol::AppendEmpty(frame, io.channel(), protocol::FrameType::kReady);
  auto done = io.SendFrame(frame);
  TarUnpacker unpacker(io, root.get());
  if (done) {
    done = unpacker.Run();
  }
  if (!done) {
    return done;
  }
  frame.clear();
  protocol::AppendEmpty(frame, io.channel(), protocol::FrameType::kResult);
  return io.SendFrame(frame);
}

}  // namespace paddock::agent::files
