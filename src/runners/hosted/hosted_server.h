// HostedServer: a database server for challenges in a sandbox of the server's own.
//
// Used by HostedRunner, and by ServerLink through HostedDialer. It is started when somebody wants
// it first, and anew when it is gone; it belongs to nobody who signs in (sandbox/system_owner.h).
// When nobody has used it for a while it is removed until somebody wants it again. What was in one
// that is gone is gone: whoever uses it makes it again, as after any loss of a server.
//
// Threading: loop thread. Ownership: driver and leftovers outlive it, and it outlives its calls and
// dialers; Stop before it is destroyed.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "aio/condition.h"
#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "runners/hosted/leftovers.h"
#include "runners/hosted/server_recipe.h"
#include "sandbox/agent_pool.h"
#include "sandbox/driver.h"
#include "sql/engine.h"

namespace paddock::runners::hosted {

struct HostedConfig {
  std::chrono::milliseconds start_time_max{90'000};
  std::chrono::milliseconds wait_max{20'000};     // of whoever needs it, while it starts
  std::chrono::milliseconds retry_pause{3'000};   // after a start that failed
  std::chrono::milliseconds idle_max{1'800'000};  // without use, before it is removed
};

class HostedServer {
 public:
  /// Lets go of everything in the server. False: something is still under way there.
  using LetGo = std::function<bool()>;
  class Use;

  HostedServer(boost::asio::any_io_executor executor,
               sandbox::Driver& driver,
               sandbox::AgentOpener opener,
               Leftovers& leftovers,
               ServerRecipe recipe,
               HostedConfig config = {});

  /// Waits until it runs, and starts it unless it does. Fails with kConflict (its image is not
  /// built; trying again is of no use), kDeadlineExceeded (it still starts), both in words for the
  /// learner; kUnavailable, in words for the log; kCancelled.
  [[nodiscard]] aio::Task<Result<void>> Await(Deadline deadline);
  /// A connection to it. Fails likewise.
  [[nodiscard]] aio::Task<Result<UniqueFd>> Dial(Deadline deadline);
  /// What is asked before it is removed because nobody uses it; if not, it is asked again.
  void AskBeforeRemoval(LetGo let_go) { let_go_ = std::move(let_go); }
  /// Removes its sandbox, for good. No Await or Dial may be under way.
  [[nodiscard]] aio::Task<void> Stop(Deadline deadline);

  [[nodiscard]] const ServerRecipe& recipe() const noexcept { return recipe_; }

 private:
  [[nodiscard]] bool is_running() const { return agent_ != nullptr && agent_->is_open(); }
  void End() noexcept;
  aio::Task<void> RemoveWhenIdle();
  aio::Task<void> RemoveIdle();
  aio::Task<void> Start();
  [[nodiscard]] aio::Task<Result<void>> RemoveOld(Deadline deadline);
  [[nodiscard]] aio::Task<Result<sandbox::AgentRef>> Make(Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> SetUp(sandbox::AgentRef agent, Deadline deadline);
  [[nodiscard]] Error InWords(Error error) const;

  boost::asio::any_io_executor executor_;
  sandbox::Driver& driver_;
  sandbox::AgentOpener opener_;
  Leftovers& leftovers_;
  ServerRecipe recipe_;
  HostedConfig config_;
  std::optional<SandboxId> id_;  // of the sandbox that there is, or may be
  sandbox::AgentRef agent_;      // while it runs
  LetGo let_go_;
  std::size_t use_count_ = 0;
  Deadline::Clock::time_point idle_at_;  // when nobody has used it for long enough
  bool is_watched_ = false;              // by RemoveWhenIdle
  bool is_changing_ = false;             // it is being started or removed
  bool is_stopping_ = false;
  std::optional<Error> failure_;  // of the last start
  std::size_t failure_count_ = 0;
  Deadline::Clock::time_point retry_at_;
  aio::Condition changed_;
  aio::TaskScope scope_;
};

/// Of whoever needs the server, from before Await to the last answer: meanwhile it is not removed.
class HostedServer::Use {
 public:
  explicit Use(HostedServer& server) : server_(server) { ++server_.use_count_; }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { server_.End(); }

 private:
  HostedServer& server_;
};

class HostedDialer final : public sql::Dialer {
 public:
  explicit HostedDialer(HostedServer& server) : server_(server) {}
  [[nodiscard]] aio::Task<Result<UniqueFd>> Dial(Deadline deadline) override {
    return server_.Dial(deadline);
  }

 private:
  HostedServer& server_;
};

}  // namespace paddock::runners::hosted
