#include "agent/sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace paddock::agent {

namespace {

constexpr int kBacklog = 64;

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

// One direction of the relay: what was read and is not written yet, bounded.
class Flow {
 public:
  Flow(int from, int to) : from_(from), to_(to) {}

  [[nodiscard]] bool wants_to_read() const noexcept {
    return !ended_ && waiting_.size() < kFlowMax;
  }
  [[nodiscard]] bool wants_to_write() const noexcept { return !waiting_.empty(); }
  /// Nothing more comes, and all that came has been written or cannot be.
  [[nodiscard]] bool is_over() const noexcept { return ended_ && waiting_.empty(); }

  void Read() {
    std::array<char, kReadBytes> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const auto got = read(from_, bytes.data(), bytes.size());
    if (got > 0) {
      waiting_.append(bytes.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || !IsForNow()) {
      ended_ = true;
    }
  }

  void Write() {
    const auto written = write(to_, waiting_.data(), waiting_.size());
    if (written > 0) {
      waiting_.erase(0, static_cast<std::size_t>(written));
    } else if (!IsForNow()) {  // nobody takes it any more
      waiting_.clear();
      ended_ = true;
    }
  }

 private:
  static constexpr std::size_t kReadBytes = 16U << 10U;
  static constexpr std::size_t kFlowMax = 64U << 10U;

  static bool IsForNow() { return errno == EAGAIN || errno == EINTR; }

  int from_;
  int to_;
  std::string waiting_;
  bool ended_ = false;
};

// Whoever shares the description finds it as it was.
class NonBlocking {
 public:
  explicit NonBlocking(int fd) : fd_(fd), flags_(fcntl(fd, F_GETFL)) {
    (void)fcntl(fd_, F_SETFL, flags_ | O_NONBLOCK);
  }
  ~NonBlocking() { (void)fcntl(fd_, F_SETFL, flags_); }
  NonBlocking(const NonBlocking&) = delete;
  NonBlocking& operator=(const NonBlocking&) = delete;

 private:
  int fd_;
  int flags_;
};

// Not watched at all when nothing is wanted of it: a hang-up cannot be masked, and would spin.
pollfd Watched(int fd, bool to_read, bool to_write) {
  const int events = (to_read ? POLLIN : 0) | (to_write ? POLLOUT : 0);
  return {.fd = events == 0 ? -1 : fd, .events = static_cast<short>(events), .revents = 0};
}

// Neither direction ever waits for the other: the agent reads no more while its answers wait.
Result<void> Relay(int agent) {
  const NonBlocking input_mode(STDIN_FILENO);
  const NonBlocking output_mode(STDOUT_FILENO);
  const NonBlocking agent_mode(agent);
  Flow requests(STDIN_FILENO, agent);
  Flow answers(agent, STDOUT_FILENO);
  bool told = false;
  while (!answers.is_over()) {
    if (requests.is_over() && !std::exchange(told, true)) {
      (void)shutdown(agent, SHUT_WR);
    }
    std::array<pollfd, 3> ends{Watched(STDIN_FILENO, requests.wants_to_read(), false),
                               Watched(agent, answers.wants_to_read(), requests.wants_to_write()),
                               Watched(STDOUT_FILENO, false, answers.wants_to_write())};
    if (poll(ends.data(), ends.size(), -1) < 0) {
      if (errno != EINTR) {
        return Unavailable("poll");
      }
      continue;
    }
    // Each finds out by itself what can be done: what cannot answers EAGAIN.
    if (ends[0].revents != 0 && requests.wants_to_read()) {
      requests.Read();
    }
    if (ends[1].revents != 0 && requests.wants_to_write()) {
      requests.Write();
    }
    if (ends[1].revents != 0 && answers.wants_to_read()) {
      answers.Read();
    }
    if (ends[2].revents != 0 && answers.wants_to_write()) {
      answers.Write();
    }
  }
  return {};
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
  (void)std::signal(SIGPIPE, SIG_IGN);
  return Relay(agent.get());
}

}  // namespace paddock::agent
