#include "sandbox/internal/forward_pump.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sandbox/internal/agent_calls.h"
#include "sandbox/internal/agent_connection.h"

namespace paddock::sandbox::internal {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kReadBytes = 65'536;
constexpr int kReadsPerTurn = 4;
// After the caller has closed its end, what it wrote may still be on its way to a slow server.
constexpr std::chrono::seconds kLinger{10};

}  // namespace

class ForwardPump : public std::enable_shared_from_this<ForwardPump> {
 public:
  ForwardPump(const Executor& executor, ChannelHandle handle)
      : local_(executor), linger_(executor), handle_(std::move(handle)) {}

  [[nodiscard]] Result<void> Start(UniqueFd local) {
    boost::system::error_code error;
    local_.assign(asio::local::stream_protocol(), local.get(), error);
    if (error) {
      return Fail(Code::kExhausted, "forward: " + error.message());
    }
    static_cast<void>(local.Release());
    Channel().pump_ = weak_from_this();
    local_.async_wait(Socket::wait_error,
                      [self = shared_from_this()](const boost::system::error_code& failed) {
                        if (!failed) {
                          self->OnHangUp();
                        }
                      });
    Turn();
    return {};
  }

  // Both directions as far as they go now. Also called from within the connection's reading.
  void Turn() {
    if (!local_.is_open()) {
      return;
    }
    WriteLocal();
    ReadLocal();
    if (Channel().ended() && Channel().inbox_.empty()) {
      Stop();
    }
  }

 private:
  using Socket = asio::basic_stream_socket<asio::local::stream_protocol, Executor>;

  [[nodiscard]] ForwardChannel& Channel() {
    return static_cast<ForwardChannel&>(handle_.channel());
  }

  void WriteLocal() {
    auto& inbox = Channel().inbox_;
    std::size_t written = 0;
    while (written < inbox.size() && !write_closed_) {
      const auto count = send(local_.native_handle(), inbox.data() + written,
                              inbox.size() - written, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count < 0) {
        write_closed_ = errno != EAGAIN && errno != EINTR;
        break;
      }
      written += static_cast<std::size_t>(count);
    }
    if (write_closed_) {
      // The caller takes no more. What a TCP peer would learn by a reset, the agent learns so.
      inbox.clear();
      Stop();
      return;
    }
    inbox.erase(0, written);
    handle_.connection().Consumed(Channel(), written);
    if (!inbox.empty()) {
      Await(Socket::wait_write, awaiting_write_);
    } else if (Channel().data_ended() && !std::exchange(end_passed_on_, true)) {
      boost::system::error_code ignored;
      local_.shutdown(Socket::shutdown_send, ignored);
    }
  }

  void ReadLocal() {
    std::array<char, kReadBytes> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    for (int i = 0; i < kReadsPerTurn && local_.is_open() && !read_closed_; ++i) {
      const auto room = std::min(handle_.connection().SendableBytes(Channel()), buffer.size());
      if (room == 0) {
        return;  // WINDOW or a drained outbox calls Turn again
      }
      const auto count = recv(local_.native_handle(), buffer.data(), room, MSG_DONTWAIT);
      if (count > 0) {
        handle_.connection().SendData(Channel(), {buffer.data(), static_cast<std::size_t>(count)});
      } else if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        break;
      } else {
        read_closed_ = true;
        handle_.connection().SendDataEnd(Channel());
      }
    }
    if (local_.is_open() && !read_closed_) {
      Await(Socket::wait_read, awaiting_read_);
    }
  }

  void Await(Socket::wait_type what, bool& awaiting) {
    if (std::exchange(awaiting, true)) {
      return;
    }
    local_.async_wait(
        what, [self = shared_from_this(), &awaiting](const boost::system::error_code& error) {
          awaiting = false;
          if (!error) {
            self->Turn();
          }
        });
  }

  void OnHangUp() {
    Turn();
    linger_.expires_after(kLinger);
    linger_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) {
        self->Stop();
      }
    });
  }

  void Stop() {
    boost::system::error_code ignored;
    local_.close(ignored);
    linger_.cancel();
    handle_.Close();
  }

  Socket local_;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>,
                             Executor>
      linger_;
  ChannelHandle handle_;
  bool awaiting_read_ = false;
  bool awaiting_write_ = false;
  bool read_closed_ = false;   // the caller sends no more
  bool write_closed_ = false;  // the caller takes no more
  bool end_passed_on_ = false;
};

ForwardChannel::ForwardChannel(const Executor& executor)
    : AgentChannel(executor, {.ready = true, .data = true, .takes_data = true}, kReceiveCredit) {}

Result<void> ForwardChannel::OnData(std::string_view bytes, bool /*is_error*/) {
  inbox_.append(bytes);
  return {};
}

void ForwardChannel::OnChange() {
  if (const auto pump = pump_.lock()) {
    pump->Turn();
  }
}

Result<UniqueFd> StartForward(const Executor& executor, ChannelHandle handle) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return Fail(Code::kExhausted, std::string("forward: ") + std::strerror(errno));
  }
  UniqueFd local(ends[0]);
  UniqueFd remote(ends[1]);
  auto started =
      std::make_shared<ForwardPump>(executor, std::move(handle))->Start(std::move(local));
  if (!started) {
    return Fail(std::move(started).error());
  }
  return remote;
}

}  // namespace paddock::sandbox::internal
