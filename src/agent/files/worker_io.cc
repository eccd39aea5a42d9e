#include "agent/files/worker_io.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace paddock::agent::files {

namespace {

constexpr int kDataFd = 0;
constexpr int kAnswerFd = 1;
constexpr int kControlFd = 2;

Code CodeOf(int error_number) {
  switch (error_number) {
    case ENOENT: return Code::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
    case EBUSY:
    case ETXTBSY: return Code::kConflict;
    case EACCES:
    case EPERM:
    case EROFS: return Code::kDenied;
    case ENOSPC:
    case EDQUOT: return Code::kDiskFull;
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EMLINK: return Code::kExhausted;
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EINVAL:
    case EXDEV:
    case ENXIO:
    case EOPNOTSUPP: return Code::kInvalid;
    default: return Code::kInternal;
  }
}

std::unexpected<Error> Cancelled() { return Fail(Code::kCancelled, "the client gave up"); }

}  // namespace

Result<std::size_t> WorkerIo::Read(char* bytes, std::size_t size) {
  for (;;) {
    const auto got = read(kDataFd, bytes, size);
    if (got > 0) {
      return static_cast<std::size_t>(got);
    }
    if (got < 0 && errno == EINTR) {
      continue;
    }
    // The end of the pipe is the end of the data only if the agent says so, and nothing else.
    std::array<char, 2> word{};
    if (got == 0 && read(kControlFd, word.data(), word.size()) == 1 && word[0] == kDataComplete) {
      return 0;
    }
    return Cancelled();
  }
}

Result<void> WorkerIo::SendFrame(std::string_view frame) {
  while (!frame.empty()) {
    const auto count = write(kAnswerFd, frame.data(), frame.size());
    if (count < 0 && errno != EINTR) {
      return Cancelled();
    }
    frame.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return {};
}

Result<void> WorkerIo::SendData(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, kPieceBytes);
    frame_.clear();
    protocol::AppendFrame(frame_, channel_, protocol::FrameType::kData, piece);
    auto sent = SendFrame(frame_);
    if (!sent) {
      return sent;
    }
    bytes.remove_prefix(piece.size());
  }
  return {};
}

std::unexpected<Error> FileError(int error_number, std::string_view what) {
  const Code code = CodeOf(error_number);
  // Of space or of files: strerror knows only the one.
  const char* reason = code == Code::kDiskFull ? "the disk is full" : std::strerror(error_number);
  return Fail(code, std::string(what) + ": " + reason);
}

}  // namespace paddock::agent::files
