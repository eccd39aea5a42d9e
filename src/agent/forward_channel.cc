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
#include <functional>
#include <optional>

#include "agent/pipe_writer.h"
#include "agent/socket_reader.h"
#include "agent/stream_relay.h"

namespace paddock::agent {

namespace {

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

/// Connects to the first address that answers.
class Dialler {
 public:
  /// Exactly one of the two is called, from the loop or from Start.
  Dialler(Loop& loop,
          std::deque<Address> addresses,
          std::function<void(UniqueFd)> on_connected,
          std::function<void(Error)> on_failed)
      : loop_(loop),
        addresses_(std::move(addresses)),
        on_connected_(std::move(on_connected)),
        on_failed_(std::move(on_failed)) {}

  void Start() {
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
        patience_ = loop_.After(kConnectPatience, [this] { Start(); });
        watch_ = loop_.Add(socket_.get(), EPOLLOUT, [this](std::uint32_t) { OnDialled(); });
        return;
      }
      error_ = errno;
    }
    patience_.Reset();
    on_failed_({.code = Code::kUnavailable,
                .message = std::string("cannot connect: ") + std::strerror(error_)});
  }

 private:
  void OnDialled() {
    socklen_t size = sizeof error_;
    if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error_, &size) != 0 || error_ != 0) {
      Start();
      return;
    }
    patience_.Reset();
    watch_.Reset();
    const int on = 1;
    (void)setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    on_connected_(std::move(socket_));
  }

  Loop& loop_;
  std::deque<Address> addresses_;
  std::function<void(UniqueFd)> on_connected_;
  std::function<void(Error)> on_failed_;
  int error_ = ENAMETOOLONG;
  UniqueFd socket_;
  Timer patience_;
  Watch watch_;
};

/// A channel that begins with a connection.
class DiallingChannel : public Channel {
 public:
  DiallingChannel(Services& services, Line& channel_line, std::deque<Address> addresses)
      : Channel(channel_line),
        loop_(services.loop),
        dialler_(
            loop_,
            std::move(addresses),
            [this](UniqueFd socket) { OnDialled(std::move(socket)); },
            [this](const Error& error) { line().FinishWith(error); }) {}

  void Start() { dialler_.Start(); }

 protected:
  [[nodiscard]] Loop& loop() const noexcept { return loop_; }

 private:
  virtual void OnDialled(UniqueFd socket) = 0;

  Loop& loop_;
  Dialler dialler_;
};

class ForwardChannel final : public DiallingChannel {
 public:
  ForwardChannel(Services& services, Line& channel_line, std::deque<Address> addresses)
      : DiallingChannel(services, channel_line, std::move(addresses)),
        writer_(loop(),
                [this](std::size_t count) {
                  line().GiveCredit(count);
                  FinishIfDone();
                }),
        reader_(loop(), line(), [this] { FinishIfDone(); }) {}

  bool OnData(std::string_view bytes) override {
    if (socket_) {
      writer_.Write(bytes);
    } else {
      early_.append(bytes);  // bounded by the first credit
    }
    return true;
  }

  bool OnDataEnd() override {
    client_ended_ = true;
    if (socket_) {
      writer_.End();
      FinishIfDone();
    }
    return true;
  }

  void OnRoom() override { reader_.OnRoom(); }

 private:
  void OnDialled(UniqueFd socket) override {
    socket_ = std::move(socket);
    line().SendReady();
    writer_.Open(UniqueFd(fcntl(socket_.get(), F_DUPFD_CLOEXEC, 3)));
    reader_.Open(socket_.get());
    writer_.Write(std::exchange(early_, {}));
    if (client_ended_) {
      writer_.End();
    }
  }

  void FinishIfDone() {
    if (reader_.has_ended() && !writer_.is_open()) {
      line().Finish();
    }
  }

  bool client_ended_ = false;
  std::string early_;  // came before the connection stood
  UniqueFd socket_;
  PipeWriter writer_;
  SocketReader reader_;
};

/// The connection becomes the stream: no frames, and no credit but what the sockets hold.
class DirectForwardChannel final : public DiallingChannel {
 public:
  using DiallingChannel::DiallingChannel;

 private:
  void OnDialled(UniqueFd socket) override {
    line().SendReady();
    UniqueFd client = line().TakeSocket();
    if (client) {
      relay_.emplace(loop(), std::move(client), std::move(socket), [this] { line().Release(); });
    }
  }

  std::optional<StreamRelay> relay_;
};

template <class Kind>
std::unique_ptr<Channel> Started(Services& services,
                                 Line& line,
                                 const protocol::ForwardRequest& request) {
  auto channel = std::make_unique<Kind>(services, line, AddressesOf(request));
  channel->Start();
  return channel;
}

}  // namespace

std::unique_ptr<Channel> OpenForward(Services& services,
                                     Line& line,
                                     const protocol::ForwardRequest& request) {
  return request.is_direct ? Started<DirectForwardChannel>(services, line, request)
                           : Started<ForwardChannel>(services, line, request);
}

}  // namespace paddock::agent
