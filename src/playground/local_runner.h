// LocalRunner: the DbRunner of this process, on the runner of challenges.
//
// Queries are SQLite's, with every function that MySQL has and SQLite lacks. Threading: loop
// thread. Ownership: `runner` outlives it.
#pragma once

#include <string>

#include "challenges/runner.h"
#include "playground/output_shelf.h"
#include "playground/services.h"

namespace paddock::playground {

class LocalRunner final : public DbRunner {
 public:
  explicit LocalRunner(challenges::Runner& runner) : runner_(runner) {}

  aio::Task<Result<RunReply>> RunQuery(std::string schema,
                                       std::string query,
                                       Deadline deadline) override;
  aio::Task<Result<OutputRef>> RetrieveQuery(std::string id, Deadline deadline) override;
  aio::Task<Result<bool>> AreQueriesOutputSame(std::string left_id,
                                               std::string right_id,
                                               Deadline deadline) override;

 private:
  challenges::Runner& runner_;
  OutputShelf shelf_;
};

/// What a query that was cut short says instead of a result.
[[nodiscard]] std::string TextOf(challenges::LimitHit limit);

}  // namespace paddock::playground
