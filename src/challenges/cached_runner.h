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
#include "challenges/runner.h"

namespace paddock::challenges {

struct CachedRunnerConfig {
  std::size_t bytes_max = std::size_t{64} << 20U;         // of outcomes; the least used go first
  std::size_t outcome_bytes_max = std::size_t{1} << 20U;  // greater ones are not kept
  std::chrono::seconds lifetime{3600};
  std::size_t failed_schemas_max = 64;  // the oldest go first
  std::chrono::seconds failed_lifetime{30};
};

struct CachedRunnerCounts {
  std::uint64_t hits = 0;
  std::uint64_t joined = 0;  // waited for the same run of somebody else
  std::uint64_t misses = 0;
  std::uint64_t kept = 0;
  std::uint64_t evicted = 0;
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
  [[nodiscard]] std::size_t byte_count() const noexcept { return bytes_; }

 private:
  using Key = std::array<unsigned char, 32>;  // SHA-256
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Entry {
    Key key;
    RunOutcomeRef outcome;  // as it was made; as one from memory, once it has been found
    std::size_t bytes = 0;
    Clock::time_point expires;
  };
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
  [[nodiscard]] Key KeyOf(const RunRequest& request);
  [[nodiscard]] RunOutcomeRef Find(const Key& key);
  void Keep(const RunRequest& request, Key key, const RunOutcomeRef& outcome);
  void Erase(std::list<Entry>::iterator entry);
  aio::Task<Result<RunOutcomeRef>> Fly(RunRequest request, Key key, Deadline deadline);

  Runner& runner_;
  CachedRunnerConfig config_;
  Now now_;
  CachedRunnerCounts counts_;
  std::array<std::string, static_cast<std::size_t>(sql::kLastDialect) + 1> engine_versions_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> by_key_;
  std::unordered_map<Key, std::shared_ptr<Flight>, KeyHash> flights_;
  std::list<FailedSchema> failed_;  // the oldest first; few
};

}  // namespace paddock::challenges
