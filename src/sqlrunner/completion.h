// Complete: what may stand at a place in a SQL text.
//
// Used by Conversation, with the catalog that it read last. It looks at words, not at grammar:
// after a dot the columns of the table or alias before it, after FROM and the like tables, else
// everything. Threading: pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog.h"
#include "sql/dialect.h"

namespace paddock::sqlrunner {

inline constexpr std::size_t kCompletionsMax = 200;

struct Completion {
  std::string label;      // as it is to be inserted: quoted where the name needs it
  std::string_view kind;  // "keyword", "table", "column", "function", "schema", "database"
  std::string detail;     // the type of a column, the table that it is of
};

struct Completions {
  std::size_t from = 0;  // the word that is replaced begins here
  std::vector<Completion> items;
};

/// `catalog` may be empty: keywords only. `position` lies in `text`.
[[nodiscard]] Completions Complete(std::string_view text,
                                   std::size_t position,
                                   sql::Dialect dialect,
                                   const sql::Catalog& catalog);

}  // namespace paddock::sqlrunner
