// ServerRunner: challenges on a database server, each run in a database that nobody used before.
//
// Implements challenges::Runner. A text that can only read runs in a read-only transaction, in a
// database that readers share and none of them can change; any other text runs on a clone, which is
// dropped afterwards. Whether a text only reads is decided by its words, so that a mistake costs a
// clone, and is enforced by the database.
// Threading: loop thread. Ownership: `databases` outlives it, and it outlives its runs; Stop before
// it is destroyed.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "challenges/runner.h"
#include "runners/server/clone_pool.h"
#include "runners/server/databases.h"

namespace paddock::runners::server {

inline constexpr std::size_t kScriptBytesMax = std::size_t{16} << 20U;
inline constexpr std::size_t kChecksMax = 100;

class ServerRunner final : public challenges::Runner {
 public:
  ServerRunner(boost::asio::any_io_executor executor,
               Databases& databases,
               ClonePoolConfig config = {});

  /// Connects, and drops what an earlier process has left. The first run does so otherwise, and any
  /// after the server was lost. Fails with kUnavailable, in words for the server's administrator;
  /// kDeadlineExceeded, kCancelled.
  [[nodiscard]] aio::Task<Result<void>> Start(Deadline deadline) { return pool_.Open(deadline); }
  [[nodiscard]] aio::Task<Result<challenges::RunOutcomeRef>> Run(challenges::RunRequest request,
                                                                 Deadline deadline) override;
  /// Lets go of the server, to which the next run connects again. False: it is not at rest yet. No
  /// run may be under way.
  [[nodiscard]] bool LetGo() { return pool_.LetGo(); }
  /// No run may be under way.
  [[nodiscard]] aio::Task<void> Stop() { return pool_.Stop(); }

 private:
  enum class Verdict : std::uint8_t { kDone, kAgain, kAgainOnClone };
  struct Attempt;

  [[nodiscard]] aio::Task<Verdict> Try(Attempt& attempt,  // outlives the task
                                       Deadline deadline);
  [[nodiscard]] static Verdict Refuse(Attempt& attempt, Error error);
  [[nodiscard]] aio::Task<Verdict> RunIn(Attempt& attempt,
                                         ClonePool::Lease& lease,
                                         Deadline deadline);

  Databases& databases_;
  ClonePool pool_;
};

}  // namespace paddock::runners::server
