// WebSocketSession: the WebSocket of one upgraded connection.
//
// Made by the connection once the handshake is answered. Threading: loop thread only.
// Ownership: borrows transport, context and scope from the connection, which outlives it.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/steady_timer.hpp>

#include "aio/task_scope.h"
#include "gateway/server_context.h"
#include "gateway/transport.h"
#include "gateway/websocket.h"
#include "gateway/websocket_frame.h"

namespace paddock::gateway {

class WebSocketSession final : public WebSocket {
 public:
  /// `pending` came behind the handshake. Control frames are sent by tasks of `scope`.
  WebSocketSession(ServerContext& context,
                   Transport& transport,
                   aio::TaskScope& scope,
                   std::size_t message_bytes_max,
                   std::string pending);

  [[nodiscard]] aio::Task<Result<Message>> Receive() override;
  [[nodiscard]] aio::Task<Result<void>> Send(MessageKind kind,
                                             std::string_view head,
                                             std::string_view payload) override;
  [[nodiscard]] aio::Task<Result<void>> SendAll(std::span<const std::string> texts) override;
  [[nodiscard]] std::size_t BufferedBytes() const override;
  [[nodiscard]] aio::Task<void> Close(std::uint16_t code, std::string reason) override;

  /// Once `run` has returned: closes if need be and waits for the peer's answer.
  [[nodiscard]] aio::Task<void> Finish();
  /// Sends a ping when one is due; ends the session when the peer has been silent for too long.
  void Sweep();

 private:
  enum class Turn : std::uint8_t { kMessage, kMore, kEnd };

  [[nodiscard]] aio::Task<Result<void>> SendFrame(Opcode opcode,
                                                  std::string_view head,
                                                  std::string_view payload);
  /// Whole frames.
  [[nodiscard]] aio::Task<Result<void>> SendPieces(std::span<iovec> pieces, bool is_close);
  [[nodiscard]] aio::Task<void> SendControl(Opcode opcode, std::string payload);
  /// Handles one event of the decoder that is no message; false: the conversation is over.
  [[nodiscard]] aio::Task<bool> OnControl(FrameDecoder::Event event);
  [[nodiscard]] bool CountControlFrame();
  [[nodiscard]] bool IsPendingEmpty();
  [[nodiscard]] FrameDecoder::Event DecodePending();

  ServerContext& context_;
  Transport& transport_;
  aio::TaskScope& scope_;
  FrameDecoder decoder_;
  std::string pending_;  // received; decoded up to pending_at_
  std::size_t pending_at_ = 0;
  int messages_in_turn_ = 0;
  boost::asio::steady_timer turn_changed_;  // never expires; cancelled when a send is through
  std::uint64_t next_turn_ = 0;
  std::uint64_t current_turn_ = 0;
  Clock::time_point heard_at_;
  Clock::time_point pinged_at_;
  Clock::time_point control_window_start_;
  int control_count_ = 0;
  bool receiving_ = false;
  bool pong_queued_ = false;
  bool ping_queued_ = false;
  bool close_sent_ = false;
  bool close_received_ = false;
  bool broken_ = false;
};

}  // namespace paddock::gateway
