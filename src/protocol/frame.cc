#include "protocol/frame.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "protocol/wire.h"

namespace paddock::protocol {
namespace {

struct Rule {
  bool from_client;
  bool from_agent;
  bool on_connection;
  std::size_t payload_min;
  std::size_t payload_max;
};

// Fixed sizes are checked here for every frame, so that the rest may rely on them.
constexpr std::optional<Rule> RuleOf(FrameType type) {
  constexpr std::size_t kMax = kPayloadBytesMax;
  switch (type) {
    case FrameType::kHello: return Rule{true, true, true, 12, 12 + kSoftwareTextBytesMax};
    case FrameType::kGoAway: return Rule{true, true, true, 3, 3 + kErrorTextBytesMax};
    case FrameType::kOpen: return Rule{true, false, false, 5, kMax};
    case FrameType::kClose: return Rule{true, false, false, 0, 0};
    case FrameType::kSignal: return Rule{true, false, false, 2, 2};
    case FrameType::kWindow: return Rule{true, true, false, 4, 4};
    case FrameType::kData: return Rule{true, true, false, 1, kMax};
    case FrameType::kErrorData: return Rule{false, true, false, 1, kMax};
    case FrameType::kDataEnd: return Rule{true, true, false, 0, 0};
    case FrameType::kReady:
    case FrameType::kResult: return Rule{false, true, false, 0, kMax};
    case FrameType::kError: return Rule{false, true, false, 3, 3 + kErrorTextBytesMax};
  }
  return std::nullopt;  // any other byte
}

Result<void> Check(ChannelId channel, FrameType type, std::size_t size, Sender sender) {
  const auto rule = RuleOf(type);
  if (!rule) {
    return Fail(Code::kInvalid, "frame of unknown type " + std::to_string(static_cast<int>(type)));
  }
  if (!(sender == Sender::kClient ? rule->from_client : rule->from_agent)) {
    return Fail(Code::kInvalid, "frame of the other direction");
  }
  if (rule->on_connection != (channel == kConnectionChannel)) {
    return Fail(Code::kInvalid, "frame on channel " + std::to_string(channel) + " out of place");
  }
  if (size < rule->payload_min || size > rule->payload_max) {
    return Fail(Code::kInvalid, "frame with a payload of " + std::to_string(size) + " bytes");
  }
  return {};
}

}  // namespace

Result<void> CheckFrame(const Frame& frame, Sender sender) {
  return Check(frame.channel, frame.type, frame.payload.size(), sender);
}

void StoreFrameHeader(std::span<char, kFrameHeaderBytes> out,
                      ChannelId channel,
                      FrameType type,
                      std::size_t payload_size) {
  PADDOCK_CHECK(payload_size <= kPayloadBytesMax);
  Store(out.data(), static_cast<std::uint32_t>(payload_size));
  Store(out.data() + 4, channel);
  Store(out.data() + 8, static_cast<std::uint8_t>(type));
}

void AppendFrame(std::string& out, ChannelId channel, FrameType type, std::string_view payload) {
  char header[kFrameHeaderBytes];
  StoreFrameHeader(header, channel, type, payload.size());
  out.append(header, sizeof(header));
  out.append(payload);
}

std::span<char> FrameReader::Space() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (filled_ && capacity_ < kReaderBytesMax) {
      Reallocate(kReaderBytesMax);
    } else if (!filled_ && capacity_ != kReaderBytesMin) {
      Reallocate(kReaderBytesMin);
    }
  } else if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity_) {
    // Next() lets no frame pass that is larger than this, so that one growth is always enough.
    PADDOCK_CHECK(capacity_ < kReaderBytesMax);
    Reallocate(kReaderBytesMax);
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

void FrameReader::Commit(std::size_t count) {
  PADDOCK_CHECK(count <= capacity_ - end_);
  end_ += count;
  // A reader that was large stays so until a read brings little: bulk output keeps its buffer.
  filled_ = end_ == capacity_ || (capacity_ == kReaderBytesMax && count > kReaderBytesMin);
}

Result<std::optional<Frame>> FrameReader::Next() {
  if (end_ - begin_ < kFrameHeaderBytes) {
    return std::nullopt;
  }
  const char* at = buffer_.get() + begin_;
  WireReader header(std::string_view(at, kFrameHeaderBytes));
  const std::size_t size = header.U32();
  Frame frame;
  frame.channel = header.U32();
  frame.type = static_cast<FrameType>(header.U8());
  // Before the payload is there: a wrong header must not make us wait for it.
  auto checked = Check(frame.channel, frame.type, size, sender_);
  if (!checked) {
    return Fail(std::move(checked).error());
  }
  if (end_ - begin_ - kFrameHeaderBytes < size) {
    return std::nullopt;
  }
  frame.payload = std::string_view(at + kFrameHeaderBytes, size);
  begin_ += kFrameHeaderBytes + size;
  return frame;
}

void FrameReader::Reallocate(std::size_t capacity) {
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (end_ > begin_) {
    std::memcpy(larger.get(), buffer_.get() + begin_, end_ - begin_);
  }
  end_ -= begin_;
  begin_ = 0;
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

}  // namespace paddock::protocol
