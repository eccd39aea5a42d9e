#include "agent/sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace paddock::agent {

namespace {

constexpr int kBacklog = 64;
constexpr std::size_t kRelayBytes = 64U << 10U;

Result<sockaddr_un> AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Fail(Code::kInvalid, path + ": too long for a socket");
  }
  std::memcpy(&address.sun_path[0], path.data(), path.size());
  return address;
}

std::unexpected<Error> Unavailable(const std::string& path) {
  return Fail(Code::kUnavailable, path + ": " + std::strerror(errno));
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) {
      return false;
    }
    bytes.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return true;
}

}  // namespace

Result<UniqueFd> ListenAt(const std::string& path) {
  const auto address = AddressOf(path);
  if (!address) {
    return Fail(address.error());
  }
  UniqueFd socket_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  (void)unlink(path.c_str());
  const auto mask = umask(0177);
  const int bound =
      bind(socket_fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
  (void)umask(mask);
  if (bound != 0 || listen(socket_fd.get(), kBacklog) != 0) {
    return Unavailable(path);
  }
  return socket_fd;
}

Result<void> RelayStandardStreams(const std::string& path) {
  const auto address = AddressOf(path);
  if (!address) {
    return Fail(address.error());
  }
  const UniqueFd agent(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(agent.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    return Unavailable(path);
  }
  std::array<pollfd, 2> ends{pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                             pollfd{.fd = agent.get(), .events = POLLIN, .revents = 0}};
  std::string buffer(kRelayBytes, '\0');
  while (ends[1].fd >= 0) {
    if (poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR) {
      return Unavailable("poll");
    }
    for (auto& end : ends) {
      if (end.fd < 0 || end.revents == 0) {
        continue;
      }
      const bool from_agent = end.fd == agent.get();
      const auto count = read(end.fd, buffer.data(), buffer.size());
      const bool is_over = count <= 0 || !WriteAll(from_agent ? STDOUT_FILENO : agent.get(),
                                                   std::string_view(buffer).substr(
                                                       0, static_cast<std::size_t>(count)));
      if (is_over) {
        end.fd = -1;
        if (!from_agent) {
          (void)shutdown(agent.get(), SHUT_WR);
        }
      }
    }
  }
  return {};
}

}  // namespace paddock::agent
