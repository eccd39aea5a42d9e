// SqliteRunner: challenges on SQLite, in confined worker processes that each run one at a time.
//
// Implements challenges::Runner. There is one worker more than may run, so that one is ready when
// another has to be replaced: for its age, because it died, or because it did not keep its time.
// Quick runs are sent ahead to one that is at another, when all are or when it comes to them sooner
// than another wakes, so that it need not sleep between two; they are called back when the run
// before them turns out to be slow.
// Threading: loop thread. Ownership: outlives every run; Stop before it is destroyed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "aio/condition.h"
#include "aio/task.h"
#include "aio/task_scope.h"
#include "challenges/runner.h"
#include "runners/sqlite/protocol/messages.h"
#include "runners/sqlite/ticket.h"
#include "runners/sqlite/worker_process.h"

namespace paddock::runners::sqlite {

struct SqliteRunnerConfig {
  // The worker's program, by path, and its arguments.
  // NOLINTNEXTLINE(readability-redundant-member-init): may be left out
  std::vector<std::string> command = {};
  std::size_t running_max = 1;           // workers that run at once: one a core
  std::size_t runs_max = 100'000;        // of one worker; then it is replaced
  std::size_t waiting_max = 1'000;       // runs that wait for a worker; beyond: kExhausted
  std::size_t sent_max = 12;             // runs that one worker has at once
  std::chrono::milliseconds grace{500};  // beyond a run's own time, before its worker is killed
};

struct SqliteRunnerCounts {
  std::uint64_t runs = 0;
  std::uint64_t started = 0;     // workers
  std::uint64_t retired = 0;     // after runs_max runs
  std::uint64_t crashed = 0;     // ended by themselves, or said what no worker says
  std::uint64_t overdue = 0;     // killed at the wall clock
  std::uint64_t sent_ahead = 0;  // runs given to a worker that was at another
  std::uint64_t recalled = 0;    // of those, given to another worker in the end
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
  using Clock = WorkerProcess::Clock;
  using WorkerRef = std::shared_ptr<WorkerProcess>;

  // Of runs.
  static aio::Task<Result<challenges::RunOutcomeRef>> Settled(TicketRef ticket);
  void Abandon(const TicketRef& ticket);
  void Dispatch();
  [[nodiscard]] WorkerRef FindPlace(const std::string& digest) const;
  [[nodiscard]] WorkerRef FindQuick(const std::string& digest,
                                    std::chrono::microseconds time_max) const;
  [[nodiscard]] WorkerRef FindFree(const std::string& digest) const;
  void Give(const WorkerRef& worker, TicketRef ticket);
  void Flush(const WorkerRef& worker);
  static aio::Task<void> SendRest(WorkerRef worker);
  void BeginFirst(const WorkerRef& worker);
  void TakeAnswer(const WorkerRef& worker, std::string_view frame);
  void Conclude(WorkerProcess& worker, const SentRun& run, std::optional<Answer> answer);
  void Recall(WorkerProcess& worker);
  void GiveUp(WorkerProcess& worker);

  // Of workers.
  aio::Task<void> KeepWorkers();
  aio::Task<void> Listen(WorkerRef worker);
  aio::Task<void> WatchClock();
  static aio::Task<void> Bury(WorkerRef worker);
  [[nodiscard]] bool IsShort() const { return workers_.size() < config_.running_max + 1; }
  [[nodiscard]] bool IsDown() const;
  [[nodiscard]] bool HasReady() const;
  [[nodiscard]] bool IsOld(const WorkerProcess& worker) const {
    return worker.run_count >= config_.runs_max;
  }
  void StartWorker();
  bool Greet(WorkerProcess& worker, std::string_view frame);
  void NoteFailedStart();
  void Remove(const WorkerRef& worker);
  void CheckTimes();
  void StartWatch();

  boost::asio::any_io_executor executor_;
  SqliteRunnerConfig config_;
  Hello engine_;
  SqliteRunnerCounts counts_;
  aio::TaskScope scope_;
  aio::Condition changed_;  // a worker is missing, or one more is ready
  aio::Condition watch_;
  bool is_watching_ = false;
  bool is_stopping_ = false;
  int failed_starts_ = 0;  // in a row
  Clock::time_point next_start_;
  std::vector<WorkerRef> workers_;
  std::deque<TicketRef> waiting_;
  std::chrono::nanoseconds typical_time_ = std::chrono::seconds(1);  // of a run, lately
};

}  // namespace paddock::runners::sqlite
