// What is common to the encoders and decoders of this part, and to nobody else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "protocol/wire.h"

namespace paddock::runners::sqlite {

enum class RequestKind : std::uint8_t { kRun = 1, kStop = 2 };
enum class AnswerKind : std::uint8_t {
  kHello = 1,
  kSchemaWanted = 2,
  kSchemaFailed = 3,
  kOutcome = 4
};

// An outcome is any number of results, then of checks, then the summary.
inline constexpr std::uint8_t kResultMark = 1;
inline constexpr std::uint8_t kSummaryMark = 2;

inline constexpr std::uint32_t kNoPosition = std::numeric_limits<std::uint32_t>::max();

/// A u32 length and the bytes.
inline void PutLongText(std::string& out, std::string_view text) {
  protocol::Put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

inline std::string_view LongText(protocol::WireReader& reader, std::size_t bytes_max) {
  const std::size_t size = reader.U32();
  return size > bytes_max ? reader.Bad() : reader.Bytes(size);
}

}  // namespace paddock::runners::sqlite
