// TextKind: what a text of a learner's may do, as far as its words tell.
//
// Used by ServerRunner, and by the databases for what a schema's own views and functions do. It
// knows words, not grammar, and errs on the safe side: what is wrongly held to be no mere reading
// costs a clone, what is wrongly held to depend on chance is not cached. The database itself
// enforces that a reading only reads. Threading: pure. Linear in the size of the text.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "sql/dialect.h"

namespace paddock::runners::server {

/// Names in lower case.
using NameSet = std::set<std::string, std::less<>>;

/// What calling a function of a database may mean. What is in neither set gives the same again and
/// does nothing else.
struct SchemaFacts {
  NameSet chance = {};              // NOLINT: functions that need not give the same again
  NameSet effects = {};             // NOLINT: functions that may do more than give a value
  bool reads_by_chance = false;     // a view, say, hides one of the first kind
  bool reads_have_effects = false;  // and one of the second
  bool changes_by_chance = false;   // a default or a trigger hides one of the first kind
};

struct TextKind {
  bool only_reads = false;     // one statement, that is fit for a read-only transaction
  bool deterministic = false;  // the same again, on the same data, gives the same
};

[[nodiscard]] TextKind Classify(std::string_view text,
                                sql::Dialect dialect,
                                const SchemaFacts& facts);

/// Whether `statement`, one of a text, changes data or definitions when it succeeds.
[[nodiscard]] bool ChangesData(std::string_view statement, sql::Dialect dialect);

[[nodiscard]] std::string LowerCase(std::string_view text);

}  // namespace paddock::runners::server
