// AgentPool: one open connection to the agent of each sandbox that is in use.
//
// Used by Manager. Opening costs a round trip to the node and a greeting; after that a request goes
// straight to the agent. A connection that has ended is opened again by the next caller; callers
// that arrive meanwhile wait for the same attempt.
//
// Threading: loop thread only. Ownership: driver and pool outlive every pending Get.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "aio/condition.h"
#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "sandbox/agent_client.h"
#include "sandbox/driver.h"

namespace paddock::sandbox {

using AgentRef = std::shared_ptr<AgentClient>;

/// AgentClient::Open, or a test's own.
using AgentOpener = std::function<aio::Task<Result<AgentRef>>(
    boost::asio::any_io_executor executor, UniqueFd stream, Deadline deadline)>;

class AgentPool {
 public:
  AgentPool(Driver& driver, AgentOpener opener, std::chrono::milliseconds open_timeout)
      : driver_(driver), opener_(std::move(opener)), open_timeout_(open_timeout) {}

  /// Fails like Driver::Connect and AgentClient::Open, or with kCancelled.
  [[nodiscard]] aio::Task<Result<AgentRef>> Get(SandboxId id, Deadline deadline);

  /// A forward (AgentClient::Forward) by `agent`, which is that of `id`; on a connection of its own
  /// where there can be one, which a program's cannot. Fails like Driver::Connect and Forward.
  [[nodiscard]] aio::Task<Result<UniqueFd>> Forward(AgentRef agent,
                                                    SandboxId id,
                                                    std::string target,
                                                    Deadline deadline);

  /// Lets go of the connection; calls in flight keep theirs.
  void Forget(const SandboxId& id);

  /// Forgets every sandbox of which `is_wanted` is false.
  void Retain(const std::function<bool(const SandboxId&)>& is_wanted);

  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }

 private:
  struct Slot {
    AgentRef agent;
    bool opening = false;
    bool forgotten = false;
    aio::Condition opened;
  };
  [[nodiscard]] aio::Task<Result<AgentRef>> Open(SandboxId id, Deadline deadline);

  Driver& driver_;
  AgentOpener opener_;
  std::chrono::milliseconds open_timeout_;
  std::map<SandboxId, std::shared_ptr<Slot>> slots_;
};

}  // namespace paddock::sandbox
