// SqliteRunner: runs challenges in the test's own process, on SQLite in memory.
//
// For tests of questions: it isolates nothing. Threading: as Runner.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "challenges/runner.h"

namespace paddock::questions::testing {

class SqliteRunner final : public challenges::Runner {
 public:
  [[nodiscard]] aio::Task<Result<challenges::RunOutcomeRef>> Run(challenges::RunRequest request,
                                                                 Deadline deadline) override;

  std::optional<Error> failure = std::nullopt;  // of every run from now on
  std::map<std::string, int> counts;            // how often each query ran
};

}  // namespace paddock::questions::testing
