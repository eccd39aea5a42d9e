#include "terminals/testing/client/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace paddock::terminals::testing {

Result<UniqueFd> ConnectUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Fail(Code::kInvalid, "socket path too long");
  }
  std::ranges::copy(path, static_cast<char*>(address.sun_path));
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return Fail(Code::kUnavailable, std::string("connect: ") + std::strerror(errno));
  }
  return fd;
}

Result<UniqueFd> ConnectLoopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return Fail(Code::kUnavailable, std::string("connect: ") + std::strerror(errno));
  }
  const int on = 1;
  (void)setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return fd;
}

Result<void> SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      return Fail(Code::kUnavailable, std::string("send: ") + std::strerror(errno));
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::size_t> ReceiveSome(int fd, std::span<char> space, Deadline deadline) {
  using std::chrono::milliseconds;
  while (true) {
    const auto got = recv(fd, space.data(), space.size(), MSG_DONTWAIT);
    if (got > 0) {
      return static_cast<std::size_t>(got);
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      return Fail(Code::kUnavailable, "the other side is gone");
    }
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline.when() - Deadline::Clock::now());
    if (left <= milliseconds(0)) {
      return Fail(Code::kDeadlineExceeded, "nothing came in time");
    }
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    (void)poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left.count() + 1, 60'000)));
  }
}

}  // namespace paddock::terminals::testing
