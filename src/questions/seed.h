// ParseSeed: reads the seed files of Database Playground, so that its questions can be imported.
//
// Such files are SQL for PostgreSQL: INSERTs into dp_schemas and dp_questions, and UPDATEs of what
// was inserted. They are read and never run. What would change these tables otherwise is refused;
// whatever else is in them is skipped. What comes out are documents like everybody's, which are
// validated as such. Threading: pure. Linear in the size of the texts, which is bounded.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "questions/sources.h"

namespace paddock::questions {

inline constexpr std::size_t kSeedBytesMax = std::size_t{16} << 20U;
inline constexpr std::size_t kSeedRowsMax = 10'000;

/// The files in order, as one seed. kInvalid: they are too large, have no such rows, or a statement
/// that is not understood, with its file and line: then there is nothing of it. What is wrong with
/// a row that was understood is in `problems`.
[[nodiscard]] Result<Sources> ParseSeed(const std::vector<SourceFile>& files);

}  // namespace paddock::questions
