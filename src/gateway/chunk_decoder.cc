#include "gateway/chunk_decoder.h"

#include <algorithm>

namespace paddock::gateway {
namespace {

constexpr std::size_t kSizeDigitsMax = 8;
constexpr std::size_t kSkippedBytesMax = 8U << 10U;

}  // namespace

bool ChunkDecoder::OnSize(char c) noexcept {
  unsigned digit = 0;
  if (c >= '0' && c <= '9') {
    digit = static_cast<unsigned>(c - '0');
  } else if (c >= 'a' && c <= 'f') {
    digit = static_cast<unsigned>(c - 'a') + 10U;
  } else if (c >= 'A' && c <= 'F') {
    digit = static_cast<unsigned>(c - 'A') + 10U;
  } else {
    state_ = c == ';' ? State::kExtension : State::kSizeLineFeed;
    return digit_count_ > 0 && (c == ';' || c == '\r');
  }
  remaining_ = remaining_ * 16U + digit;
  return ++digit_count_ <= kSizeDigitsMax;
}

/// One byte outside of chunk data; false: malformed.
bool ChunkDecoder::Step(char c) noexcept {
  switch (state_) {
    case State::kSize: return OnSize(c);
    case State::kExtension:
      if (c == '\r') {
        state_ = State::kSizeLineFeed;
        return true;
      }
      return c != '\n' && ++skipped_bytes_ <= kSkippedBytesMax;
    case State::kSizeLineFeed:
      state_ = remaining_ > 0 ? State::kData : State::kTrailerStart;
      return c == '\n';
    case State::kDataCarriageReturn: state_ = State::kDataLineFeed; return c == '\r';
    case State::kDataLineFeed:
      state_ = State::kSize;
      digit_count_ = 0;
      return c == '\n';
    case State::kTrailerStart:
      state_ = c == '\r' ? State::kLastLineFeed : State::kTrailer;
      return c != '\n';
    case State::kTrailer:
      if (c == '\r') {
        state_ = State::kTrailerLineFeed;
        return true;
      }
      return c != '\n' && ++skipped_bytes_ <= kSkippedBytesMax;
    case State::kTrailerLineFeed: state_ = State::kTrailerStart; return c == '\n';
    case State::kLastLineFeed: state_ = State::kDone; return c == '\n';
    case State::kData:
    case State::kDone: return false;
  }
  return false;
}

Result<std::size_t> ChunkDecoder::Decode(std::string_view in, std::string& out) {
  std::size_t used = 0;
  while (used < in.size() && state_ != State::kDone) {
    if (state_ != State::kData) {
      if (!Step(in[used])) {
        return Fail(Code::kInvalid, "the body is not in the chunked coding");
      }
      ++used;
      continue;
    }
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, in.size() - used));
    out.append(in.substr(used, count));
    used += count;
    remaining_ -= count;
    if (remaining_ == 0) {
      state_ = State::kDataCarriageReturn;
    }
  }
  return used;
}

}  // namespace paddock::gateway
