// AgentConnection, the writing half: credit, the outbox, and what the socket takes at once.

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <boost/asio/post.hpp>

#include "base/check.h"
#include "sandbox/internal/agent_connection.h"

namespace paddock::sandbox::internal {
namespace asio = boost::asio;
using protocol::FrameType;

namespace {

// An outbox that has been large is given back to the allocator when it has drained.
constexpr std::size_t kOutboxBytesKept = 16'384;
// DATA and OPEN stop at kOutboxBytesHigh, each at most one frame late; the rest are control frames.
constexpr std::size_t kOutboxBytesMax =
    protocol::kOutboxBytesHigh + 2 * protocol::kFrameBytesMax + protocol::kControlBytesMax;

}  // namespace

void AgentConnection::Consumed(AgentChannel& channel, std::size_t count) {
  channel.consumed_ += static_cast<std::uint32_t>(count);
  if (failure_ || channel.data_ended() || channel.abandoned_ ||
      channel.consumed_ < channel.credit_step_) {
    return;
  }
  const auto credit = std::exchange(channel.consumed_, 0U);
  channel.receive_credit_ += credit;
  char payload[sizeof(credit)];
  for (std::size_t i = 0; i < sizeof(payload); ++i) {
    payload[i] = static_cast<char>((credit >> (24U - 8U * i)) & 0xffU);
  }
  SendFrame(channel.id_, FrameType::kWindow, std::string_view(payload, sizeof(payload)));
}

std::size_t AgentConnection::SendableBytes(const AgentChannel& channel) const {
  if (failure_ || channel.ended() || outbox_full()) {
    return 0;
  }
  return std::min<std::size_t>(channel.send_credit_, protocol::kPayloadBytesMax);
}

void AgentConnection::SendData(AgentChannel& channel, std::string_view bytes) {
  PADDOCK_CHECK(bytes.size() <= channel.send_credit_ && channel.rules_.takes_data &&
                !channel.own_data_ended_);
  channel.send_credit_ -= static_cast<std::uint32_t>(bytes.size());
  SendFrame(channel.id_, FrameType::kData, bytes);
}

void AgentConnection::SendDataEnd(AgentChannel& channel) {
  if (!failure_ && !channel.ended() && !std::exchange(channel.own_data_ended_, true)) {
    SendFrame(channel.id_, FrameType::kDataEnd, {});
  }
}

void AgentConnection::SendFrame(protocol::ChannelId channel,
                                FrameType type,
                                std::string_view payload) {
  if (failure_ || write_broken_) {
    return;
  }
  char header[protocol::kFrameHeaderBytes];
  protocol::StoreFrameHeader(header, channel, type, payload.size());
  std::size_t sent = 0;
  if (corks_ == 0 && outbox_.empty()) {
    iovec parts[] = {{header, sizeof(header)},
                     {const_cast<char*>(payload.data()), payload.size()}};  // only read
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const auto count = sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
      OnWriteBroken();
      return;
    }
    sent = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }
  if (sent < sizeof(header)) {
    outbox_.append(header + sent, sizeof(header) - sent);
    outbox_.append(payload);
  } else {
    outbox_.append(payload.substr(sent - sizeof(header)));
  }
  if (outbox_.size() - outbox_begin_ > kOutboxBytesMax) {
    Fail({.code = Code::kUnavailable, .message = "the agent does not read"});
  } else if (corks_ == 0 && !outbox_.empty()) {
    AwaitWritable();
  }
}

void AgentConnection::Flush() {
  const bool was_full = outbox_full();
  while (!failure_ && !write_broken_ && !awaiting_writable_ && outbox_begin_ < outbox_.size()) {
    const auto count = send(socket_.native_handle(), outbox_.data() + outbox_begin_,
                            outbox_.size() - outbox_begin_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EAGAIN || errno == EINTR) {
        AwaitWritable();
      } else {
        OnWriteBroken();
      }
      return;
    }
    outbox_begin_ += static_cast<std::size_t>(count);
  }
  if (outbox_begin_ == outbox_.size() && outbox_begin_ > 0) {
    outbox_.clear();
    outbox_begin_ = 0;
    if (outbox_.capacity() > kOutboxBytesKept) {
      outbox_ = std::string();
    }
  } else if (outbox_begin_ > protocol::kOutboxBytesHigh) {
    outbox_.erase(0, outbox_begin_);
    outbox_begin_ = 0;
  }
  if (was_full && !outbox_full()) {
    WakeSenders();
  }
}

void AgentConnection::AwaitWritable() {
  if (std::exchange(awaiting_writable_, true)) {
    return;
  }
  socket_.async_wait(Socket::wait_write,
                     [weak = weak_from_this()](const boost::system::error_code& error) {
                       const auto self = weak.lock();
                       if (!self || error) {
                         return;
                       }
                       self->awaiting_writable_ = false;
                       self->Flush();
                     });
}

// Those who wait for room in the outbox look again, and wait on if need be.
void AgentConnection::WakeSenders() {
  const Cork cork(*this);
  const auto channels = channels_;  // OnChange may open or end some
  for (const auto& [id, channel] : channels) {
    channel->sendable_.Notify();
    if (!channel->abandoned_) {
      channel->OnChange();
    }
  }
}

// The agent reads no more. What it wrote before is still worth reading: usually why, or its end.
void AgentConnection::OnWriteBroken() {
  write_broken_ = true;
  outbox_.clear();
  outbox_begin_ = 0;
  asio::post(executor_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->ReadRest();
    }
  });
}

}  // namespace paddock::sandbox::internal
