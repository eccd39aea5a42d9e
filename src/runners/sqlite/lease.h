// SqliteRunner::Lease: a worker that runs for somebody. Used by the .cc files of SqliteRunner only.
#pragma once

#include <utility>

#include "runners/sqlite/sqlite_runner.h"

namespace paddock::runners::sqlite {

/// Move-only; the destructor gives the worker back.
class SqliteRunner::Lease {
 public:
  Lease(SqliteRunner& runner, WorkerProcess& worker) : runner_(&runner), worker_(&worker) {}
  Lease(Lease&& other) noexcept
      : runner_(other.runner_), worker_(std::exchange(other.worker_, nullptr)) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (worker_ != nullptr) {
      runner_->Release(worker_);
    }
  }

  [[nodiscard]] WorkerProcess& worker() const noexcept { return *worker_; }

 private:
  SqliteRunner* runner_;
  WorkerProcess* worker_;
};

}  // namespace paddock::runners::sqlite
