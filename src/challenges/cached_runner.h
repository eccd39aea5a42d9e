// CachedRunner: answers a run from memory when the same run was made before.
//
// Implements challenges::Runner before another one. The same is: engine version, schema, query,
// checks, shims and limits, byte for byte. Only what is whole and deterministic is kept: nothing
// cut by a limit, no failure of ours, nothing that depends on chance or the clock. Of the same run
// asked for by many at once, one is made. A schema whose script fails is remembered for a while, so
// that not every request runs it anew.
//
// Threading: loop thread. Ownership: `runner` outlives it; it outlives its runs.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "aio/condition.h"
#include "aio/task.h"
#include "challenges/outcome_cache.h"
#include "challenges/runner.h"

namespace paddock::challenges {

struct CachedRunnerConfig {
  OutcomeCacheConfig outcomes = {};
  std::size_t failed_schemas_max = 64;  // the oldest go first
  std::chrono::seconds failed_lifetime{30};
};

struct CachedRunnerCounts {
  std::uint64_t hits = 0;
  std::uint64_t joined = 0;  // waited for the same run of somebody else
  std::uint64_t misses = 0;
  std::uint64_t failed_schemas = 0;  // runs refused by memory: the script is known to fail
};

class CachedRunner final : public Runner {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = std::function<Clock::time_point()>;

  /// `now` is for tests, which move it by hand.
  explicit CachedRunner(Runner& runner, CachedRunnerConfig config = {}, Now now = &Clock::now);

  /// As Runner::Run. An outcome from memory says so: RunOutcome::cached.
  [[nodiscard]] aio::Task<Result<RunOutcomeRef>> Run(RunRequest request,
                                                     Deadline deadline) override;

  [[nodiscard]] const CachedRunnerCounts& counts() const noexcept { return counts_; }
  [[nodiscard]] const OutcomeCache& outcomes() const noexcept { return outcomes_; }

 private:
  struct Flight {
    aio::Condition landed;
    RunOutcomeRef outcome;  // what may be kept, for those who wait
  };

  struct FailedSchema {
    std::string digest;
    Error error;
    Clock::time_point expires;
  };

  [[nodiscard]] const Error* FindFailed(const Schema& schema);
  void KeepFailed(const Schema& schema, const Error& error);
  [[nodiscard]] OutcomeCache::Key KeyOf(const RunRequest& request);
  aio::Task<Result<RunOutcomeRef>> Fly(RunRequest request,
                                       OutcomeCache::Key key,
                                       Deadline deadline);

  Runner& runner_;
  CachedRunnerConfig config_;
  Now now_;
  CachedRunnerCounts counts_;
  std::array<std::string, static_cast<std::size_t>(sql::kLastDialect) + 1> engine_versions_;
  OutcomeCache outcomes_;
  // Null: nobody waits for it.
  std::unordered_map<OutcomeCache::Key, std::shared_ptr<Flight>, OutcomeCache::KeyHash> flights_;
  std::list<FailedSchema> failed_;  // the oldest first; few
};

}  // namespace paddock::challenges
