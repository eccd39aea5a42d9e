// TablesOf: which tables a schema has, as its own database says it.
//
// Asked through the runner, like a learner's query, so that no other reading of the script can
// differ from what learners meet. Used by the gateway's schema page. Threading: loop thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "challenges/runner.h"

namespace paddock::questions {

struct SchemaKey {
  std::vector<std::string> columns;
  std::optional<std::string> to_table = std::nullopt;  // of a foreign key
  std::vector<std::string> to_columns = {};            // NOLINT: may be left out
};

struct SchemaTable {
  std::string name;
  std::vector<std::pair<std::string, std::string>> columns;  // name and type
  std::vector<SchemaKey> keys = {};                          // NOLINT: may be left out
};

/// By name. Fails like Runner::Run; a database that does not tell has no tables here.
[[nodiscard]] aio::Task<Result<std::vector<SchemaTable>>> TablesOf(
    challenges::Runner& runner,  // outlives the task
    challenges::SchemaRef schema,
    Deadline deadline);

}  // namespace paddock::questions
