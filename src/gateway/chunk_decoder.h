// ChunkDecoder: takes the chunked coding off a request body, byte-exact and strict.
//
// Used by body_reader.h. Pure state machine; any one thread. Extensions and trailers are skipped
// within limits; sizes have at most 8 hex digits; line ends are CRLF and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace paddock::gateway {

class ChunkDecoder {
 public:
  /// Appends decoded bytes to `out` and returns how many of `in` were used: all of them, unless the
  /// body ended. kInvalid: not the chunked coding.
  [[nodiscard]] Result<std::size_t> Decode(std::string_view in, std::string& out);
  [[nodiscard]] bool done() const noexcept { return state_ == State::kDone; }

 private:
  enum class State : std::uint8_t {
    kSize,
    kExtension,
    kSizeLineFeed,
    kData,
    kDataCarriageReturn,
    kDataLineFeed,
    kTrailerStart,
    kTrailer,
    kTrailerLineFeed,
    kLastLineFeed,
    kDone,
  };
  [[nodiscard]] bool Step(char c) noexcept;
  [[nodiscard]] bool OnSize(char c) noexcept;

  State state_ = State::kSize;
  std::uint64_t remaining_ = 0;    // of this chunk
  std::size_t digit_count_ = 0;    // of this size
  std::size_t skipped_bytes_ = 0;  // extensions and trailers, of the whole body
};

}  // namespace paddock::gateway
