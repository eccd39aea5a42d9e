#include "sandbox/internal/agent_connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "sandbox/internal/direct_forward.h"

namespace paddock::sandbox::internal {
namespace asio = boost::asio;
using protocol::Frame;
using protocol::FrameType;

namespace {

// Reads before other work of the loop has its turn: half a megabyte of bulk data.
constexpr int kReadsPerWake = 4;
// Enough for all that a socket's buffer holds; an agent that goes on writing is not waited for.
constexpr int kReadsOfRest = 16;

Error Unavailable(std::string message) {
  return {.code = Code::kUnavailable, .message = std::move(message)};
}

}  // namespace

AgentConnection::AgentConnection(const Executor& executor, UniqueFd stream)
    : executor_(executor),
      socket_(executor),
      reader_(protocol::Sender::kAgent),
      greeted_(executor) {
  boost::system::error_code error;
  socket_.assign(asio::local::stream_protocol(), stream.get(), error);
  if (error) {
    failure_ = Unavailable("the agent's stream: " + error.message());
    return;
  }
  refuses_descriptors_ = RefusesDescriptors(stream.get());
  static_cast<void>(stream.Release());
}

AgentConnection::~AgentConnection() = default;

aio::Task<Result<void>> AgentConnection::Start(Deadline deadline) {
  if (!failure_) {
    std::string frame;
    const protocol::Hello hello{.software = "paddock-server"};
    protocol::AppendHello(frame, hello);
    outbox_ += frame;
    Flush();
    AwaitReadable();
  }
  while (!failure_ && !hello_) {
    const auto wake = co_await greeted_.Wait(deadline);
    if (wake == Wake::kWoken || hello_ || failure_) {
      continue;
    }
    Fail(Unavailable("the agent did not greet"));
    if (wake == Wake::kDeadline) {
      co_return paddock::Fail(Code::kDeadlineExceeded, "the agent did not greet");
    }
    co_return paddock::Fail(Code::kCancelled, "cancelled");
  }
  if (failure_) {
    co_return paddock::Fail(*failure_);
  }
  co_return Result<void>();
}

Result<ChannelHandle> AgentConnection::Open(std::shared_ptr<AgentChannel> channel,
                                            protocol::Request request) {
  if (failure_) {
    return paddock::Fail(*failure_);
  }
  if (next_id_ == 0) {
    return paddock::Fail(Code::kUnavailable, "this connection has used all its channels");
  }
  if (channels_.size() >= static_cast<std::size_t>(protocol::kChannelCountMax)) {
    return paddock::Fail(Code::kExhausted, "too many calls to this sandbox are under way");
  }
  if (outbox_full()) {
    return paddock::Fail(Code::kExhausted, "the agent is behind with what it was sent");
  }
  const Cork cork(*this);
  const protocol::Open open{.credit = channel->receive_credit_, .request = std::move(request)};
  auto appended = protocol::AppendOpen(outbox_, next_id_, open);
  if (!appended) {
    return paddock::Fail(std::move(appended).error());
  }
  channel->id_ = next_id_++;
  channels_.emplace(channel->id_, channel);
  return ChannelHandle(shared_from_this(), std::move(channel));
}

void AgentConnection::Fail(Error error) {
  if (failure_) {
    return;
  }
  error.code = Code::kUnavailable;
  failure_ = std::move(error);
  boost::system::error_code ignored;
  socket_.close(ignored);
  outbox_.clear();
  outbox_begin_ = 0;
  const auto channels = std::exchange(channels_, {});
  for (const auto& [id, channel] : channels) {
    channel->end_ = paddock::Fail(*failure_);
    channel->changed_.Notify();
    channel->sendable_.Notify();
    channel->OnChange();
  }
  greeted_.Notify();
}

void AgentConnection::Reject(Error error) {
  if (!failure_) {
    protocol::AppendGoAway(outbox_, error);
    Flush();
    Fail(std::move(error).With("the agent broke the protocol"));
  }
}

void AgentConnection::AwaitReadable() {
  socket_.async_wait(Socket::wait_read,
                     [weak = weak_from_this()](const boost::system::error_code& error) {
                       const auto self = weak.lock();
                       if (self && !error) {
                         self->OnReadable();
                       }
                     });
}

void AgentConnection::OnReadable() {
  for (int i = 0; i < kReadsPerWake && !failure_; ++i) {
    const auto space = reader_.Space();
    const auto count = recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
    if (count == 0) {
      Fail(Unavailable("the agent closed the connection"));
      return;
    }
    if (count < 0) {
      if (errno != EAGAIN && errno != EINTR) {
        Fail(Unavailable(std::string("read from the agent: ") + std::strerror(errno)));
        return;
      }
      break;
    }
    const auto size = static_cast<std::size_t>(count);
    reader_.Commit(size);
    TakeFrames();
    if (size < space.size()) {
      break;  // the socket is empty; if not, the next wait returns at once
    }
  }
  if (!failure_) {
    AwaitReadable();
  }
}

// The agent takes no more from us: whatever it says first, the connection ends.
void AgentConnection::ReadRest() {
  bool more = !failure_;
  for (int i = 0; more && i < kReadsOfRest; ++i) {
    const auto space = reader_.Space();
    const auto count = recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
    if (count > 0) {
      reader_.Commit(static_cast<std::size_t>(count));
      TakeFrames();
    }
    more = count > 0 && !failure_;
  }
  Fail(Unavailable("the agent closed the connection"));
}

void AgentConnection::TakeFrames() {
  const Cork cork(*this);
  while (!failure_) {
    const auto frame = reader_.Next();
    if (!frame) {
      Reject(frame.error());
      return;
    }
    if (!*frame) {
      return;
    }
    auto handled = OnFrame(**frame);
    if (!handled) {
      Reject(std::move(handled).error());
      return;
    }
  }
}

Result<void> AgentConnection::OnFrame(const Frame& frame) {
  if (frame.channel == protocol::kConnectionChannel) {
    return OnConnectionFrame(frame);
  }
  if (!hello_) {
    return paddock::Fail(Code::kInvalid, "a frame before HELLO");
  }
  const auto found = channels_.find(frame.channel);
  if (found == channels_.end()) {
    return paddock::Fail(Code::kInvalid, "a frame for channel " + std::to_string(frame.channel) +
                                             ", which is not open");
  }
  // Its own reference: the handlers below may end the channel or the whole connection.
  const auto channel = found->second;
  return OnChannelFrame(*channel, frame);
}

Result<void> AgentConnection::OnConnectionFrame(const Frame& frame) {
  if (frame.type == FrameType::kGoAway) {
    auto error = protocol::DecodeError(frame.payload);
    if (!error) {
      return paddock::Fail(std::move(error).error());
    }
    Fail(std::move(*error).With("the agent left"));
    return {};
  }
  if (hello_) {
    return paddock::Fail(Code::kInvalid, "a second HELLO");
  }
  auto hello = protocol::DecodeHello(frame.payload);
  if (!hello) {
    return paddock::Fail(std::move(hello).error());
  }
  if (hello->version != protocol::kVersion) {
    return paddock::Fail(Code::kInvalid, "it speaks version " + std::to_string(hello->version));
  }
  hello_ = *std::move(hello);
  greeted_.Notify();
  return {};
}

Result<void> AgentConnection::OnChannelFrame(AgentChannel& channel, const Frame& frame) {
  Result<void> handled;
  switch (frame.type) {
    case FrameType::kWindow: handled = OnWindow(channel, frame.payload); break;
    case FrameType::kData:
    case FrameType::kErrorData: handled = OnChannelData(channel, frame); break;
    case FrameType::kDataEnd:
      if (!channel.rules_.data || channel.data_ended_) {
        return paddock::Fail(Code::kInvalid, "DATA_END out of place");
      }
      channel.data_ended_ = true;
      break;
    case FrameType::kReady:
      if (!channel.rules_.ready || channel.ready_) {
        return paddock::Fail(Code::kInvalid, "READY out of place");
      }
      channel.ready_ = frame.payload;
      break;
    default: handled = OnChannelEnd(channel, frame); break;  // RESULT or ERROR: see CheckFrame
  }
  if (handled && !channel.abandoned_) {
    // Whoever takes at once is not read from piece by piece: one wake, at the end.
    if (channel.ended() || !channel.TakesAtOnce()) {
      channel.changed_.Notify();
    }
    channel.OnChange();
  }
  return handled;
}

Result<void> AgentConnection::OnWindow(AgentChannel& channel, std::string_view payload) {
  const auto credit = protocol::DecodeWindow(payload);
  if (!credit) {
    return paddock::Fail(credit.error());
  }
  if (*credit > protocol::kCreditMax - channel.send_credit_) {
    return paddock::Fail(Code::kInvalid, "more credit than there may be");
  }
  channel.send_credit_ += *credit;
  channel.sendable_.Notify();
  return {};
}

Result<void> AgentConnection::OnChannelData(AgentChannel& channel, const Frame& frame) {
  const bool is_error = frame.type == FrameType::kErrorData;
  const bool allowed = is_error ? channel.rules_.error_data : channel.rules_.data;
  if (!allowed || channel.data_ended_ || (channel.rules_.ready && !channel.ready_)) {
    return paddock::Fail(Code::kInvalid, "data out of place");
  }
  if (frame.payload.size() > channel.receive_credit_) {
    return paddock::Fail(Code::kInvalid, "data without credit");
  }
  channel.receive_credit_ -= static_cast<std::uint32_t>(frame.payload.size());
  if (channel.abandoned_) {
    return {};
  }
  auto taken = channel.OnData(frame.payload, is_error);
  if (taken && channel.TakesAtOnce()) {
    Consumed(channel, frame.payload.size());
  }
  return taken;
}

Result<void> AgentConnection::OnChannelEnd(AgentChannel& channel, const Frame& frame) {
  if (frame.type == FrameType::kError) {
    auto error = protocol::DecodeError(frame.payload);
    if (!error) {
      return paddock::Fail(std::move(error).error());
    }
    channel.end_ = paddock::Fail(*std::move(error));
  } else {
    if (channel.rules_.ready && !channel.ready_ && !channel.abandoned_) {
      return paddock::Fail(Code::kInvalid, "RESULT before READY");
    }
    channel.end_ = std::string(frame.payload);
  }
  channel.sendable_.Notify();
  channels_.erase(channel.id_);
  return {};
}

void AgentConnection::Abandon(AgentChannel& channel) {
  channel.abandoned_ = true;
  if (!failure_ && !channel.ended()) {
    SendFrame(channel.id_, FrameType::kClose, {});
  }
}

}  // namespace paddock::sandbox::internal
