#include "aio/local_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace paddock::aio {
namespace {

constexpr int kBacklog = 128;

Result<sockaddr_un> AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Fail(Code::kUnavailable, fmt::format("{}: longer than a socket's path may be", path));
  }
  path.copy(address.sun_path, path.size());
  return address;
}

const sockaddr* Generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);  // NOLINT: the C interface
}

std::unexpected<Error> FailErrno(std::string_view what, const std::string& path) {
  return Fail(Code::kUnavailable, fmt::format("{} {}: {}", what, path, strerrordesc_np(errno)));
}

template <std::size_t kCount>
union Control {
  cmsghdr align;
  std::array<char, CMSG_SPACE(sizeof(int) * kCount)> bytes;
};

void TakePassed(msghdr& message, std::deque<UniqueFd>& out) {
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
       head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const std::size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(head) + (i * sizeof fd), sizeof fd);
      out.emplace_back(fd);
    }
  }
}

}  // namespace

Result<UniqueFd> ListenAt(const std::string& path, int type, gid_t group) {
  auto address = AddressOf(path);
  if (!address) {
    return Fail(std::move(address).error());
  }
  unlink(path.c_str());
  UniqueFd listener(socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const mode_t mask = umask(0177);
  const bool is_bound = listener && bind(listener.get(), Generic(*address), sizeof *address) == 0;
  umask(mask);
  const bool is_own_group = group == getegid();
  if (!is_bound || (!is_own_group && chown(path.c_str(), geteuid(), group) != 0) ||
      chmod(path.c_str(), 0660) != 0 || listen(listener.get(), kBacklog) != 0) {
    return FailErrno("listen on", path);
  }
  return listener;
}

Result<UniqueFd> ConnectTo(const std::string& path, int type, std::string_view whom) {
  auto address = AddressOf(path);
  if (!address) {
    return Fail(std::move(address).error());
  }
  UniqueFd connection(socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!connection || connect(connection.get(), Generic(*address), sizeof *address) != 0) {
    return FailErrno(fmt::format("connect to {} at", whom), path);
  }
  return connection;
}

bool IsPeerOneOf(int connection, std::span<const uid_t> users) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || std::ranges::find(users, peer.uid) != users.end());
}

ssize_t SendMessage(int socket, std::span<const iovec> pieces, int passed) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // NOLINT: the kernel only reads it
  message.msg_iovlen = pieces.size();
  Control<1> control{};
  if (passed >= 0) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof passed);
    std::memcpy(CMSG_DATA(header), &passed, sizeof passed);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

ssize_t ReceiveMessage(int socket, std::span<char> bytes, std::deque<UniqueFd>& passed) {
  iovec piece{.iov_base = bytes.data(), .iov_len = bytes.size()};
  Control<kPassedInOneMessage> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const ssize_t count = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (count > 0) {
    TakePassed(message, passed);
  }
  return count;
}

}  // namespace paddock::aio
