// ChallengeRunners: all databases on which this process runs challenges, behind one cache.
//
// Used by whoever hosts challenges: the server, or the runner when it is a process of its own.
// Threading: loop thread only. Ownership: outlives its runs; Stop before it is destroyed.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "aio/task.h"
#include "challenges/cached_runner.h"
#include "challenges/dialect_runner.h"
#include "challenges/runner.h"
#include "runners/sqlite/sqlite_runner.h"

namespace paddock::app {

class ChallengeRunners {
 public:
  explicit ChallengeRunners(const boost::asio::any_io_executor& executor);

  /// Starts the workers, and logs when they do not: there is no run until they do, which they try
  /// again and again.
  [[nodiscard]] aio::Task<void> Start();
  /// No run may be under way.
  [[nodiscard]] aio::Task<void> Stop();
  [[nodiscard]] challenges::Runner& runner() noexcept { return cached_; }

 private:
  runners::sqlite::SqliteRunner sqlite_;
  challenges::DialectRunner by_dialect_;
  challenges::CachedRunner cached_{by_dialect_};
};

}  // namespace paddock::app
