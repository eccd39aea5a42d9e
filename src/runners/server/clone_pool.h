// ClonePool: keeps databases of the schemas in use ready, so that a run finds a fresh one at once.
//
// Used by ServerRunner. A clone that was used is dropped, a reader is made as new; both, and what
// is to be ready next, happen off the way of runs. There are at most so many databases, of all
// schemas together, and the schemas that nobody used for longest make room for others. When the
// server is lost, everything is: it begins anew with the next run.
//
// Threading: loop thread. Ownership: `databases` outlives it; Stop before it is destroyed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "aio/gate.h"
#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "challenges/runner.h"
#include "runners/server/databases.h"
#include "runners/server/schema_shelf.h"

namespace paddock::runners::server {

struct ClonePoolConfig {
  std::size_t ready_max = 8;     // clones of one schema that wait for a run
  std::size_t clones_max = 32;   // that there are, of all schemas, used ones included
  std::size_t readers_max = 32;  // sessions of all schemas' readers
  std::size_t readers_of_schema_max = kReadersMax;
  std::size_t schemas_max = 32;         // that are prepared
  std::size_t makers_max = 2;           // databases that are made or dropped at once
  std::size_t waiting_max = 1'000;      // runs that wait; beyond: kExhausted
  std::chrono::milliseconds quiet{10};  // without runs, before what is not urgent is done
  std::size_t reader_runs_max = 1'000;  // of one session
};

class ClonePool {
 public:
  class Lease;

  ClonePool(boost::asio::any_io_executor executor, Databases& databases, ClonePoolConfig config);
  ClonePool(const ClonePool&) = delete;
  ClonePool& operator=(const ClonePool&) = delete;
  ~ClonePool();

  /// Connects to the server, unless it is. Fails with kUnavailable, kDeadlineExceeded, kCancelled.
  [[nodiscard]] aio::Task<Result<void>> Open(Deadline deadline);
  /// Prepares a schema, unless it is. Fails with kInvalid (its script fails), kUnavailable,
  /// kExhausted, kDeadlineExceeded, kCancelled; with kConflict when the server was lost meanwhile:
  /// try again.
  [[nodiscard]] aio::Task<Result<ShelfRef>> Prepare(challenges::SchemaRef schema,
                                                    Deadline deadline);
  /// A place to run in. Fails likewise; after kConflict, prepare it again.
  [[nodiscard]] aio::Task<Result<Lease>> Acquire(ShelfRef shelf, Use use, Deadline deadline);
  /// A session was found lost: looks whether the server is.
  [[nodiscard]] aio::Task<void> Suspect(Deadline deadline);
  /// Forgets everything, as when the server is lost; the next Open connects again. False: something
  /// is still being made or dropped, and nothing is forgotten. No run may be under way.
  [[nodiscard]] bool LetGo();
  /// No run may be under way.
  [[nodiscard]] aio::Task<void> Stop();

  /// Databases of clones that there are, or are being made or dropped.
  [[nodiscard]] std::size_t clone_count() const noexcept { return clone_count_; }

 private:
  struct Work {
    enum class Kind : std::uint8_t { kMake, kDrop };
    Kind kind = Kind::kMake;
    ShelfRef shelf = nullptr;
    Use use = Use::kClone;
    std::vector<std::string> databases = {};  // NOLINT: to drop, in this order
    bool is_clone = true;                     // of that
  };
  struct Doomed {
    std::vector<std::string> databases;  // in this order
    bool is_clone = true;
  };

  [[nodiscard]] Result<ShelfRef> FindOrBegin(const challenges::SchemaRef& schema);
  aio::Task<void> PrepareShelf(ShelfRef shelf, challenges::SchemaRef schema);
  void Forget(ShelfRef shelf);
  [[nodiscard]] bool MakeRoomForSchema();

  void Pump();
  [[nodiscard]] std::optional<Work> Choose();
  [[nodiscard]] std::optional<Work> ChooseForWaiting();
  [[nodiscard]] bool IsBusyTime();
  aio::Task<void> PumpWhenQuiet();
  [[nodiscard]] std::optional<Work> ChooseRefill();
  [[nodiscard]] bool HasRoom(const Shelf& shelf, Use use) const;
  bool EvictFor(const Shelf& shelf, Use use);
  aio::Task<void> Do(Work work);
  aio::Task<void> Make(ShelfRef shelf, Use use);
  aio::Task<void> Drop(std::vector<std::string> databases);
  void Give(Shelf& shelf, Use use, Place place, std::size_t run_count);
  void FailWaiting(Shelf& shelf, Use use, const Error& error);
  void Lose();
  void GiveBack(const ShelfRef& shelf, Use use, ReadyPlace place) noexcept;
  aio::Task<void> Renew(ShelfRef shelf, ReadyPlace place);
  [[nodiscard]] bool IsCurrent(const Shelf& shelf) const { return shelf.epoch == epoch_; }

  boost::asio::any_io_executor executor_;
  Databases& databases_;
  ClonePoolConfig config_;
  aio::TaskScope scope_;
  aio::TaskScope drops_;  // not cancelled: MariaDB leaves a database that it drops in part for good
  aio::Gate opening_;
  std::map<std::string, ShelfRef> shelves_;  // by digest
  std::deque<Doomed> doomed_;
  std::size_t busy_ = 0;
  std::size_t clone_count_ = 0;
  std::size_t reader_count_ = 0;
  std::size_t waiting_count_ = 0;
  std::uint64_t ticket_ = 0;
  std::uint64_t epoch_ = 0;
  Deadline::Clock::time_point quiet_at_;  // when no run has come for a while
  bool is_waiting_for_quiet_ = false;
  bool is_stopping_ = false;
};

}  // namespace paddock::runners::server
