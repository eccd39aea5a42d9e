#include "agent/socket_reader.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace paddock::agent {
namespace {

constexpr std::size_t kReadMax = 64U << 10U;

}  // namespace

void SocketReader::Open(int socket) {
  socket_ = socket;
  watch_ = loop_.Add(socket, EPOLLIN, [this](std::uint32_t) { OnReadable(); });
}

void SocketReader::OnRoom() {
  if (socket_ >= 0 && !has_ended_) {
    watch_.SetEvents(EPOLLIN);
  }
}

void SocketReader::OnReadable() {
  const auto room = std::min(line_.room(), kReadMax);
  if (room == 0) {
    watch_.SetEvents(0);  // until OnRoom
    return;
  }
  const auto got = line_.SendFilled(
      protocol::FrameType::kData, room,
      [this](char* bytes, std::size_t size) { return recv(socket_, bytes, size, MSG_DONTWAIT); });
  if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) {
    return;
  }
  watch_.Reset();
  has_ended_ = true;
  line_.SendEnd();
  on_end_();
}

}  // namespace paddock::agent
