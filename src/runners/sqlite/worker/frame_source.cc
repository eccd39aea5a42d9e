#include "runners/sqlite/worker/frame_source.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <variant>

#include "protocol/wire.h"
#include "runners/sqlite/protocol/messages.h"

namespace paddock::runners::sqlite {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;
// A buffer that one great script has stretched is not kept.
constexpr std::size_t kKeptBytesMax = std::size_t{1} << 20U;
// While a run goes on no more is read; a stop behind that much comes too late, and the pool kills.
constexpr std::size_t kAheadBytesMax = std::size_t{8} << 20U;

// The first frame's size with its header, or 0 when it is not known yet.
std::size_t FrameBytes(std::string_view bytes) {
  return bytes.size() < kFrameHeaderBytes ? 0
                                          : kFrameHeaderBytes + protocol::WireReader(bytes).U32();
}

bool IsStop(std::string_view payload, std::uint32_t serial) {
  // A run is longer, and is not looked into.
  constexpr std::size_t kStopBytes = 5;
  if (payload.size() != kStopBytes) {
    return false;
  }
  const auto request = DecodeRequest(payload);
  const auto* const stop = request ? std::get_if<Stop>(&*request) : nullptr;
  return stop != nullptr && stop->serial == serial;
}

}  // namespace

std::optional<std::string_view> FrameSource::Next() {
  if (!Fill(kFrameHeaderBytes)) {
    return std::nullopt;
  }
  const std::size_t size = FrameBytes(bytes_);
  if (size > kFrameHeaderBytes + kFrameBytesMax || !Fill(size)) {
    return std::nullopt;
  }
  current_.assign(bytes_, kFrameHeaderBytes, size - kFrameHeaderBytes);
  bytes_.erase(0, size);
  for (std::string* const buffer : {&bytes_, &current_}) {
    if (buffer->size() < kBufferBytes && buffer->capacity() > kKeptBytesMax) {
      buffer->shrink_to_fit();
    }
  }
  return current_;
}

bool FrameSource::HasStop(std::uint32_t serial) {
  if (bytes_.size() < kAheadBytesMax && !Receive(MSG_DONTWAIT)) {
    return true;
  }
  std::string_view rest = bytes_;
  for (auto size = FrameBytes(rest); size != 0 && size <= rest.size(); size = FrameBytes(rest)) {
    if (IsStop(rest.substr(kFrameHeaderBytes, size - kFrameHeaderBytes), serial)) {
      return true;
    }
    rest.remove_prefix(size);
  }
  return false;
}

bool FrameSource::Fill(std::size_t size) {
  while (bytes_.size() < size) {
    if (!Receive(0)) {
      return false;
    }
  }
  return true;
}

// False at the socket's end.
bool FrameSource::Receive(int flags) {
  const std::size_t before = bytes_.size();
  ssize_t count = 0;
  bytes_.resize_and_overwrite(before + kBufferBytes, [&](char* data, std::size_t /*size*/) {
    count = recv(socket_, data + before, kBufferBytes, flags);
    return before + static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  });
  return count > 0 || (count < 0 && errno == EAGAIN);
}

}  // namespace paddock::runners::sqlite
