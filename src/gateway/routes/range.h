// ParseRange: the one byte range of an HTTP Range header (RFC 9110, section 14).
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace paddock::gateway {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
};

/// The range of a content of `size` bytes. Nothing: send it whole, because the header asks for
/// several ranges, for another unit, or is malformed. kInvalid: no byte of it exists (416).
[[nodiscard]] Result<std::optional<ByteRange>> ParseRange(std::string_view header,
                                                          std::uint64_t size);

}  // namespace paddock::gateway
