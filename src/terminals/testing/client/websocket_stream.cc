#include "terminals/testing/client/websocket_stream.h"

#include <array>
#include <chrono>

#include "terminals/testing/client/sockets.h"

namespace paddock::terminals::testing {
namespace {

constexpr std::uint8_t kBinary = 0x2;
constexpr std::uint8_t kClose = 0x8;
constexpr std::uint8_t kPing = 0x9;
constexpr std::uint8_t kPong = 0xA;
constexpr std::size_t kReadSize = std::size_t{256} << 10U;
constexpr std::chrono::seconds kTimeout{10};

std::uint8_t ByteAt(const std::string& bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

}  // namespace

WebSocketStream::WebSocketStream(UniqueFd fd) : fd_(std::move(fd)), space_(kReadSize) {}

Result<std::unique_ptr<WebSocketStream>> WebSocketStream::Connect(std::uint16_t port,
                                                                  const std::string& target,
                                                                  const std::string& headers) {
  auto fd = ConnectLoopback(port);
  if (!fd) {
    return Fail(std::move(fd).error());
  }
  const std::string request = "GET " + target +
                              " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                              "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Protocol: paddock.terminal.v1\r\n" +
                              headers + "\r\n";
  auto sent = SendAll(fd->get(), request);
  if (!sent) {
    return Fail(std::move(sent).error());
  }
  std::unique_ptr<WebSocketStream> stream(new WebSocketStream(*std::move(fd)));
  const auto deadline = Deadline::After(kTimeout);
  while (stream->buffer_.find("\r\n\r\n") == std::string::npos) {
    auto filled = stream->Fill(stream->buffer_.size() + 1, deadline);
    if (!filled) {
      return Fail(std::move(filled).error());
    }
  }
  if (!stream->buffer_.starts_with("HTTP/1.1 101 ")) {
    return Fail(Code::kDenied, stream->buffer_.substr(0, stream->buffer_.find("\r\n")));
  }
  stream->begin_ = stream->buffer_.find("\r\n\r\n") + 4;
  return stream;
}

/// Makes `count` bytes from begin_ on available.
Result<void> WebSocketStream::Fill(std::size_t count, Deadline deadline) {
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
  } else if (begin_ > kReadSize) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  while (buffer_.size() - begin_ < count) {
    auto got = ReceiveSome(fd_.get(), space_, deadline);
    if (!got) {
      return Fail(std::move(got).error());
    }
    buffer_.append(space_.data(), *got);
  }
  return {};
}

Result<void> WebSocketStream::SendFrame(std::uint8_t opcode, std::string_view payload) {
  constexpr std::array<char, 4> kMask{0x21, 0x43, 0x65, 0x17};
  std::string frame;
  frame += static_cast<char>(0x80U | opcode);
  const std::size_t size = payload.size();
  if (size < 126) {
    frame += static_cast<char>(0x80U | size);
  } else if (size < 65'536) {
    frame += static_cast<char>(0x80U | 126U);
    frame += static_cast<char>(size >> 8U);
    frame += static_cast<char>(size & 0xFFU);
  } else {
    frame += static_cast<char>(0x80U | 127U);
    for (unsigned shift = 64; shift > 0; shift -= 8) {
      frame += static_cast<char>((size >> (shift - 8)) & 0xFFU);
    }
  }
  frame.append(kMask.data(), kMask.size());
  for (std::size_t at = 0; at < size; ++at) {
    frame += static_cast<char>(payload[at] ^ kMask.at(at % 4));
  }
  return SendAll(fd_.get(), frame);
}

Result<void> WebSocketStream::Send(std::string_view message) { return SendFrame(kBinary, message); }

/// The payload is valid until the next Fill().
Result<WebSocketStream::Frame> WebSocketStream::NextFrame(Deadline deadline) {
  auto filled = Fill(2, deadline);
  if (!filled) {
    return Fail(std::move(filled).error());
  }
  const std::uint8_t opcode = ByteAt(buffer_, begin_) & 0xFU;
  std::size_t size = ByteAt(buffer_, begin_ + 1) & 0x7FU;
  const std::size_t length_size = size < 126 ? 0 : (size == 126 ? 2 : 8);
  filled = Fill(2 + length_size, deadline);
  if (!filled) {
    return Fail(std::move(filled).error());
  }
  if (length_size != 0) {
    size = 0;
    for (std::size_t at = 0; at < length_size; ++at) {
      size = (size << 8U) | ByteAt(buffer_, begin_ + 2 + at);
    }
  }
  filled = Fill(2 + length_size + size, deadline);
  if (!filled) {
    return Fail(std::move(filled).error());
  }
  const std::string_view payload = std::string_view(buffer_).substr(begin_ + 2 + length_size, size);
  begin_ += 2 + length_size + size;
  return Frame{.opcode = opcode, .payload = payload};
}

Result<std::string_view> WebSocketStream::Receive(Deadline deadline) {
  while (true) {
    const auto frame = NextFrame(deadline);
    if (!frame) {
      return Fail(frame.error());
    }
    const auto [opcode, payload] = *frame;
    if (opcode == kBinary) {
      return payload;
    }
    if (opcode == kPing) {
      auto sent = SendFrame(kPong, payload);
      if (!sent) {
        return Fail(std::move(sent).error());
      }
    } else if (opcode == kClose) {
      if (payload.size() >= 2) {
        close_code_ = static_cast<std::uint16_t>((static_cast<std::uint8_t>(payload[0]) << 8U) |
                                                 static_cast<std::uint8_t>(payload[1]));
      }
      return Fail(Code::kCancelled, "closed with " + std::to_string(close_code_));
    } else if (opcode != kPong) {
      return Fail(Code::kInvalid, "the server sent a frame that it never sends");
    }
  }
}

}  // namespace paddock::terminals::testing
