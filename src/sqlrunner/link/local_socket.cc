#include "sqlrunner/link/local_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "base/log.h"

namespace paddock::sqlrunner {
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

/// Of a listener it is who called listen, and of a client who called connect.
bool IsOneOf(int connection, const std::vector<uid_t>& users) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || std::ranges::find(users, peer.uid) != users.end());
}

}  // namespace

Result<UniqueFd> ListenAt(const std::string& path, gid_t group) {
  auto address = AddressOf(path);
  if (!address) {
    return Fail(std::move(address).error());
  }
  unlink(path.c_str());
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const mode_t mask = umask(0177);
  const bool is_bound = listener && bind(listener.get(), Generic(*address), sizeof *address) == 0;
  umask(mask);
  const bool is_own_group = group == getegid();
  if (!is_bound || (!is_own_group && chown(path.c_str(), geteuid(), group) != 0) ||
      chmod(path.c_str(), 0660) != 0) {
    return FailErrno("listen on", path);
  }
  if (listen(listener.get(), kBacklog) != 0) {
    return FailErrno("listen on", path);
  }
  return listener;
}

UniqueFd AcceptFrom(int listener, const std::vector<uid_t>& users) {
  UniqueFd connection(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (connection && !IsOneOf(connection.get(), users)) {
    log::Warn("a stranger asked for a SQL session");
    connection.Reset();
  }
  return connection;
}

Result<UniqueFd> ConnectTo(const std::string& path, const std::vector<uid_t>& users) {
  auto address = AddressOf(path);
  if (!address) {
    return Fail(std::move(address).error());
  }
  UniqueFd connection(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!connection || connect(connection.get(), Generic(*address), sizeof *address) != 0) {
    return FailErrno("connect to the SQL runner at", path);
  }
  if (!IsOneOf(connection.get(), users)) {
    return Fail(Code::kDenied, fmt::format("{} belongs to a stranger", path));
  }
  return connection;
}

}  // namespace paddock::sqlrunner
