// WebSocket: one RFC 6455 conversation, seen by a route's `run` (http.h, WebSocketUpgrade).
//
// Threading: loop thread only. One Receive at a time; Sends may overlap and go out in the order of
// the calls. The server answers pings, sends its own every 20 s and drops a peer that was silent
// for 60 s. A broken peer is closed with 1002, 1007 (text that is no UTF-8), 1008 (a flood of
// control frames or fragments) or 1009 (message too big) and Receive fails.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "aio/task.h"
#include "base/result.h"

namespace paddock::gateway {

enum class MessageKind : std::uint8_t { kText, kBinary };

struct Message {
  MessageKind kind = MessageKind::kBinary;
  std::string data;
};

class WebSocket {
 public:
  virtual ~WebSocket() = default;

  /// The next whole message. kCancelled: closed by either side, peer gone or task cancelled;
  /// kInvalid: the peer broke the protocol and has been told.
  [[nodiscard]] virtual aio::Task<Result<Message>> Receive() = 0;

  /// Sends `head` and `payload` as one message, without copying them together; both must stay
  /// valid until the task is done, which is when the kernel has taken the last byte: that is the
  /// back-pressure. kCancelled: closed, or the task was cancelled (the socket is then unusable).
  [[nodiscard]] virtual aio::Task<Result<void>> Send(MessageKind kind,
                                                     std::string_view head,
                                                     std::string_view payload) = 0;

  /// The same for several texts, each a message of its own, which leave together. They are copied:
  /// for small ones.
  [[nodiscard]] virtual aio::Task<Result<void>> SendAll(std::span<const std::string> texts) = 0;

  /// Bytes that the kernel has taken and the peer's kernel has not acknowledged.
  [[nodiscard]] virtual std::size_t BufferedBytes() const = 0;

  /// Says goodbye: a close frame with `code` (1000 to 4999) and at most 123 bytes of `reason`.
  /// Nothing can be sent afterwards, and messages that still arrive are dropped. The peer's answer
  /// is waited for, up to 5 s, once `run` returns. Closing twice is harmless.
  [[nodiscard]] virtual aio::Task<void> Close(std::uint16_t code, std::string reason) = 0;
};

}  // namespace paddock::gateway
