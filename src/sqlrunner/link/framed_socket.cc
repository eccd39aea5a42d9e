#include "sqlrunner/link/framed_socket.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "aio/local_socket.h"

namespace paddock::sqlrunner {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kHeadBytes = kLengthBytes + 1;
constexpr std::size_t kReadBytes = std::size_t{128} * 1024;
constexpr std::size_t kPassedMax = 8;  // that came and were not asked for yet
constexpr ssize_t kShortRead = 4'096;
constexpr std::size_t kKeptGatheredBytes = std::size_t{4} * 1024;  // of what is sent
constexpr std::size_t kKeptBytes = std::size_t{1} * 1024 * 1024;   // of a buffer that is empty

using Descriptor = asio::posix::descriptor_base;

std::array<char, kHeadBytes> HeadOf(FrameKind kind, std::size_t payload_size) {
  const auto length = static_cast<std::uint32_t>(payload_size + 1);
  return {static_cast<char>(length >> 24U), static_cast<char>(length >> 16U),
          static_cast<char>(length >> 8U), static_cast<char>(length), static_cast<char>(kind)};
}

std::size_t LengthAt(std::string_view head) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length = (length << 8U) | static_cast<unsigned char>(head[i]);
  }
  return length;
}

// The kernel only reads what it is given here.
iovec Piece(std::string_view bytes) {
  return {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};  // NOLINT
}

/// Drops the first `count` bytes of `pieces`, and what is empty.
void SkipBytes(std::span<iovec>& pieces, std::size_t count) {
  while (!pieces.empty() && count >= pieces.front().iov_len) {
    count -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (!pieces.empty()) {
    iovec& first = pieces.front();
    first.iov_base = static_cast<char*>(first.iov_base) + count;
    first.iov_len -= count;
  }
}

class Counted {
 public:
  explicit Counted(int& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  int& count_;
};

bool IsForLater(int error) { return error == EAGAIN || error == EINTR; }

std::unexpected<Error> PeerGone(int error) {
  return Fail(Code::kUnavailable, error == 0 ? std::string("the peer went away")
                                             : fmt::format("the peer: {}", strerrordesc_np(error)));
}

std::unexpected<Error> Closed() { return Fail(Code::kCancelled, "closed"); }

}  // namespace

FramedSocket::FramedSocket(const asio::any_io_executor& executor, UniqueFd socket)
    : stream_(executor, socket.Release()),
      patience_(executor),
      self_(std::make_shared<FramedSocket*>(this)) {}

FramedSocket::~FramedSocket() { *self_ = nullptr; }

void FramedSocket::Close() {
  boost::system::error_code ignored;
  stream_.close(ignored);
  patience_.cancel();
  gathered_.clear();
}

Result<std::size_t> FramedSocket::WriteSome(std::span<const iovec> pieces, int passed) {
  const ssize_t count = aio::SendMessage(stream_.native_handle(), pieces, passed);
  if (count >= 0) {
    return static_cast<std::size_t>(count);
  }
  const int error = errno;
  return IsForLater(error) ? Result<std::size_t>(0) : PeerGone(error);
}

aio::Task<Result<void>> FramedSocket::WriteAll(std::span<iovec> pieces, int passed) {
  SkipBytes(pieces, 0);
  while (!pieces.empty()) {
    if (!stream_.is_open()) {
      co_return Closed();
    }
    auto written = WriteSome(pieces, passed);
    if (!written) {
      co_return Fail(std::move(written).error());
    }
    if (*written == 0) {
      auto [failure] =
          co_await stream_.async_wait(Descriptor::wait_write, asio::as_tuple(asio::use_awaitable));
      if (failure) {
        co_return Closed();
      }
      continue;
    }
    passed = -1;  // it went with the first byte
    SkipBytes(pieces, *written);
  }
  co_return Result<void>();
}

aio::Task<Result<void>> FramedSocket::Send(FrameKind kind, std::string_view payload, int passed) {
  if (payload.size() >= kFrameBytesMax) {
    co_return Fail(Code::kInvalid, "a message that is longer than may be");
  }
  const Counted counted(sender_count_);
  auto turn = co_await sending_.Enter(Deadline::Never());
  if (!turn) {
    co_return Fail(std::move(turn).error());
  }
  leaving_.clear();
  leaving_.swap(gathered_);
  if (will_flush_) {
    patience_.cancel();
  }
  const auto head = HeadOf(kind, payload.size());
  std::array<iovec, 3> pieces{Piece(leaving_), Piece(std::string_view(head.data(), head.size())),
                              Piece(payload)};
  auto sent = co_await WriteAll(pieces, passed);
  if (leaving_.capacity() > kKeptGatheredBytes) {
    leaving_ = std::string();
  }
  co_return sent;
}

aio::Task<Result<void>> FramedSocket::Gather(FrameKind kind, std::string_view payload) {
  const bool is_much = gathered_.size() + payload.size() >= kGatheredBytesMax;
  if (sender_count_ > 0 || is_much) {
    auto sent = co_await Send(kind, payload);
    co_return sent;
  }
  if (!stream_.is_open()) {
    co_return Closed();
  }
  const auto head = HeadOf(kind, payload.size());
  gathered_.append(head.data(), head.size());
  gathered_.append(payload);
  FlushLater();
  co_return Result<void>();
}

void FramedSocket::FlushLater() {
  if (std::exchange(will_flush_, true)) {
    return;
  }
  patience_.expires_after(kGatherTimeMax);
  patience_.async_wait([self = self_](const boost::system::error_code& error) {
    FramedSocket* const socket = *self;
    if (socket == nullptr) {
      return;
    }
    socket->will_flush_ = false;
    if (!error) {
      socket->FlushNow();
    } else if (!socket->gathered_.empty()) {
      socket->FlushLater();  // what has come since a Send took the rest along
    }
  });
}

// As far as it goes without waiting. Whoever sends meanwhile takes along what is left.
void FramedSocket::FlushNow() {
  if (gathered_.empty() || !stream_.is_open()) {
    return;
  }
  const iovec piece = Piece(gathered_);
  const auto written = WriteSome(std::span(&piece, 1), -1);
  if (!written) {
    gathered_.clear();  // nobody reads it; Receive says so
    return;
  }
  gathered_.erase(0, *written);
  if (gathered_.empty() || std::exchange(will_flush_, true)) {
    return;
  }
  stream_.async_wait(Descriptor::wait_write,
                     [self = self_](const boost::system::error_code& error) {
                       FramedSocket* const socket = *self;
                       if (socket != nullptr) {
                         socket->will_flush_ = false;
                         if (!error) {
                           socket->FlushNow();
                         }
                       }
                     });
}

bool FramedSocket::HasText(std::size_t bytes_max) const {
  const std::string_view there(buffer_.data() + begin_, end_ - begin_);
  if (there.size() < kHeadBytes || there[kLengthBytes] != static_cast<char>(FrameKind::kText)) {
    return false;
  }
  const std::size_t length = LengthAt(there);
  return length > 0 && length - 1 <= bytes_max && there.size() - kLengthBytes >= length;
}

Result<std::size_t> FramedSocket::ReadSome() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (buffer_.size() > kKeptBytes) {
      buffer_ = std::string();
    }
  }
  if (buffer_.size() - end_ < kReadBytes) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    buffer_.resize(std::max(buffer_.size(), end_ + (2 * kReadBytes)));
  }
  const auto room = std::span(buffer_).subspan(end_);
  const ssize_t count = aio::ReceiveMessage(stream_.native_handle(), room, passed_);
  // After a short message there is nothing more, and asking would be a call for nothing; in the
  // middle of a stream there is, nearly always.
  is_drained_ = count < kShortRead;
  if (count > 0) {
    end_ += static_cast<std::size_t>(count);
    return static_cast<std::size_t>(count);
  }
  const int error = count == 0 ? 0 : errno;
  return count < 0 && IsForLater(error) ? Result<std::size_t>(0) : PeerGone(error);
}

Result<bool> FramedSocket::TakeFrame(Frame& frame) {
  const std::string_view there(buffer_.data() + begin_, end_ - begin_);
  if (there.size() < kHeadBytes) {
    return false;
  }
  const std::size_t length = LengthAt(there);
  const auto kind = static_cast<unsigned char>(there[kLengthBytes]);
  if (length == 0 || length > kFrameBytesMax || kind == 0 ||
      kind > static_cast<unsigned char>(kLastFrameKind)) {
    return Fail(Code::kInvalid, "a frame that makes no sense");
  }
  if (there.size() < kLengthBytes + length) {
    return false;
  }
  frame.kind = static_cast<FrameKind>(kind);
  frame.payload = there.substr(kHeadBytes, length - 1);
  begin_ += kLengthBytes + length;
  // Only this kind brings one; it was sent with the frame's first byte, so it is here already.
  if (frame.kind == FrameKind::kDialled && !passed_.empty()) {
    frame.passed = std::move(passed_.front());
    passed_.pop_front();
  }
  return true;
}

aio::Task<Result<Frame>> FramedSocket::Receive() {
  Frame frame;
  for (;;) {
    auto taken = TakeFrame(frame);
    if (!taken) {
      co_return Fail(std::move(taken).error());
    }
    if (*taken) {
      co_return std::move(frame);
    }
    if (!stream_.is_open()) {
      co_return Closed();
    }
    if (is_drained_) {
      auto [failure] =
          co_await stream_.async_wait(Descriptor::wait_read, asio::as_tuple(asio::use_awaitable));
      if (failure) {
        co_return Closed();
      }
    }
    auto count = ReadSome();
    if (!count) {
      co_return Fail(std::move(count).error());
    }
    if (passed_.size() > kPassedMax) {
      co_return Fail(Code::kInvalid, "descriptors that nobody asked for");
    }
  }
}

}  // namespace paddock::sqlrunner
