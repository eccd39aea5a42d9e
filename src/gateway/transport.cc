#include "gateway/transport.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace paddock::gateway {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kTlsRecordMax = 16U << 10U;
constexpr std::size_t kPiecesMax = 8;
constexpr std::uint64_t kTurnBytes = 64U << 10U;  // moved by one task before others have a turn

std::unexpected<Error> Broken() { return Fail(Code::kCancelled, "the connection is gone"); }

}  // namespace

void Advance(std::span<iovec>& pieces, std::size_t count) noexcept {
  while (!pieces.empty() && count >= pieces.front().iov_len) {
    count -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (count > 0) {
    iovec& first = pieces.front();
    first.iov_base = static_cast<char*>(first.iov_base) + count;
    first.iov_len -= count;
  }
}

Transport::Transport(const asio::any_io_executor& executor, UniqueFd fd, SSL* ssl)
    : descriptor_(executor, fd.Release()), ssl_(ssl) {
  if (ssl_ != nullptr) {
    SSL_set_fd(ssl_, descriptor_.native_handle());
    SSL_set_accept_state(ssl_);
  }
}

Transport::~Transport() { SSL_free(ssl_); }

aio::Task<Result<void>> Transport::Wait(bool to_write) {
  const auto what =
      to_write ? asio::posix::descriptor_base::wait_write : asio::posix::descriptor_base::wait_read;
  auto [failure] = co_await descriptor_.async_wait(what, asio::as_tuple(asio::use_awaitable));
  if (failure) {
    co_return Broken();
  }
  co_return Result<void>();
}

aio::Task<Result<void>> Transport::Handshake() {
  while (ssl_ != nullptr) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_);
    if (done == 1) {
      drained_ = false;
      break;
    }
    const int error = SSL_get_error(ssl_, done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      ERR_clear_error();
      co_return Fail(Code::kInvalid, "the TLS handshake failed");
    }
    auto waited = co_await Wait(error == SSL_ERROR_WANT_WRITE);
    if (!waited) {
      co_return waited;
    }
  }
  co_return Result<void>();
}

std::optional<Result<std::size_t>> Transport::TryRead(std::span<char> out) {
  if (ssl_ == nullptr) {
    const ssize_t count = recv(descriptor_.native_handle(), out.data(), out.size(), 0);
    if (count < 0) {
      if (errno == EAGAIN || errno == EINTR) {
        drained_ = true;
        return std::nullopt;
      }
      return Broken();
    }
    const auto read = static_cast<std::size_t>(count);
    drained_ = read < out.size();
    moved_bytes_ += read;
    return read;
  }
  ERR_clear_error();
  std::size_t read = 0;
  const int done = SSL_read_ex(ssl_, out.data(), out.size(), &read);
  if (done == 1) {
    moved_bytes_ += read;
    return read;
  }
  const int error = SSL_get_error(ssl_, done);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
    read_wants_write_ = error == SSL_ERROR_WANT_WRITE;
    return std::nullopt;
  }
  ERR_clear_error();
  if (error == SSL_ERROR_ZERO_RETURN) {
    return 0U;
  }
  return Broken();
}

aio::Task<Result<std::size_t>> Transport::Read(std::span<char> out) {
  // A plain socket that was read empty is waited for first: asking again would cost a call.
  bool wait_first = ssl_ == nullptr && drained_;
  if (!wait_first && IsYieldDue()) {
    co_await Yield();
  }
  for (;;) {
    if (aborted_) {
      co_return Broken();
    }
    if (!wait_first) {
      auto read = TryRead(out);
      if (read) {
        co_return *std::move(read);
      }
    }
    wait_first = false;
    // Wait() in place: this is where every request of a connection begins.
    const auto what = ssl_ != nullptr && read_wants_write_
                          ? asio::posix::descriptor_base::wait_write
                          : asio::posix::descriptor_base::wait_read;
    auto [failure] = co_await descriptor_.async_wait(what, asio::as_tuple(asio::use_awaitable));
    if (failure) {
      co_return Broken();
    }
    yielded_at_ = moved_bytes_;
  }
}

Result<std::size_t> Transport::TryWriteTls(std::span<const iovec> pieces) {
  // One record for a small head and its payload: coalesced here, as TLS copies anyway. After
  // WANT_WRITE the same bytes come again, which OpenSSL asks for.
  std::array<char, kTlsRecordMax> record;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::size_t filled = 0;
  for (const iovec& piece : pieces) {
    const std::size_t count = std::min(piece.iov_len, record.size() - filled);
    std::memcpy(record.data() + filled, piece.iov_base, count);
    filled += count;
  }
  ERR_clear_error();
  std::size_t written = 0;
  const int done = SSL_write_ex(ssl_, record.data(), filled, &written);
  if (done == 1) {
    return written;
  }
  const int error = SSL_get_error(ssl_, done);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
    write_wants_read_ = error == SSL_ERROR_WANT_READ;
    return 0U;
  }
  ERR_clear_error();
  return Broken();
}

Result<std::size_t> Transport::TryWrite(std::span<const iovec> pieces) {
  if (aborted_) {
    return Broken();
  }
  if (ssl_ != nullptr) {
    auto written = TryWriteTls(pieces);
    moved_bytes_ += written.value_or(0);
    return written;
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // NOLINT: sendmsg only reads it
  message.msg_iovlen = std::min(pieces.size(), kPiecesMax);
  const ssize_t count = sendmsg(descriptor_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) {
      return 0U;
    }
    return Broken();
  }
  moved_bytes_ += static_cast<std::size_t>(count);
  return static_cast<std::size_t>(count);
}

aio::Task<Result<void>> Transport::Write(std::span<iovec> pieces) {
  Advance(pieces, 0);
  while (!pieces.empty()) {
    auto written = TryWrite(pieces);
    if (!written) {
      co_return Fail(std::move(written).error());
    }
    Advance(pieces, *written);
    if (*written == 0) {
      auto waited = co_await Wait(ssl_ == nullptr || !write_wants_read_);
      if (!waited) {
        co_return waited;
      }
      yielded_at_ = moved_bytes_;
    } else if (IsYieldDue()) {
      co_await Yield();
    }
  }
  co_return Result<void>();
}

void Transport::Cancel() {
  boost::system::error_code ignored;
  descriptor_.cancel(ignored);  // fails only when closed, and then nothing waits
}

void Transport::Abort() {
  aborted_ = true;
  Cancel();
}

bool Transport::IsYieldDue() const noexcept { return moved_bytes_ - yielded_at_ >= kTurnBytes; }

aio::Task<void> Transport::Yield() {
  yielded_at_ = moved_bytes_;
  co_await asio::post(descriptor_.get_executor(), asio::use_awaitable);
}

void Transport::Close() {
  boost::system::error_code ignored;
  descriptor_.close(ignored);
}

void Transport::ShutdownWrite() {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(ssl_);  // best effort: the peer may be gone, and the socket is closed anyway
    ERR_clear_error();
  }
  shutdown(descriptor_.native_handle(), SHUT_WR);
}

bool Transport::PeerGone() const {
  // native_handle() is not const in Asio.
  pollfd entry{.fd = const_cast<Transport*>(this)->descriptor_.native_handle(),  // NOLINT
               .events = POLLRDHUP,
               .revents = 0};
  return poll(&entry, 1, 0) > 0 && (entry.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

std::size_t Transport::UnsentBytes() const {
  int count = 0;
  const int fd = const_cast<Transport*>(this)->descriptor_.native_handle();  // NOLINT: as above
  if (ioctl(fd, SIOCOUTQ, &count) != 0 || count < 0) {
    return 0;
  }
  return static_cast<std::size_t>(count);
}

}  // namespace paddock::gateway
