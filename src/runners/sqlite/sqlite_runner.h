// SqliteRunner: challenges on SQLite, in confined worker processes that each run one at a time.
//
// Implements challenges::Runner. There is one worker more than may run, so that one is ready when
// another has to be replaced: for its age, because it died, or because it did not keep its time.
// Threading: loop thread. Ownership: outlives every run; Stop before it is destroyed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "aio/condition.h"
#include "aio/task.h"
#include "aio/task_scope.h"
#include "challenges/runner.h"
#include "runners/sqlite/protocol/messages.h"
#include "runners/sqlite/worker_process.h"

namespace paddock::runners::sqlite {

struct SqliteRunnerConfig {
  // The worker's program, by path, and its arguments.
  // NOLINTNEXTLINE(readability-redundant-member-init): may be left out
  std::vector<std::string> command = {};
  std::size_t running_max = 1;           // workers that run at once: one a core
  std::size_t runs_max = 20'000;         // of one worker; then it is replaced
  std::size_t waiting_max = 1'000;       // runs that wait for a worker; beyond: kExhausted
  std::chrono::milliseconds grace{500};  // beyond a run's own time, before its worker is killed
};

struct SqliteRunnerCounts {
  std::uint64_t runs = 0;
  std::uint64_t started = 0;  // workers
  std::uint64_t retired = 0;  // after runs_max runs
  std::uint64_t crashed = 0;  // ended by themselves, or said what no worker says
  std::uint64_t overdue = 0;  // killed at the wall clock
};

class SqliteRunner final : public challenges::Runner {
 public:
  SqliteRunner(boost::asio::any_io_executor executor, SqliteRunnerConfig config);

  /// Starts the workers. Fails with kUnavailable or kDeadlineExceeded when none gets ready.
  [[nodiscard]] aio::Task<Result<void>> Start(Deadline deadline);
  /// Ends the workers. No run may be under way.
  [[nodiscard]] aio::Task<void> Stop();

  [[nodiscard]] aio::Task<Result<challenges::RunOutcomeRef>> Run(challenges::RunRequest request,
                                                                 Deadline deadline) override;

  /// Of the engine, as its workers said; empty before Start.
  [[nodiscard]] const Hello& engine() const noexcept { return engine_; }
  [[nodiscard]] const SqliteRunnerCounts& counts() const noexcept { return counts_; }

 private:
  struct Waiter {
    boost::asio::steady_timer turn;
    WorkerProcess* worker = nullptr;
  };
  /// What came of one request: an answer, or why there is none.
  struct Exchanged {
    std::optional<Answer> answer = std::nullopt;
    bool is_started = false;    // the worker may have begun
    bool is_cancelled = false;  // the worker goes on
  };
  class Lease;

  aio::Task<void> KeepWorkers();
  aio::Task<void> Greet(WorkerProcess* worker);
  aio::Task<void> WatchClock();
  aio::Task<void> Drain(Lease lease);
  static aio::Task<void> Bury(std::unique_ptr<WorkerProcess> worker);

  [[nodiscard]] bool IsShort() const { return workers_.size() < config_.running_max + 1; }
  void StartWorker();
  void NoteFailedStart();
  void Remove(WorkerProcess* worker);
  void CheckTimes();
  void StartWatch();

  aio::Task<Result<Lease>> Acquire(std::string digest, Deadline deadline);
  [[nodiscard]] bool IsDown() const;
  [[nodiscard]] WorkerProcess* TakeReady(const std::string& digest);
  void Release(WorkerProcess* worker) noexcept;
  void ServeWaiters();

  aio::Task<Exchanged> Exchange(WorkerProcess& worker,                  // outlives the task
                                const challenges::RunRequest& request,  // outlives the task
                                Deadline deadline);
  void SetTimes(WorkerProcess& worker,
                const challenges::RunRequest& request,
                bool with_script,
                Deadline deadline);
  Result<challenges::RunOutcomeRef> Conclude(Lease lease, Exchanged exchanged, Deadline deadline);
  Result<challenges::RunOutcomeRef> ConcludeLost(WorkerProcess& worker);

  boost::asio::any_io_executor executor_;
  SqliteRunnerConfig config_;
  Hello engine_;
  SqliteRunnerCounts counts_;
  aio::TaskScope scope_;
  aio::Condition changed_;  // a worker is missing, or one more is ready
  aio::Condition watch_;
  bool is_watching_ = false;
  bool is_stopping_ = false;
  std::size_t running_ = 0;
  int failed_starts_ = 0;  // in a row
  WorkerProcess::Clock::time_point next_start_;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
  std::vector<WorkerProcess*> ready_;
  std::list<Waiter*> waiting_;
};

}  // namespace paddock::runners::sqlite
