#include "engines/door/door.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace paddock::engines {
namespace {

constexpr std::size_t kGreetingSizeMax =
    std::size_t{16} * 1024;  // what is sent before it is let in
constexpr int kBacklog = 4;
constexpr int kMessageWaitMs = 5000;

Error Failed(std::string_view what) {
  return Error{.code = Code::kUnavailable,
               .message = fmt::format("{}: {}", what, strerrordesc_np(errno))};
}

Result<UniqueFd> Listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Fail(Code::kInvalid, fmt::format("the path {} is too long for a socket", path));
  }
  path.copy(static_cast<char*>(address.sun_path), path.size());
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* generic =
      reinterpret_cast<const sockaddr*>(&address);  // NOLINT: how the call is made
  if (!listener || bind(listener.get(), generic, sizeof(address)) != 0 ||
      listen(listener.get(), kBacklog) != 0) {
    return Fail(Failed("make a socket for a database client"));
  }
  return listener;
}

// Sockets of databases are used in many small turns; that of a Unix socket has no such option.
void MakeReady(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

}  // namespace

Result<Door> Door::Open(const std::filesystem::path& parent) {
  std::string pattern = parent / "db-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) {
    return Fail(Failed(fmt::format("make a directory in {}", parent.native())));
  }
  Door door(pattern, UniqueFd());
  auto listener = Listen(door.socket_path());
  if (!listener) {
    return Fail(std::move(listener).error());
  }
  door.listener_ = *std::move(listener);
  return door;
}

Door::Door(Door&& other) noexcept
    : directory_(std::exchange(other.directory_, {})), listener_(std::move(other.listener_)) {}

Door::~Door() {
  if (!directory_.empty()) {
    std::error_code ignored;
    std::filesystem::remove(socket_path(), ignored);
    std::filesystem::remove(directory_, ignored);
  }
}

// Nobody else can reach the socket but root; and root's are not our library either.
Result<UniqueFd> Door::Accept() {
  UniqueFd accepted(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!accepted) {
    return Fail(Failed("accept a database client"));
  }
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(accepted.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
      peer.pid != getpid()) {
    return Fail(Code::kUnavailable, "somebody else came to the door of a database client");
  }
  return accepted;
}

Result<void> Door::Admit(int library_fd, UniqueFd dialled) {
  auto accepted = Accept();
  if (!accepted) {
    return Fail(std::move(accepted).error());
  }
  MakeReady(dialled.get());
  std::array<char, kGreetingSizeMax> greeting{};
  const ssize_t size = recv(accepted->get(), greeting.data(), greeting.size(), MSG_DONTWAIT);
  // The dialled socket is fresh: a greeting has room in it.
  if (size > 0 && send(dialled.get(), greeting.data(), static_cast<std::size_t>(size),
                       MSG_DONTWAIT | MSG_NOSIGNAL) != size) {
    return Fail(Failed("greet the database"));
  }
  if (dup3(dialled.get(), library_fd, O_CLOEXEC) < 0) {
    return Fail(Failed("hand a connection over"));
  }
  return {};
}

Result<std::string> Door::TakeMessage(std::size_t size) {
  pollfd coming{.fd = listener_.get(), .events = POLLIN, .revents = 0};
  if (poll(&coming, 1, kMessageWaitMs) != 1) {
    return Fail(Code::kUnavailable, "a database client did not come to its door");
  }
  auto accepted = Accept();
  if (!accepted) {
    return Fail(std::move(accepted).error());
  }
  std::string message(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    pollfd readable{.fd = accepted->get(), .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, kMessageWaitMs) != 1) {
      break;
    }
    const ssize_t count = recv(accepted->get(), message.data() + got, size - got, 0);
    if (count <= 0) {
      break;
    }
    got += static_cast<std::size_t>(count);
  }
  if (got != size) {
    return Fail(Code::kUnavailable, "a database client said too little at its door");
  }
  return message;
}

Result<UniqueFd> Door::Withdraw(int library_fd) {
  UniqueFd kept(fcntl(library_fd, F_DUPFD_CLOEXEC, 0));
  std::array<int, 2> pair{-1, -1};
  if (!kept ||
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0) {
    return Fail(Code::kExhausted, fmt::format("no descriptor: {}", strerrordesc_np(errno)));
  }
  const UniqueFd dead(pair[0]);
  const UniqueFd other_end(pair[1]);
  if (dup3(dead.get(), library_fd, O_CLOEXEC) < 0) {
    return Fail(Code::kExhausted, fmt::format("no descriptor: {}", strerrordesc_np(errno)));
  }
  return kept;
}

}  // namespace paddock::engines
