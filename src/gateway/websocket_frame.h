// The frames of RFC 6455, server side: a strict decoder of what clients send, and the encoder.
//
// Used by websocket_session.h; fuzzed. Pure state machine; any one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/websocket.h"

namespace paddock::gateway {

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kInvalidText = 1007;
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooBig = 1009;
}  // namespace close_code

inline constexpr std::size_t kControlBytesMax = 125;
inline constexpr std::size_t kFrameHeadMax = 10;  // what a server sends: unmasked

class FrameDecoder {
 public:
  enum class Event : std::uint8_t {
    kNone,     // all of the input was used; more is needed
    kMessage,  // TakeMessage()
    kPing,     // control_payload()
    kPong,
    kClose,  // close_code(), 1005 when the peer gave none
    kError,  // close_code() says why; decode no further
  };

  explicit FrameDecoder(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  /// Uses bytes off the front of `in` up to the next event.
  [[nodiscard]] Event Decode(std::string_view& in);

  [[nodiscard]] Message TakeMessage();
  [[nodiscard]] std::string_view control_payload() const noexcept { return control_; }
  [[nodiscard]] std::uint16_t close_code() const noexcept { return close_code_; }

 private:
  [[nodiscard]] Event Error(std::uint16_t code) noexcept;
  /// How long the frame's head is, as far as its first two bytes tell.
  [[nodiscard]] std::size_t HeadLength() const noexcept;
  [[nodiscard]] bool IsStartValid() const noexcept;
  [[nodiscard]] Event ParseHead();
  [[nodiscard]] Event FinishFrame();
  [[nodiscard]] Event FinishClose();

  std::size_t message_bytes_max_;
  std::array<std::uint8_t, 14> head_{};
  std::size_t head_filled_ = 0;
  bool in_payload_ = false;
  bool final_ = false;
  Opcode opcode_ = Opcode::kContinuation;
  std::array<std::uint8_t, 4> mask_{};
  std::uint64_t payload_remaining_ = 0;
  std::size_t mask_offset_ = 0;
  bool in_message_ = false;
  int fragment_count_ = 0;
  Message message_;
  std::string control_;
  std::uint16_t close_code_ = 0;
};

/// Writes the head of an unmasked, final frame into `out`; returns its length.
[[nodiscard]] std::size_t EncodeFrameHead(Opcode opcode,
                                          std::uint64_t payload_bytes,
                                          std::array<char, kFrameHeadMax>& out) noexcept;

}  // namespace paddock::gateway
