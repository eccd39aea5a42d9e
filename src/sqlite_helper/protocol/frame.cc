#include "sqlite_helper/protocol/frame.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "protocol/wire.h"

namespace paddock::sqlite_helper {
namespace {

// What a reader keeps of its memory when nothing is in it.
constexpr std::size_t kKeptBytes = std::size_t{256} * 1024;

struct Rule {
  Sender sender;
  std::size_t payload_min;
  std::size_t payload_max;
};

std::optional<Rule> RuleOf(FrameType type) {
  using enum Sender;
  constexpr std::size_t kErrorBytesMax = 2 + kNameBytesMax + 2 + kMessageBytesMax;
  switch (type) {
    case FrameType::kOpen: return Rule{kEngine, 5, 5 + kPathBytesMax};
    case FrameType::kExecute: return Rule{kEngine, 5, 5 + kTextBytesMax};
    case FrameType::kCancel: return Rule{kEngine, 4, 4};
    case FrameType::kOpened: return Rule{kHelper, 2, 2 + kNameBytesMax};
    case FrameType::kRefused: return Rule{kHelper, 4, kErrorBytesMax};
    case FrameType::kColumns: return Rule{kHelper, 2, kPayloadBytesMax};
    case FrameType::kRows: return Rule{kHelper, 4, kPayloadBytesMax};
    case FrameType::kComplete: return Rule{kHelper, 9, 9};
    case FrameType::kError: return Rule{kHelper, 13, 9 + kErrorBytesMax};
  }
  return std::nullopt;  // any other byte
}

}  // namespace

std::size_t BeginFrame(std::string& out, FrameType type) {
  const auto begin = out.size();
  out.append(kHeaderBytes - 1, '\0');
  protocol::Put(out, static_cast<std::uint8_t>(type));
  return begin;
}

void EndFrame(std::string& out, std::size_t begin) {
  const auto size = out.size() - begin - kHeaderBytes;
  PADDOCK_CHECK(size <= kPayloadBytesMax);
  protocol::Store(out.data() + begin, static_cast<std::uint32_t>(size));
}

std::span<char> FrameReader::Space() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == 0 && buffer_.size() > kKeptBytes) {
    buffer_ = std::vector<char>();
  }
  if (buffer_.size() - end_ < kSpaceBytesMin) {
    buffer_.resize(std::max(end_ + kSpaceBytesMin, 2 * end_));
  }
  return std::span(buffer_).subspan(end_);
}

void FrameReader::Commit(std::size_t count) {
  PADDOCK_CHECK(count <= buffer_.size() - end_);
  end_ += count;
}

Result<std::optional<Frame>> FrameReader::Next() {
  const std::string_view waiting(buffer_.data() + begin_, end_ - begin_);
  if (waiting.size() < kHeaderBytes) {
    return std::nullopt;
  }
  protocol::WireReader header(waiting.substr(0, kHeaderBytes));
  const std::size_t size = header.U32();
  const auto type = static_cast<FrameType>(header.U8());
  // Before the payload is there: a wrong header must not make us wait for it.
  const auto rule = RuleOf(type);
  if (!rule || rule->sender != sender_) {
    return Fail(Code::kInvalid, "frame of type " + std::to_string(static_cast<int>(type)));
  }
  if (size < rule->payload_min || size > rule->payload_max) {
    return Fail(Code::kInvalid, "frame with a payload of " + std::to_string(size) + " bytes");
  }
  if (waiting.size() - kHeaderBytes < size) {
    return std::nullopt;
  }
  begin_ += kHeaderBytes + size;
  return Frame{.type = type, .payload = waiting.substr(kHeaderBytes, size)};
}

}  // namespace paddock::sqlite_helper
