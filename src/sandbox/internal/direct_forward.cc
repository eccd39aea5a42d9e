#include "sandbox/internal/direct_forward.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "aio/process.h"
#include "protocol/control.h"
#include "protocol/frame.h"
#include "protocol/wire.h"

namespace paddock::sandbox::internal {

namespace {

using protocol::FrameType;

constexpr protocol::ChannelId kChannel = 1;
constexpr int kPassRights = 83;  // SO_PASSRIGHTS, of Linux 6.16

std::unexpected<Error> Broken() { return Fail(Code::kUnavailable, "the agent broke the protocol"); }

struct OwnedFrame {
  protocol::ChannelId channel = 0;
  FrameType type = FrameType::kHello;
  std::string payload;
};

// Exactly `size` bytes: what comes behind a frame may be the stream already.
aio::Task<Result<std::string>> ReadExactly(int socket, std::size_t size, Deadline deadline) {
  std::string bytes(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    auto readable = co_await aio::WaitReadable(socket, deadline);
    if (!readable) {
      co_return Fail(std::move(readable).error());
    }
    const auto count = recv(socket, bytes.data() + got, size - got, MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
      co_return Fail(Code::kUnavailable, "the agent closed the connection");
    }
    got += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  co_return bytes;
}

aio::Task<Result<OwnedFrame>> ReadFrame(int socket, Deadline deadline) {
  auto header = co_await ReadExactly(socket, protocol::kFrameHeaderBytes, deadline);
  if (!header) {
    co_return Fail(std::move(header).error());
  }
  protocol::WireReader fields(*header);
  const std::size_t size = fields.U32();
  OwnedFrame frame{
      .channel = fields.U32(), .type = static_cast<FrameType>(fields.U8()), .payload = {}};
  if (size > protocol::kPayloadBytesMax) {
    co_return Broken();
  }
  auto payload = co_await ReadExactly(socket, size, deadline);
  if (!payload) {
    co_return Fail(std::move(payload).error());
  }
  frame.payload = *std::move(payload);
  const protocol::Frame view{
      .channel = frame.channel, .type = frame.type, .payload = frame.payload};
  if (!protocol::CheckFrame(view, protocol::Sender::kAgent)) {
    co_return Broken();
  }
  co_return frame;
}

Result<void> CheckGreeting(const OwnedFrame& frame) {
  if (frame.type != FrameType::kHello) {
    return Broken();
  }
  const auto hello = protocol::DecodeHello(frame.payload);
  return hello && hello->version == protocol::kVersion ? Result<void>() : Broken();
}

Result<void> CheckReady(const OwnedFrame& frame) {
  const bool has_ready = frame.type == FrameType::kReady && frame.channel == kChannel;
  if (has_ready && frame.payload.empty()) {
    return {};
  }
  if (frame.type == FrameType::kError && frame.channel == kChannel) {
    auto error = protocol::DecodeError(frame.payload);
    if (error) {
      return Fail(*std::move(error));
    }
  }
  return Broken();
}

}  // namespace

bool RefusesDescriptors(int socket) {
  int passes = 1;
  socklen_t size = sizeof passes;
  return getsockopt(socket, SOL_SOCKET, kPassRights, &passes, &size) == 0 && passes == 0;
}

aio::Task<Result<UniqueFd>> OpenDirectForward(UniqueFd stream,
                                              protocol::ForwardRequest request,
                                              Deadline deadline) {
  if (!RefusesDescriptors(stream.get())) {
    co_return Fail(Code::kExhausted, "the connection to the agent takes descriptors");
  }
  std::string asked;
  const protocol::Hello hello{.software = "paddock-server"};
  protocol::AppendHello(asked, hello);
  const protocol::Open open{.credit = 0, .request = std::move(request)};
  auto appended = protocol::AppendOpen(asked, kChannel, open);
  if (!appended) {
    co_return Fail(std::move(appended).error());
  }
  // A new socket has room for it.
  const auto sent = send(stream.get(), asked.data(), asked.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  auto greeting = co_await ReadFrame(stream.get(), deadline);
  const bool is_turned_away = !greeting && greeting.error().code == Code::kUnavailable;
  if (is_turned_away || sent != static_cast<ssize_t>(asked.size())) {
    co_return Fail(Code::kExhausted, "the agent takes no more connections");
  }
  if (!greeting) {
    co_return Fail(std::move(greeting).error());
  }
  auto greeted = CheckGreeting(*greeting);
  if (!greeted) {
    co_return Fail(std::move(greeted).error());
  }
  auto answer = co_await ReadFrame(stream.get(), deadline);
  if (!answer) {
    co_return Fail(std::move(answer).error());
  }
  auto ready = CheckReady(*answer);
  if (!ready) {
    co_return Fail(std::move(ready).error());
  }
  co_return stream;
}

}  // namespace paddock::sandbox::internal
