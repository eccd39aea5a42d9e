#include "sqlrunner/link_channel.h"

#include <utility>

#include <fmt/format.h>

namespace paddock::sqlrunner {
namespace {

constexpr std::size_t kDialsMax = 16;  // at once, of one conversation

}  // namespace

aio::Task<Result<std::string>> LinkChannel::Receive() {
  for (;;) {
    auto frame = co_await socket_.Receive();
    if (!frame) {
      co_return Fail(std::move(frame).error());
    }
    if (frame->kind == FrameKind::kText) {
      co_return std::move(frame->payload);
    }
    auto taken = TakeAnswer(*std::move(frame));
    if (!taken) {
      co_return Fail(std::move(taken).error());
    }
  }
}

Result<void> LinkChannel::TakeAnswer(Frame frame) {
  if (frame.kind != FrameKind::kDialled && frame.kind != FrameKind::kRefused) {
    return Fail(Code::kInvalid, "a frame that a server does not send");
  }
  auto answer = DecodeDialAnswer(frame.payload);
  if (!answer) {
    return Fail(std::move(answer).error());
  }
  const auto dial = dials_.find(answer->number);
  if (dial == dials_.end()) {
    return {};  // whoever asked has given up
  }
  if (answer->refusal) {
    dial->second = Fail(*std::move(answer->refusal));
  } else if (answer->address || frame.passed) {
    dial->second =
        Dialled{.socket = std::move(frame.passed), .address = std::move(answer->address)};
  } else {
    dial->second = Fail(Code::kUnavailable, "the connection did not come along");
  }
  answered_.NotifyAll();
  return {};
}

aio::Task<Result<void>> LinkChannel::Send(std::string_view message) {
  auto sent = co_await socket_.Send(FrameKind::kText, message);
  co_return sent;
}

aio::Task<Result<void>> LinkChannel::Gather(std::string_view message) {
  auto gathered = co_await socket_.Gather(FrameKind::kText, message);
  co_return gathered;
}

aio::Task<Result<void>> LinkChannel::SayEnd(std::uint16_t close_code) {
  const std::string code = fmt::format("{}", close_code);
  auto sent = co_await socket_.Send(FrameKind::kEnd, code);
  co_return sent;
}

aio::Task<Result<Dialled>> LinkChannel::Dial(DialRequest request, Deadline deadline) {
  if (dials_.size() >= kDialsMax) {
    co_return Fail(Code::kExhausted, "too many connections are being made at once");
  }
  request.number = next_number_++;
  const auto dial = dials_.emplace(request.number, std::nullopt).first;
  const std::string payload = EncodeDialRequest(request);
  auto outcome = co_await socket_.Send(FrameKind::kDial, payload);
  while (outcome && !dial->second) {
    if (is_closed_) {
      outcome = Fail(Code::kCancelled, "closed");
      break;
    }
    outcome = co_await answered_.Wait(deadline);
  }
  Answer answer = std::move(dial->second);
  dials_.erase(dial);
  if (answer) {
    co_return *std::move(answer);
  }
  co_return Fail(std::move(outcome).error());
}

void LinkChannel::Close() {
  is_closed_ = true;
  socket_.Close();
  answered_.NotifyAll();
}

}  // namespace paddock::sqlrunner
