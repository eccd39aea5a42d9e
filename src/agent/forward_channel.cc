#include "agent/forward_channel.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <deque>

#include "agent/pipe_writer.h"

namespace paddock::agent {

namespace {

using protocol::FrameType;

constexpr std::size_t kReadMax = 64U << 10U;
constexpr std::chrono::seconds kConnectPatience{10};

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

template <class T>
Address Store(const T& address) {
  static_assert(sizeof(T) <= sizeof(sockaddr_storage));
  Address stored;
  std::memcpy(&stored.storage, &address, sizeof address);
  stored.size = sizeof address;
  return stored;
}

// What to try, in order; empty when the request names nothing that can be dialled.
std::deque<Address> AddressesOf(const protocol::ForwardRequest& request) {
  if (request.family == protocol::ForwardFamily::kTcp) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(request.port);
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(request.port);
    six.sin6_addr = in6addr_loopback;
    return {Store(four), Store(six)};
  }
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  if (request.path.size() >= sizeof local.sun_path) {
    return {};
  }
  std::memcpy(&local.sun_path[0], request.path.data(), request.path.size());
  return {Store(local)};
}

class ForwardChannel final : public Channel {
 public:
  ForwardChannel(Services& services, Line& channel_line, std::deque<Address> addresses)
      : Channel(channel_line),
        loop_(services.loop),
        addresses_(std::move(addresses)),
        writer_(loop_, [this](std::size_t count) {
          line().GiveCredit(count);
          FinishIfDone();
        }) {}

  void DialNext() {
    watch_.Reset();
    while (!addresses_.empty()) {
      const auto address = addresses_.front();
      addresses_.pop_front();
      socket_.Reset(
          socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      const int dialled =
          connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size);
      // EAGAIN: a unix socket whose queue is full, which would have to be polled.
      if (dialled == 0 || errno == EINPROGRESS) {
        patience_ = loop_.After(kConnectPatience, [this] { DialNext(); });
        watch_ = loop_.Add(socket_.get(), EPOLLOUT, [this](std::uint32_t) { OnDialled(); });
        return;
      }
      error_ = errno;
    }
    patience_.Reset();
    line().FinishWith(Error{.code = Code::kUnavailable,
                            .message = std::string("cannot connect: ") + std::strerror(error_)});
  }

  bool OnData(std::string_view bytes) override {
    if (is_connected_) {
      writer_.Write(bytes);
    } else {
      early_.append(bytes);  // bounded by the first credit
    }
    return true;
  }

  bool OnDataEnd() override {
    client_ended_ = true;
    if (is_connected_) {
      writer_.End();
      FinishIfDone();
    }
    return true;
  }

  void OnRoom() override {
    if (is_connected_ && !server_ended_) {
      watch_.SetEvents(EPOLLIN);
    }
  }

 private:
  void OnDialled() {
    socklen_t size = sizeof error_;
    if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error_, &size) != 0 || error_ != 0) {
      DialNext();
      return;
    }
    patience_.Reset();
    const int on = 1;
    (void)setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    is_connected_ = true;
    line().SendReady();
    writer_.Open(UniqueFd(fcntl(socket_.get(), F_DUPFD_CLOEXEC, 3)));
    watch_.Reset();
    watch_ = loop_.Add(socket_.get(), EPOLLIN, [this](std::uint32_t) { OnReadable(); });
    writer_.Write(std::exchange(early_, {}));
    if (client_ended_) {
      writer_.End();
    }
  }

  void OnReadable() {
    const auto room = std::min(line().room(), kReadMax);
    if (room == 0) {
      watch_.SetEvents(0);  // until OnRoom
      return;
    }
    const auto got =
        line().SendFilled(FrameType::kData, room, [this](char* bytes, std::size_t size) {
          return recv(socket_.get(), bytes, size, MSG_DONTWAIT);
        });
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) {
      return;
    }
    watch_.Reset();
    server_ended_ = true;
    line().SendEnd();
    FinishIfDone();
  }

  void FinishIfDone() {
    if (server_ended_ && !writer_.is_open()) {
      line().Finish();
    }
  }

  Loop& loop_;
  std::deque<Address> addresses_;
  int error_ = ENAMETOOLONG;
  bool is_connected_ = false;
  bool client_ended_ = false;
  bool server_ended_ = false;
  std::string early_;  // came before the connection stood
  UniqueFd socket_;
  PipeWriter writer_;
  Timer patience_;
  Watch watch_;
};

}  // namespace

std::unique_ptr<Channel> OpenForward(Services& services,
                                     Line& line,
                                     protocol::ForwardRequest request) {
  auto channel = std::make_unique<ForwardChannel>(services, line, AddressesOf(request));
  channel->DialNext();
  return channel;
}

}  // namespace paddock::agent
