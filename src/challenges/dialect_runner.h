// DialectRunner: gives each run to the runner of its schema's database.
//
// Wired by app/, which adds what this server has. Threading: loop thread only. Ownership: the
// runners outlive it and its pending calls.
#pragma once

#include <array>

#include "challenges/runner.h"

namespace paddock::challenges {

class DialectRunner final : public Runner {
 public:
  /// Once for a dialect, before the first run.
  void Add(sql::Dialect dialect, Runner& runner) noexcept;

  /// Also kConflict: this server runs no challenges on that database, and trying again is of no
  /// use.
  [[nodiscard]] aio::Task<Result<RunOutcomeRef>> Run(RunRequest request,
                                                     Deadline deadline) override;

 private:
  std::array<Runner*, static_cast<std::size_t>(sql::kLastDialect) + 1> runners_{};
};

}  // namespace paddock::challenges
