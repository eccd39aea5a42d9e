// Frames of the agent protocol: docs/protocol/agent.md.
//
// Used by the agent and by sandbox::AgentClient. Not thread-safe. Decoders never throw, never read
// past their input, and fail with kInvalid.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/limits.h"

namespace paddock::protocol {

using ChannelId = std::uint32_t;
inline constexpr ChannelId kConnectionChannel = 0;

enum class FrameType : std::uint8_t {
  kHello = 0x01,
  kGoAway = 0x02,
  kOpen = 0x10,
  kClose = 0x11,
  kSignal = 0x12,
  kWindow = 0x20,
  kData = 0x21,
  kErrorData = 0x22,
  kDataEnd = 0x23,
  kReady = 0x30,
  kResult = 0x31,
  kError = 0x32,
};

/// Which side sent a frame.
enum class Sender { kClient, kAgent };

/// One frame. `payload` is a view into the reader that gave it.
struct Frame {
  ChannelId channel = kConnectionChannel;
  FrameType type = FrameType::kHello;
  std::string_view payload;
};

/// Fails with kInvalid when `frame` cannot come from `sender`: wrong channel, size or direction.
/// What its payload says is checked by the decoders of agent_messages.h.
[[nodiscard]] Result<void> CheckFrame(const Frame& frame, Sender sender);

/// Writes a frame's header, for those who send the payload from where it lies.
void StoreFrameHeader(std::span<char, kFrameHeaderBytes> out,
                      ChannelId channel,
                      FrameType type,
                      std::size_t payload_size);

/// Appends a whole frame. `payload` is at most kPayloadBytesMax (checked: a caller's bug aborts).
void AppendFrame(std::string& out, ChannelId channel, FrameType type, std::string_view payload);

/// Cuts a byte stream into frames. Holds at most kReaderBytesMax, and little while little comes.
///
/// Use: recv into Space(), tell Commit() how much came, then take frames from Next() until it gives
/// none. The views in a frame are valid until the next call of Space() or Commit().
class FrameReader {
 public:
  static constexpr std::size_t kReaderBytesMin = 4'096;
  static constexpr std::size_t kReaderBytesMax = 2 * kFrameBytesMax;

  /// `sender` is the other side, whose frames these are.
  explicit FrameReader(Sender sender) : sender_(sender) {}

  /// Where the next bytes go; never empty once Next() has given all whole frames.
  [[nodiscard]] std::span<char> Space();
  void Commit(std::size_t count);

  /// The next whole frame, already through CheckFrame; none when more bytes are needed. After a
  /// failure (kInvalid) the stream is beyond repair.
  [[nodiscard]] Result<std::optional<Frame>> Next();

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  void Reallocate(std::size_t capacity);

  Sender sender_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // first byte not given out
  std::size_t end_ = 0;    // behind the last byte received
  bool filled_ = false;    // the last Commit left no space: more is coming than this holds
};

}  // namespace paddock::protocol
