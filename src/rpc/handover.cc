#include "rpc/handover.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "aio/process.h"
#include "base/log.h"

namespace paddock::rpc {
namespace asio = boost::asio;

namespace {

constexpr int kExchangesMax = 64;
constexpr int kBacklog = 128;
constexpr auto kExchangeTimeMax = std::chrono::seconds(10);
constexpr auto kCalmAfterFailure = std::chrono::milliseconds(100);
constexpr std::size_t kMessageMax = 1024;

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

// Room for the one descriptor that may come along with a message.
union Control {
  cmsghdr align;
  std::array<char, CMSG_SPACE(sizeof(int))> bytes;
};

void SendAnswer(int connection, std::string text, int passed) {
  text.resize(std::min(text.size(), kMessageMax));
  iovec piece{.iov_base = text.data(), .iov_len = text.size()};
  Control control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (passed >= 0) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof passed);
    std::memcpy(CMSG_DATA(header), &passed, sizeof passed);
  }
  // Who has gone away needs no answer; one message fits in an empty socket.
  [[maybe_unused]] const auto sent = sendmsg(connection, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

struct Answer {
  std::string text;
  UniqueFd passed;
};

Answer ReceiveAnswer(int connection) {
  Answer answer;
  answer.text.resize(kMessageMax);
  iovec piece{.iov_base = answer.text.data(), .iov_len = answer.text.size()};
  Control control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const ssize_t count = recvmsg(connection, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  answer.text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  const cmsghdr* header = count > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    answer.passed.Reset(fd);
  }
  return answer;
}

}  // namespace

HandoverService::HandoverService(asio::any_io_executor executor,
                                 sandbox::Driver& driver,
                                 uid_t user)
    : executor_(executor),
      driver_(driver),
      user_(user),
      exchanges_(kExchangesMax),
      scope_(std::move(executor)) {}

Result<void> HandoverService::Listen(const std::string& socket_path, gid_t group) {
  auto address = AddressOf(socket_path);
  if (!address) {
    return Fail(std::move(address).error());
  }
  unlink(socket_path.c_str());
  UniqueFd listener(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const mode_t mask = umask(0177);
  const bool is_bound = listener && bind(listener.get(), Generic(*address), sizeof *address) == 0;
  umask(mask);
  if (!is_bound || chown(socket_path.c_str(), 0, group) != 0 ||
      chmod(socket_path.c_str(), 0660) != 0 || listen(listener.get(), kBacklog) != 0) {
    return FailErrno("listen on", socket_path);
  }
  scope_.Spawn(AcceptForever(std::move(listener)));
  return {};
}

aio::Task<void> HandoverService::Shutdown() {
  scope_.Cancel();
  co_await scope_.Join();
}

bool HandoverService::IsWelcome(int connection) const {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || peer.uid == user_);
}

// Until it is told to stop: a node that has no descriptor left for a moment shall not be deaf for
// the rest of its days.
aio::Task<void> HandoverService::AcceptForever(UniqueFd listener) {
  asio::steady_timer calm(executor_);
  for (;;) {
    auto ready = co_await aio::WaitReadable(listener.get(), Deadline::Never());
    if (!ready && ready.error().code == Code::kCancelled) {
      co_return;
    }
    UniqueFd connection;
    if (ready) {
      connection.Reset(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    }
    if (connection && IsWelcome(connection.get())) {
      scope_.Spawn(Serve(std::move(connection)));
    } else if (connection) {
      log::Warn("a stranger asked for a stream to a sandbox");
    } else {
      calm.expires_after(kCalmAfterFailure);
      auto [stopped] = co_await calm.async_wait(asio::as_tuple(asio::use_awaitable));
      if (stopped) {
        co_return;
      }
    }
  }
}

aio::Task<void> HandoverService::Serve(UniqueFd connection) {
  const auto deadline = Deadline::After(kExchangeTimeMax);
  auto place = co_await exchanges_.Enter(deadline);
  if (!place) {
    co_return;
  }
  auto ready = co_await aio::WaitReadable(connection.get(), deadline);
  if (!ready) {
    co_return;
  }
  std::string id(kMessageMax, '\0');
  const ssize_t count = recv(connection.get(), id.data(), id.size(), MSG_DONTWAIT);
  id.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  if (!IsIdText(id)) {
    co_return;
  }
  auto stream = co_await driver_.Connect(SandboxId(id), deadline);
  if (stream) {
    SendAnswer(connection.get(), std::string(1, '\0'), stream->get());
  } else {
    const char code = static_cast<char>(1 + static_cast<int>(stream.error().code));
    SendAnswer(connection.get(), code + stream.error().message, -1);
  }
}

aio::Task<Result<UniqueFd>> TakeStream(std::string socket_path, SandboxId id, Deadline deadline) {
  auto address = AddressOf(socket_path);
  if (!address) {
    co_return Fail(std::move(address).error());
  }
  const UniqueFd connection(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!connection || connect(connection.get(), Generic(*address), sizeof *address) != 0) {
    co_return FailErrno("connect to the node at", socket_path);
  }
  const std::string& text = id.value();
  if (send(connection.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) {
    co_return FailErrno("ask the node at", socket_path);
  }
  auto ready = co_await aio::WaitReadable(connection.get(), deadline);
  if (!ready) {
    co_return Fail(std::move(ready).error());
  }
  Answer answer = ReceiveAnswer(connection.get());
  if (answer.text.empty()) {
    co_return Fail(Code::kUnavailable, "the node went away");
  }
  const int code = static_cast<unsigned char>(answer.text.front());
  if (code == 0 && answer.passed) {
    co_return std::move(answer.passed);
  }
  if (code < 1 || code > 1 + static_cast<int>(kLastCode)) {
    co_return Fail(Code::kInternal, "the node's answer makes no sense");
  }
  co_return Fail(static_cast<Code>(code - 1), answer.text.substr(1));
}

}  // namespace paddock::rpc
