// ChallengeRunners: all databases on which this process runs challenges, behind one cache.
//
// Used by whoever hosts challenges: the server, or the runner when it is a process of its own.
// Threading: loop thread only. Ownership: outlives its runs; Stop before it is destroyed.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "challenges/cached_runner.h"
#include "challenges/dialect_runner.h"
#include "challenges/runner.h"
#include "runners/hosted/hosted_server.h"
#include "runners/hosted/leftovers.h"
#include "runners/hosted/owner_lease.h"
#include "runners/sqlite/sqlite_runner.h"
#include "sandbox/driver.h"
#include "sql/engine.h"

namespace paddock::app {

/// Database servers for challenges, as URLs with passwords in them; "" is none.
struct ChallengeServers {
  std::string postgres = {};  // NOLINT: may be left out
  std::string mariadb = {};   // NOLINT: may be left out
};

/// Where database servers that are not named are started when they are needed.
struct ChallengeHost {
  sandbox::Driver* driver = nullptr;
  std::filesystem::path directory = {};  // NOLINT: where this server keeps whose they are
  std::chrono::seconds idle_max{1800};   // without use, before one is removed
};

class ChallengeRunners {
 public:
  /// `host`: its driver outlives this. With none there are no challenges on them.
  explicit ChallengeRunners(const boost::asio::any_io_executor& executor,
                            const ChallengeServers& servers = {},
                            const ChallengeHost& host = {});
  ChallengeRunners(const ChallengeRunners&) = delete;
  ChallengeRunners& operator=(const ChallengeRunners&) = delete;
  ~ChallengeRunners();

  /// Starts the workers and connects to the servers, and logs what does not: there is no run there
  /// until it does, which is tried again and again.
  [[nodiscard]] aio::Task<void> Start();
  /// Removes what this server had started before it was killed, and logs when it cannot: the next
  /// start tries again, and whoever needs a database server before.
  [[nodiscard]] aio::Task<void> RemoveLeftovers();
  /// No run may be under way.
  [[nodiscard]] aio::Task<void> Stop();
  [[nodiscard]] challenges::Runner& runner() noexcept { return cached_; }

 private:
  class OnServer;
  class Doors;

  void Take(const ChallengeHost& host);
  void Add(const boost::asio::any_io_executor& executor,
           sql::Dialect dialect,
           const std::string& url);
  [[nodiscard]] std::unique_ptr<sql::Engine> EngineOf(sql::Dialect dialect);

  runners::sqlite::SqliteRunner sqlite_;
  sandbox::Driver* host_ = nullptr;                      // null where nothing is started
  std::optional<runners::hosted::OwnerLease> owner_;     // none without a host
  std::optional<runners::hosted::Leftovers> leftovers_;  // likewise
  runners::hosted::HostedConfig hosted_config_;
  std::unique_ptr<Doors> doors_;  // null when there is no database server
  std::vector<std::unique_ptr<OnServer>> on_servers_;
  challenges::DialectRunner by_dialect_;
  challenges::CachedRunner cached_{by_dialect_};
};

}  // namespace paddock::app
