#include "gateway/websocket_session.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/check.h"
#include "base/utf8.h"

namespace paddock::gateway {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kCloseReasonMax = 123;
constexpr std::size_t kKeptBufferMax = 4U << 10U;
constexpr int kMessagesPerTurn = 64;    // then others have a turn
constexpr int kControlFramesMax = 100;  // within the window; one ping a second would be many
constexpr std::chrono::seconds kControlWindow{10};

std::unexpected<Error> Closed() { return Fail(Code::kCancelled, "the WebSocket is closed"); }

std::string ClosePayload(std::uint16_t code, std::string_view reason) {
  std::size_t length = std::min(reason.size(), kCloseReasonMax);
  while (length > 0 && !IsValidUtf8(reason.substr(0, length))) {
    --length;  // not in the middle of a character
  }
  std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
  payload += reason.substr(0, length);
  return payload;
}

}  // namespace

WebSocketSession::WebSocketSession(ServerContext& context,
                                   Transport& transport,
                                   aio::TaskScope& scope,
                                   std::size_t message_bytes_max,
                                   std::string pending)
    : context_(context),
      transport_(transport),
      scope_(scope),
      decoder_(message_bytes_max),
      pending_(std::move(pending)),
      turn_changed_(context.executor, asio::steady_timer::time_point::max()),
      heard_at_(context.now),
      pinged_at_(context.now),
      control_window_start_(context.now) {}

std::size_t WebSocketSession::BufferedBytes() const { return transport_.UnsentBytes(); }

// Frames must not be mixed, so each send takes a number and waits for its turn.
aio::Task<Result<void>> WebSocketSession::SendPieces(std::span<iovec> pieces, bool is_close) {
  const std::uint64_t turn = next_turn_++;
  while (current_turn_ != turn) {
    co_await turn_changed_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  Result<void> sent;
  if (broken_ || (close_sent_ && !is_close)) {
    sent = Closed();
  } else {
    sent = co_await transport_.Write(pieces);
    // Cut in the middle of a frame: nothing that follows could be understood.
    broken_ = broken_ || !sent;
  }
  ++current_turn_;
  turn_changed_.cancel();
  co_return sent;
}

aio::Task<Result<void>> WebSocketSession::SendFrame(Opcode opcode,
                                                    std::string_view head,
                                                    std::string_view payload) {
  std::array<char, kFrameHeadMax> frame_head{};
  const std::size_t length = EncodeFrameHead(opcode, head.size() + payload.size(), frame_head);
  std::array<iovec, 3> pieces{Piece(std::string_view(frame_head.data(), length)), Piece(head),
                              Piece(payload)};
  auto sent = co_await SendPieces(pieces, opcode == Opcode::kClose);
  co_return sent;
}

aio::Task<Result<void>> WebSocketSession::SendAll(std::span<const std::string> texts) {
  std::string frames;
  for (const std::string& text : texts) {
    std::array<char, kFrameHeadMax> frame_head{};
    const std::size_t length = EncodeFrameHead(Opcode::kText, text.size(), frame_head);
    frames.append(frame_head.data(), length);
    if (texts.size() > 1) {
      frames += text;
    }
  }
  // One alone may be large, and is not copied.
  std::array<iovec, 2> pieces{Piece(std::string_view(frames)), iovec{}};
  if (texts.size() == 1) {
    pieces.back() = Piece(std::string_view(texts.front()));
  }
  auto sent = co_await SendPieces(pieces, false);
  co_return sent;
}

aio::Task<Result<void>> WebSocketSession::Send(MessageKind kind,
                                               std::string_view head,
                                               std::string_view payload) {
  const Opcode opcode = kind == MessageKind::kText ? Opcode::kText : Opcode::kBinary;
  auto sent = co_await SendFrame(opcode, head, payload);
  co_return sent;
}

aio::Task<void> WebSocketSession::SendControl(Opcode opcode, std::string payload) {
  // What goes wrong shows in the next Receive or Send.
  std::ignore = co_await SendFrame(opcode, payload, {});
  (opcode == Opcode::kPong ? pong_queued_ : ping_queued_) = false;
}

aio::Task<void> WebSocketSession::Close(std::uint16_t code, std::string reason) {
  if (close_sent_ || broken_) {
    co_return;
  }
  const std::string payload = ClosePayload(code, reason);
  close_sent_ = true;
  std::ignore = co_await SendFrame(Opcode::kClose, payload, {});
}

bool WebSocketSession::CountControlFrame() {
  if (context_.now - control_window_start_ > kControlWindow) {
    control_window_start_ = context_.now;
    control_count_ = 0;
  }
  return ++control_count_ <= kControlFramesMax;
}

aio::Task<bool> WebSocketSession::OnControl(FrameDecoder::Event event) {
  using Event = FrameDecoder::Event;
  if (event == Event::kError) {
    co_await Close(decoder_.close_code(), "");
    broken_ = true;
    co_return false;
  }
  if (event == Event::kClose) {
    close_received_ = true;
    const bool has_code = decoder_.control_payload().size() >= 2;
    co_await Close(has_code ? decoder_.close_code() : close_code::kNormal, "");
    co_return false;
  }
  if (!CountControlFrame()) {
    co_await Close(close_code::kPolicy, "too many control frames");
    broken_ = true;
    co_return false;
  }
  // One answer at a time: RFC 6455 lets a server skip pings that came while it was answering.
  if (event == Event::kPing && !pong_queued_ && !close_sent_) {
    pong_queued_ = true;
    scope_.Spawn(SendControl(Opcode::kPong, std::string(decoder_.control_payload())));
  }
  co_return true;
}

/// An idle session keeps no buffer.
bool WebSocketSession::IsPendingEmpty() {
  if (pending_at_ < pending_.size()) {
    return false;
  }
  pending_at_ = 0;
  pending_.clear();
  if (pending_.capacity() > kKeptBufferMax) {
    pending_ = {};
  }
  return true;
}

// By an offset: thousands of small messages come in one piece, and what is left of it must not be
// moved for each of them.
FrameDecoder::Event WebSocketSession::DecodePending() {
  auto bytes = std::string_view(pending_).substr(pending_at_);
  const FrameDecoder::Event event = decoder_.Decode(bytes);
  pending_at_ = pending_.size() - bytes.size();
  return event;
}

aio::Task<Result<Message>> WebSocketSession::Receive() {
  PADDOCK_CHECK(!receiving_);
  if (broken_ || close_received_) {
    co_return Closed();
  }
  receiving_ = true;
  for (;;) {
    if (IsPendingEmpty()) {
      auto read = co_await transport_.Read(context_.scratch);
      if (!read || *read == 0) {
        // A cancelled task may still say goodbye; a broken connection shows when it tries.
        broken_ = broken_ || read.has_value();
        break;
      }
      heard_at_ = context_.now;
      messages_in_turn_ = 0;
      // Out of the shared scratch before anything else can run.
      pending_.assign(context_.scratch.data(), *read);
    } else if (messages_in_turn_ >= kMessagesPerTurn) {
      messages_in_turn_ = 0;
      co_await transport_.Yield();
    }
    const FrameDecoder::Event event = DecodePending();
    if (event == FrameDecoder::Event::kNone) {
      continue;
    }
    if (event == FrameDecoder::Event::kMessage) {
      Message message = decoder_.TakeMessage();
      ++messages_in_turn_;
      if (close_sent_) {
        continue;
      }
      receiving_ = false;
      co_return message;
    }
    const bool goes_on = co_await OnControl(event);
    if (!goes_on) {
      break;
    }
  }
  receiving_ = false;
  const bool peer_is_at_fault = broken_ && close_sent_;
  co_return Fail(peer_is_at_fault ? Code::kInvalid : Code::kCancelled, "the WebSocket is closed");
}

aio::Task<void> WebSocketSession::Finish() {
  co_await Close(close_code::kNormal, "");
  while (!broken_ && !close_received_) {
    auto message = co_await Receive();
    if (!message) {
      break;
    }
  }
}

void WebSocketSession::Sweep() {
  const Limits& limits = context_.config.limits;
  if (context_.now - heard_at_ > limits.silence_max) {
    context_.metrics.timeouts_total.Add();
    broken_ = true;
    transport_.Cancel();
    return;
  }
  if (context_.now - pinged_at_ > limits.ping_interval && !close_sent_ && !ping_queued_) {
    pinged_at_ = context_.now;
    ping_queued_ = true;
    scope_.Spawn(SendControl(Opcode::kPing, ""));
  }
}

}  // namespace paddock::gateway
