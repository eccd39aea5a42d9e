// FakeDriver: an in-memory Driver. Every field is public: tests set it up and look at it directly.
//
// Its sandboxes have no processes; Connect hands out one end of a socket pair and keeps the other
// in `agent_ends`. Threading and ownership as of Driver.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "aio/condition.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/driver.h"

namespace paddock::sandbox::testing {

class FakeDriver final : public Driver {
 public:
  std::map<SandboxId, Info> machines;
  std::set<std::string> images{"base"};  // names that Create knows
  int fail_at = -1;                      // 0-based index of the call that fails; -1 never
  Error failure{Code::kUnavailable, "fake engine is down"};
  bool is_down = false;     // every call fails with `failure`
  bool is_blocked = false;  // Create, Destroy and List wait until Unblock(), which sets it back
  std::chrono::milliseconds create_delay{0};
  int call_count = 0;
  int create_count = 0;
  int destroy_count = 0;
  std::vector<UniqueFd> agent_ends;  // of every stream that Connect has handed out
  bool can_be_direct = false;        // whether the kernel let the last one refuse descriptors
  Usage usage{.memory = 12_MiB,
              .memory_peak = 20_MiB,
              .cpu_time = std::chrono::microseconds(1500),
              .process_count = 2,
              .disk = 1_MiB,
              .inode_count = 10};
  std::string log = "fake log\n";

  void Unblock();

  aio::Task<Result<Capabilities>> GetCapabilities(Deadline deadline) override;
  aio::Task<Result<Info>> Create(Spec spec, Deadline deadline) override;
  aio::Task<Result<UniqueFd>> Connect(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Stop(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Start(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Pause(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Resume(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Snapshot(SandboxId id, std::string name, Deadline deadline) override;
  aio::Task<Result<void>> Transfer(SandboxId id, UserId owner, Deadline deadline) override;
  aio::Task<Result<Usage>> Stats(SandboxId id, Deadline deadline) override;
  aio::Task<Result<std::string>> Logs(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Destroy(SandboxId id, Deadline deadline) override;
  aio::Task<Result<std::vector<Info>>> List(Deadline deadline) override;

 private:
  // Counts the call; fails when it is the chosen one, or when the engine is down.
  Result<void> Begin();
  aio::Task<Result<void>> WaitWhileBlocked(Deadline deadline);
  Result<Info*> Find(const SandboxId& id);
  Result<void> Change(const SandboxId& id, std::set<State> from, State to);

  aio::Condition unblocked_;
};

}  // namespace paddock::sandbox::testing
