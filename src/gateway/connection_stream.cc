// The part of Connection whose answers go on for long: downloads, events and WebSockets.

#include <array>
#include <string>
#include <tuple>

#include <fmt/format.h>

#include "gateway/connection.h"
#include "gateway/websocket_handshake.h"

namespace paddock::gateway {
namespace {

constexpr std::chrono::seconds kCloseTime{5};

}  // namespace

aio::Task<bool> Connection::SendStream(StreamBody& stream, bool chunked) {
  std::uint64_t remaining = stream.size.value_or(0);
  waited_ = {};
  waited_bytes_ = transport_.moved_bytes();
  for (;;) {
    const auto deadline = Deadline::After(context_.config.limits.progress_time_max);
    auto piece = co_await stream.source->Read(deadline);
    if (!piece || (stream.size && piece->size() > remaining)) {
      // Too late for a status: the peer sees that the length or the last chunk is missing.
      co_return false;
    }
    if (stream.size) {
      remaining -= piece->size();
    }
    const bool is_last = piece->empty();
    if (is_last && !chunked) {
      co_return remaining == 0;
    }
    const std::string size = chunked ? fmt::format("{:x}\r\n", piece->size()) : std::string();
    std::array<iovec, 3> pieces{Piece(size), Piece(*piece), Piece(chunked ? "\r\n" : "")};
    writing_ = true;
    auto written = co_await transport_.Write(pieces);
    writing_ = false;
    if (!written || is_last) {
      co_return written.has_value();
    }
  }
}

aio::Task<void> Connection::RunEvents(EventStream& stream) {
  events_.emplace(context_, transport_, scope_, !head_.http_1_0);
  stage_ = Stage::kEvents;
  if (!context_.draining) {
    co_await stream.run(*events_);
  }
  co_await events_->Finish();
  stage_ = Stage::kAnswer;
  if (!head_.http_1_0 && !events_->broken()) {
    std::array<iovec, 1> pieces{Piece("0\r\n\r\n")};
    writing_ = true;
    std::ignore = co_await transport_.Write(pieces);
    writing_ = false;
  }
  events_.reset();
}

aio::Task<void> Connection::RunWebSocket(WebSocketUpgrade& upgrade) {
  if (!IsSubprotocolOffered(request_, upgrade.subprotocol)) {
    Response response = StatusResponse(
        request_, 400, fmt::format("The subprotocol {} must be offered.", upgrade.subprotocol));
    std::ignore = co_await Send(response, false);
    Record(response.status);
    co_return;
  }
  Response response{.status = 101, .headers = {}, .body = std::string()};
  response.Set("Upgrade", "websocket").Set("Connection", "Upgrade");
  response.Set("Sec-WebSocket-Accept",
               AcceptKey(request_.Header("Sec-WebSocket-Key").value_or("")));
  if (!upgrade.subprotocol.empty()) {
    response.Set("Sec-WebSocket-Protocol", upgrade.subprotocol);
  }
  stage_ = Stage::kAnswer;
  const bool sent = co_await Send(response, true);
  if (!sent) {
    co_return;
  }
  websocket_.emplace(context_, transport_, scope_, upgrade.message_bytes_max, body_.TakeSurplus());
  out_ = {};
  stage_ = Stage::kWebSocket;
  context_.metrics.websockets.Add(1);
  if (!context_.draining) {
    co_await upgrade.run(*websocket_);
  }
  Enter(Stage::kLinger, kCloseTime);
  co_await websocket_->Finish();
  context_.metrics.websockets.Add(-1);
  Record(101);
  co_await Linger();
}

}  // namespace paddock::gateway
