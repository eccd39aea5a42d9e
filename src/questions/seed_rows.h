// SeedRows: the rows that the statements of a seed file leave in its two tables. Private to this
// folder.
//
// Used by seed.h. Literals are read and nothing is computed: a statement that changes these tables
// in any other way is refused with its line, so that nothing is imported that the seed does not
// mean. Threading: pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "questions/sources.h"

namespace paddock::questions {

struct SeedRow {
  std::map<std::string, std::string, std::less<>> values;  // by name, in capitals; NULL is absent
  std::string place;                                       // "seed.sql:12"

  [[nodiscard]] std::string At(std::string_view column) const;
};

struct SeedRows {
  std::vector<SeedRow> schemas;
  std::vector<SeedRow> questions;
};

/// The files in order, as if they were run one after the other. kInvalid: a statement that is not
/// understood, or more rows than kSeedRowsMax; the message begins with its place.
[[nodiscard]] Result<SeedRows> ReadSeedRows(const std::vector<SourceFile>& files);

}  // namespace paddock::questions
