#include "sandbox/internal/agent_channel.h"

#include <algorithm>

#include "sandbox/internal/agent_connection.h"

namespace paddock::sandbox::internal {
namespace {

Result<void> ResultOf(Wake wake) {
  switch (wake) {
    case Wake::kWoken: break;
    case Wake::kDeadline: return Fail(Code::kDeadlineExceeded, "deadline passed");
    case Wake::kCancelled: return Fail(Code::kCancelled, "cancelled");
  }
  return {};
}

}  // namespace

ChannelHandle& ChannelHandle::operator=(ChannelHandle&& other) noexcept {
  if (this != &other) {
    Drop();
    connection_ = std::move(other.connection_);
    channel_ = std::move(other.channel_);
  }
  return *this;
}

void ChannelHandle::Close() {
  if (channel_ != nullptr && !channel_->abandoned_) {
    connection_->Abandon(*channel_);
  }
}

aio::Task<Result<void>> ChannelHandle::AwaitChange(Deadline deadline) {
  const auto wake = co_await channel_->changed_.Wait(deadline);
  co_return ResultOf(wake);
}

aio::Task<Result<std::string>> ChannelHandle::AwaitReady(Deadline deadline) {
  while (!channel_->ready() && !channel_->ended()) {
    auto changed = co_await AwaitChange(deadline);
    if (!changed && !channel_->ready() && !channel_->ended()) {
      co_return Fail(std::move(changed).error());
    }
  }
  if (channel_->ready()) {
    co_return channel_->ready_payload();
  }
  co_return Fail(channel_->end().error());  // a RESULT before READY ends the connection
}

aio::Task<Result<std::string>> ChannelHandle::AwaitEnd(Deadline deadline) {
  while (!channel_->ended()) {
    auto changed = co_await AwaitChange(deadline);
    if (!changed && !channel_->ended()) {
      co_return Fail(std::move(changed).error());
    }
  }
  co_return channel_->end();
}

aio::Task<Result<void>> ChannelHandle::AwaitSendable(std::size_t bytes_min, Deadline deadline) {
  while (!channel_->ended() && connection_->SendableBytes(*channel_) < bytes_min) {
    const auto wake = co_await channel_->sendable_.Wait(deadline);
    auto waited = ResultOf(wake);
    if (!waited) {
      co_return waited;
    }
  }
  co_return Result<void>();
}

aio::Task<Result<void>> ChannelHandle::Send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    auto sendable = co_await AwaitSendable(1, deadline);
    if (!sendable || channel_->ended()) {
      co_return sendable;
    }
    const auto piece = bytes.substr(0, connection_->SendableBytes(*channel_));
    connection_->SendData(*channel_, piece);
    bytes.remove_prefix(piece.size());
  }
  co_return Result<void>();
}

aio::Task<Result<void>> ChannelHandle::SendWhole(std::string_view message, Deadline deadline) {
  auto sendable = co_await AwaitSendable(message.size(), deadline);
  if (sendable && !channel_->ended()) {
    connection_->SendData(*channel_, message);
  }
  co_return sendable;
}

void ChannelHandle::SendEnd() { connection_->SendDataEnd(*channel_); }

void ChannelHandle::SendSignal(protocol::Signal signal) {
  if (!channel_->ended() && !channel_->abandoned_) {
    const char payload[] = {static_cast<char>(signal.signal), static_cast<char>(signal.scope)};
    connection_->SendFrame(channel_->id(), protocol::FrameType::kSignal,
                           std::string_view(payload, sizeof(payload)));
  }
}

}  // namespace paddock::sandbox::internal
