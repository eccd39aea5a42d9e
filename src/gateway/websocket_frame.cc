#include "gateway/websocket_frame.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/utf8.h"

namespace paddock::gateway {
namespace {

constexpr int kFragmentsMax = 1024;  // of one message
constexpr std::uint8_t kFinalBit = 0x80;
constexpr std::uint8_t kReservedBits = 0x70;
constexpr std::uint8_t kMaskBit = 0x80;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;
constexpr std::uint16_t kNoCloseCode = 1005;

bool IsControl(Opcode opcode) noexcept { return std::to_underlying(opcode) >= 8; }

bool IsKnown(std::uint8_t opcode) noexcept { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

/// Codes that may stand in a close frame: RFC 6455 section 7.4.
bool IsCloseCode(std::uint16_t code) noexcept {
  const bool is_defined = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
  return is_defined || (code >= 3000 && code <= 4999);
}

/// Appends `in` to `out` without its mask; `offset` is the position in the frame's payload.
void AppendUnmasked(std::string& out,
                    std::string_view in,
                    const std::array<std::uint8_t, 4>& mask,
                    std::size_t offset) {
  const std::size_t start = out.size();
  out.append(in);
  std::array<std::uint8_t, 8> key{};
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = mask[(offset + i) % mask.size()];
  }
  std::uint64_t wide_key = 0;
  std::memcpy(&wide_key, key.data(), key.size());
  char* at = out.data() + start;
  std::size_t left = in.size();
  for (; left >= sizeof(wide_key); left -= sizeof(wide_key), at += sizeof(wide_key)) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    word ^= wide_key;
    std::memcpy(at, &word, sizeof(word));
  }
  for (std::size_t i = 0; i < left; ++i) {
    at[i] = static_cast<char>(static_cast<std::uint8_t>(at[i]) ^ key[i]);
  }
}

}  // namespace

FrameDecoder::Event FrameDecoder::Error(std::uint16_t code) noexcept {
  close_code_ = code;
  return Event::kError;
}

std::size_t FrameDecoder::HeadLength() const noexcept {
  if (head_filled_ < 2) {
    return 2;
  }
  const std::uint8_t length = head_[1] & static_cast<std::uint8_t>(~kMaskBit);
  const std::size_t extended = length == kLength16 ? 2 : length == kLength64 ? 8 : 0;
  return 2 + extended + mask_.size();
}

// Judged before the rest of the head is awaited, which an unmasked frame may not have.
bool FrameDecoder::IsStartValid() const noexcept {
  return (head_[0] & kReservedBits) == 0 && IsKnown(head_[0] & 0x0FU) && (head_[1] & kMaskBit) != 0;
}

FrameDecoder::Event FrameDecoder::ParseHead() {
  opcode_ = static_cast<Opcode>(head_[0] & 0x0FU);
  final_ = (head_[0] & kFinalBit) != 0;
  const std::uint8_t length = head_[1] & static_cast<std::uint8_t>(~kMaskBit);
  const std::size_t extended = HeadLength() - 2 - mask_.size();
  payload_remaining_ = extended == 0 ? length : 0;
  for (std::size_t i = 0; i < extended; ++i) {
    payload_remaining_ = payload_remaining_ << 8U | head_[2 + i];
  }
  const bool is_minimal = extended == 0 || (extended == 2 && payload_remaining_ >= kLength16) ||
                          (payload_remaining_ > 0xFFFFU && payload_remaining_ >> 63U == 0);
  if (!is_minimal) {
    return Error(close_code::kProtocolError);
  }
  std::copy_n(head_.begin() + 2 + static_cast<std::ptrdiff_t>(extended), mask_.size(),
              mask_.begin());
  mask_offset_ = 0;
  head_filled_ = 0;
  in_payload_ = true;
  if (IsControl(opcode_)) {
    control_.clear();
    const bool is_valid = final_ && payload_remaining_ <= kControlBytesMax;
    return is_valid ? Event::kNone : Error(close_code::kProtocolError);
  }
  if ((opcode_ == Opcode::kContinuation) != in_message_) {
    return Error(close_code::kProtocolError);
  }
  if (opcode_ != Opcode::kContinuation) {
    message_ = Message{.kind = opcode_ == Opcode::kText ? MessageKind::kText : MessageKind::kBinary,
                       .data = {}};
    in_message_ = true;
    fragment_count_ = 0;
  }
  // Checked before a byte is kept, so a length on its own costs nothing.
  if (payload_remaining_ > message_bytes_max_ - message_.data.size()) {
    return Error(close_code::kTooBig);
  }
  return ++fragment_count_ > kFragmentsMax ? Error(close_code::kPolicy) : Event::kNone;
}

FrameDecoder::Event FrameDecoder::FinishClose() {
  close_code_ = kNoCloseCode;
  if (control_.empty()) {
    return Event::kClose;
  }
  if (control_.size() < 2) {
    return Error(close_code::kProtocolError);
  }
  const auto high = static_cast<std::uint8_t>(control_[0]);
  const auto low = static_cast<std::uint8_t>(control_[1]);
  const auto code = static_cast<std::uint16_t>(high << 8U | low);
  if (!IsCloseCode(code)) {
    return Error(close_code::kProtocolError);
  }
  if (!IsValidUtf8(std::string_view(control_).substr(2))) {
    return Error(close_code::kInvalidText);
  }
  close_code_ = code;
  return Event::kClose;
}

FrameDecoder::Event FrameDecoder::FinishFrame() {
  in_payload_ = false;
  switch (opcode_) {
    case Opcode::kPing: return Event::kPing;
    case Opcode::kPong: return Event::kPong;
    case Opcode::kClose: return FinishClose();
    case Opcode::kContinuation:
    case Opcode::kText:
    case Opcode::kBinary: break;
  }
  if (!final_) {
    return Event::kNone;
  }
  in_message_ = false;
  if (message_.kind == MessageKind::kText && !IsValidUtf8(message_.data)) {
    return Error(close_code::kInvalidText);
  }
  return Event::kMessage;
}

FrameDecoder::Event FrameDecoder::Decode(std::string_view& in) {
  while (!in.empty()) {
    if (!in_payload_) {
      const std::size_t count = std::min(HeadLength() - head_filled_, in.size());
      std::memcpy(head_.data() + head_filled_, in.data(), count);
      in.remove_prefix(count);
      head_filled_ += count;
      // The first two bytes tell how many more belong to the head.
      if (head_filled_ == 2 && !IsStartValid()) {
        return Error(close_code::kProtocolError);
      }
      if (head_filled_ < HeadLength()) {
        continue;
      }
      if (const Event event = ParseHead(); event != Event::kNone) {
        return event;
      }
    }
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(payload_remaining_, in.size()));
    std::string& out = IsControl(opcode_) ? control_ : message_.data;
    AppendUnmasked(out, in.substr(0, count), mask_, mask_offset_);
    in.remove_prefix(count);
    mask_offset_ += count;
    payload_remaining_ -= count;
    if (payload_remaining_ == 0) {
      if (const Event event = FinishFrame(); event != Event::kNone) {
        return event;
      }
    }
  }
  return Event::kNone;
}

Message FrameDecoder::TakeMessage() { return std::exchange(message_, Message{}); }

std::size_t EncodeFrameHead(Opcode opcode,
                            std::uint64_t payload_bytes,
                            std::array<char, kFrameHeadMax>& out) noexcept {
  out[0] = static_cast<char>(kFinalBit | std::to_underlying(opcode));
  std::size_t extended = 0;
  if (payload_bytes < kLength16) {
    out[1] = static_cast<char>(payload_bytes);
  } else {
    extended = payload_bytes <= 0xFFFFU ? 2 : 8;
    out[1] = static_cast<char>(extended == 2 ? kLength16 : kLength64);
  }
  for (std::size_t i = 0; i < extended; ++i) {
    out[2 + i] = static_cast<char>(payload_bytes >> (8U * (extended - 1 - i)) & 0xFFU);
  }
  return 2 + extended;
}

}  // namespace paddock::gateway
