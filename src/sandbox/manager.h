// Manager: the server's view of all sandboxes, and the rules that hold for every user.
//
// Used by the gateway's routes. It checks ownership (somebody else's sandbox is kNotFound, like one
// that does not exist), limits and quotas, asks the driver, and keeps a mirror of what the driver
// has (Registry), corrected by listing at the start and every few seconds: a restarted server or
// node, an expired lifetime and a crash all arrive here this way.
//
// Threading: loop thread only. Ownership: the driver outlives the manager; the manager outlives
// every pending call and the task of Run.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aio/condition.h"
#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "sandbox/agent_pool.h"
#include "sandbox/allowance.h"
#include "sandbox/driver.h"
#include "sandbox/event_feed.h"
#include "sandbox/limit_policy.h"
#include "sandbox/registry.h"

namespace paddock::sandbox {

struct ManagerConfig {
  LimitPolicy limits;
  int per_user_max = 3;      // sandboxes of one user at most, stopped ones too
  int live_count_max = 500;  // of all users
  std::chrono::milliseconds open_timeout{5'000};
  std::chrono::milliseconds reconcile_interval{3'000};
  std::chrono::milliseconds reconcile_timeout{10'000};
  std::chrono::milliseconds retry_interval{250};  // while the driver has never answered yet
};

/// What a user asks for; the rest of Spec is the manager's.
struct SandboxRequest {
  std::string image;
  Limits limits;
  std::map<std::string, std::string> env;
};

class Manager {
 public:
  Manager(ManagerConfig config, Driver& driver, AgentOpener opener);

  /// Keeps the mirror true until it is cancelled.
  [[nodiscard]] aio::Task<void> Run();

  /// Waits until the first list has arrived. kDeadlineExceeded, kCancelled.
  [[nodiscard]] aio::Task<Result<void>> WaitUntilReady(Deadline deadline);

  /// Success when the driver answered its last list; else kUnavailable with the reason.
  [[nodiscard]] Result<void> Ready() const;

  /// Fails with kInvalid (limits outside PolicyFor), kDenied (a user who may have none), kExhausted
  /// (quota of the user or of the server) and like Driver::Create. On success it is running and
  /// outlives this process.
  [[nodiscard]] aio::Task<Result<Info>> Create(UserId owner,
                                               SandboxRequest request,
                                               Allowance allowance,
                                               Deadline deadline);

  /// What the server allows everybody.
  [[nodiscard]] Allowance ServerAllowance() const;
  /// What holds for a user with `allowance`: in everything the smaller of that and the server's.
  [[nodiscard]] LimitPolicy PolicyFor(const Allowance& allowance) const;
  [[nodiscard]] int SandboxesMaxFor(const Allowance& allowance) const;

  /// Gives every sandbox that `from` has now to `to`, whatever quota `to` has; those that are still
  /// being created follow when they run. Connections to their agents go on. When it fails, some may
  /// have moved and the others have not: the message counts them, and a second call, also by a
  /// restarted server, goes on with the rest. kUnavailable before the first list, and like
  /// Driver::Transfer; a sandbox that is gone meanwhile is no failure.
  [[nodiscard]] aio::Task<Result<void>> TransferAll(UserId from, UserId to, Deadline deadline);

  /// kNotFound; kUnavailable before the first list, when nobody knows yet.
  [[nodiscard]] Result<Info> Find(const UserId& owner, const SandboxId& id) const;
  /// The same without a copy: valid until anything else happens, so before the next await.
  [[nodiscard]] Result<const Info*> Peek(const UserId& owner, const SandboxId& id) const;
  [[nodiscard]] Result<std::vector<Info>> List(const UserId& owner) const;  // newest first

  /// A connection to the agent; waits while the sandbox is being created. Fails with kNotFound,
  /// kConflict (not running), kUnavailable, kDeadlineExceeded, kCancelled.
  [[nodiscard]] aio::Task<Result<AgentRef>> Agent(UserId owner, SandboxId id, Deadline deadline);

  /// A stream to a server inside, by `agent`, which Agent gave for `id`: straight from the agent
  /// where agent and kernel can do that, so that it may be handed to others; else relayed by this
  /// process. Fails like AgentClient::Forward and Driver::Connect.
  [[nodiscard]] aio::Task<Result<UniqueFd>> Forward(AgentRef agent,
                                                    SandboxId id,
                                                    std::string target,
                                                    Deadline deadline);

  /// kNotFound for a sandbox that is already gone, and like the driver's own.
  [[nodiscard]] aio::Task<Result<void>> Destroy(UserId owner, SandboxId id, Deadline deadline);
  [[nodiscard]] aio::Task<Result<Usage>> Stats(UserId owner, SandboxId id, Deadline deadline);
  [[nodiscard]] aio::Task<Result<std::string>> Logs(UserId owner, SandboxId id, Deadline deadline);

  [[nodiscard]] EventFeed& events() noexcept { return events_; }
  [[nodiscard]] const ManagerConfig& config() const noexcept { return config_; }
  /// As of the last answer of the driver; empty before the first.
  [[nodiscard]] const std::optional<Capabilities>& capabilities() const noexcept {
    return capabilities_;
  }
  [[nodiscard]] std::size_t live_count() const noexcept { return registry_.size(); }
  [[nodiscard]] int CountOf(const UserId& owner) const { return registry_.CountOwnedBy(owner); }
  [[nodiscard]] int CountIn(State state) const { return registry_.CountIn(state); }

 private:
  [[nodiscard]] Result<void> Admit(const UserId& owner,
                                   const Limits& limits,
                                   const Allowance& allowance) const;
  [[nodiscard]] aio::Task<Result<State>> AwaitSettled(UserId owner,
                                                      SandboxId id,
                                                      Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> Transfer(SandboxId id,
                                                 UserId from,
                                                 UserId to,
                                                 Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> Reconcile();
  [[nodiscard]] aio::Task<void> RemoveAbandoned();

  ManagerConfig config_;
  Driver& driver_;
  EventFeed events_;
  Registry registry_{events_};
  AgentPool agents_;
  aio::Condition changed_;    // something was created, or the first list has arrived
  aio::Condition suspicion_;  // a sandbox did not answer: list now
  std::optional<Capabilities> capabilities_;
  std::vector<SandboxId> abandoned_;  // whose Create nobody waits for any more
  bool listed_once_ = false;
  std::string failure_ = "the node has not answered yet";  // of the last list; empty: none
};

}  // namespace paddock::sandbox
