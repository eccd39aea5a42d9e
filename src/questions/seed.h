// ParseSeed: reads the seed files of Database Playground, so that its questions can be imported.
//
// Such a file is SQL for PostgreSQL: INSERTs into dp_schemas and dp_questions. It is read and never
// run; whatever else is in it is skipped. What comes out are documents like everybody's, which are
// validated as such. Threading: pure. Linear in the size of the text, which is bounded.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "questions/sources.h"

namespace paddock::questions {

inline constexpr std::size_t kSeedBytesMax = std::size_t{16} << 20U;
inline constexpr std::size_t kSeedRowsMax = 10'000;

/// kInvalid: it is too large, or has no such rows. What is wrong with a row is in `problems`.
[[nodiscard]] Result<Sources> ParseSeed(std::string_view text);

}  // namespace paddock::questions
