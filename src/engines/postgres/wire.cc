#include "engines/postgres/wire.h"

#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "engines/door/waiting.h"
#include "engines/postgres/messages.h"

namespace paddock::engines::postgres {
namespace {

constexpr ssize_t kShortRead = 4'096;
constexpr std::size_t kBufferSize = std::size_t{64} * 1024;
constexpr std::size_t kHeaderSize = 5;

std::size_t LengthOf(std::string_view header) {
  std::size_t length = 0;
  for (const char c : header.substr(1, 4)) {
    length = length << 8U | static_cast<std::uint8_t>(c);
  }
  return length;
}

bool MaySkip(char type) { return type == 'D' || type == 'd'; }

}  // namespace

Wire::Wire(const boost::asio::any_io_executor& executor, UniqueFd socket)
    : socket_(executor), buffer_(kBufferSize) {
  boost::system::error_code failure;
  socket_.assign(socket.get(), failure);
  if (!failure) {
    [[maybe_unused]] const int adopted = socket.Release();
  }
}

Wire::~Wire() {
  if (socket_.is_open()) {
    const std::string goodbye = TerminateMessage();
    send(socket_.native_handle(), goodbye.data(), goodbye.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
}

void Wire::Close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

aio::Task<Result<void>> Wire::Send(std::string bytes, Deadline deadline) {
  auto sent = co_await SendAll(socket_, std::move(bytes), deadline);
  if (!sent && sent.error().code != Code::kUnavailable) {
    Close();
  }
  // What the server said last may still be there to be read, and says why it is gone.
  co_return sent;
}

Result<std::optional<Message>> Wire::Broken(std::string_view why) {
  Close();
  return Fail(Code::kUnavailable, fmt::format("the database broke its protocol: {}", why));
}

// True when all of it is gone.
bool Wire::Skip() {
  const std::size_t step = std::min(skip_, end_ - begin_);
  begin_ += step;
  skip_ -= step;
  return skip_ == 0;
}

Result<std::optional<Message>> Wire::Next() {
  if (skipped_type_ != '\0') {
    if (!Skip()) {
      return std::nullopt;
    }
    return Message{.type = std::exchange(skipped_type_, '\0'), .body = {}, .is_too_large = true};
  }
  const std::string_view here = unread();
  if (here.size() < kHeaderSize) {
    wanted_ = kHeaderSize;
    return std::nullopt;
  }
  const std::size_t length = LengthOf(here);
  if (length < kHeaderSize - 1) {
    return Broken("a message without a length");
  }
  const std::size_t size = length + 1;
  if (size > kMessageBytesMax) {
    if (!MaySkip(here.front())) {
      return Broken("a message that is too long");
    }
    skipped_type_ = here.front();
    skip_ = size;
    return Next();
  }
  if (here.size() < size) {
    wanted_ = size;
    return std::nullopt;
  }
  begin_ += size;
  return Message{.type = here.front(), .body = here.substr(kHeaderSize, size - kHeaderSize)};
}

// Doubles what is too small, so that a length that is only claimed costs nothing.
void Wire::MakeRoom() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (buffer_.size() > kBufferSize && skipped_type_ == '\0' && wanted_ <= kBufferSize) {
      buffer_.resize(kBufferSize);
      buffer_.shrink_to_fit();
    }
  }
  if (begin_ > 0 && buffer_.size() - end_ < kBufferSize / 2) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    buffer_.resize(std::min(buffer_.size() * 2, kMessageBytesMax));
  }
}

aio::Task<Result<void>> Wire::Fill(Deadline deadline) {
  while (socket_.is_open()) {
    if (is_drained_) {
      auto readable = co_await WaitFor(socket_, kReadable, deadline);
      if (!readable) {
        co_return readable;
      }
    }
    MakeRoom();
    const std::size_t room = buffer_.size() - end_;
    const ssize_t count = recv(socket_.native_handle(), buffer_.data() + end_, room, MSG_DONTWAIT);
    // After a short answer there is nothing more; in a long one there is, nearly always.
    is_drained_ = count < kShortRead;
    if (count > 0) {
      end_ += static_cast<std::size_t>(count);
      co_return Result<void>();
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
      break;
    }
  }
  Close();
  co_return Fail(Code::kUnavailable, "the connection to the database was lost");
}

}  // namespace paddock::engines::postgres
