// Driver: the seam between Paddock and whatever really runs sandboxes.
//
// Called by sandbox::Manager in the server and by the node's gRPC service. Implementations:
// drivers/oci (crun, runc, runsc), rpc/node_client (a node process elsewhere) and
// testing/fake_driver.h. All pass the same suite, testing/driver_contract.h.
//
// Threading: call from the loop thread; completions arrive there too. Calls may overlap, also for
// one sandbox: the driver puts them in order. Ownership: the driver outlives every pending call.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "base/units.h"
#include "model/ids.h"

namespace paddock::sandbox {

enum class State { kCreating, kRunning, kPaused, kStopped, kFailed, kDestroyed };

/// "creating", "running", … as the API shows it.
[[nodiscard]] std::string_view Name(State state) noexcept;

/// Ceilings in force before the first instruction runs. Zero is invalid, never "unlimited".
struct Limits {
  Bytes memory = 512_MiB;
  MilliCpu cpu{1000};
  int process_count_max = 256;
  Bytes disk = 1_GiB;
  std::uint64_t inode_count_max = 65'536;
  std::chrono::seconds lifetime_max{4 * 3600};  // wall clock, counted from Create
  friend bool operator==(const Limits&, const Limits&) = default;
};

enum class Network { kNone };

struct Spec {
  SandboxId id;  // chosen by the caller, so that a repeated Create is a kConflict, never a twin
  UserId owner;
  std::string image;  // a name ("base") or a pinned one ("base@sha256:<hex>")
  Limits limits;
  std::map<std::string, std::string> env;  // for every process that the learner starts
  Network network = Network::kNone;
};

/// What the driver knows of one sandbox. `image` is pinned by digest from Create on.
struct Info {
  SandboxId id;
  UserId owner;
  std::string image;
  Limits limits;
  std::map<std::string, std::string> env;
  Network network = Network::kNone;
  State state = State::kCreating;
  std::string failure;  // why, when kFailed; else empty
  std::chrono::system_clock::time_point created_at;
};

/// A sandbox's use of its limits, summed over all its processes.
struct Usage {
  Bytes memory;
  Bytes memory_peak;
  std::chrono::microseconds cpu_time{0};
  int process_count = 0;
  Bytes disk;
  std::uint64_t inode_count = 0;
};

/// One image that is ready to start from.
struct ImageSummary {
  std::string name;                                // "base"
  std::string digest;                              // "sha256:<hex>"
  std::map<std::string, std::string> description;  // by language: "en", "zh"
};

/// What this engine can do on this host. What it cannot is declared with the reason, and shown.
struct Capabilities {
  std::string engine;  // "crun 1.8.1"
  bool pause = false;
  bool stop_and_start = false;
  bool snapshot = false;
  bool exec_cgroups = false;         // every exec has a cgroup of its own
  std::vector<std::string> missing;  // sentences for the operator: what, why, how to mend it
  std::vector<ImageSummary> images;  // as of now: an image may become ready later
};

class Driver {
 public:
  virtual ~Driver() = default;

  /// Fails with kUnavailable (engine is down).
  [[nodiscard]] virtual aio::Task<Result<Capabilities>> GetCapabilities(Deadline deadline) = 0;

  /// Makes the sandbox and starts its agent; on success it is running and journaled.
  /// Fails with kNotFound (no such image), kInvalid (`spec`), kConflict (the id is in use),
  /// kExhausted or kDiskFull (host is full) or kUnavailable (engine is down). Once failed,
  /// cancelled or past `deadline`, nothing is left.
  [[nodiscard]] virtual aio::Task<Result<Info>> Create(Spec spec, Deadline deadline) = 0;

  /// A new byte stream to the agent of `id` (docs/protocol/agent.md). Any number may be open.
  /// Fails with kNotFound, kConflict (not running) or kUnavailable (the agent does not answer).
  [[nodiscard]] virtual aio::Task<Result<UniqueFd>> Connect(SandboxId id, Deadline deadline) = 0;

  /// Ends all processes and keeps the upper layer; Start runs the same machine again. Both are
  /// idempotent. Fail with kNotFound, or kConflict where capabilities() says so.
  [[nodiscard]] virtual aio::Task<Result<void>> Stop(SandboxId id, Deadline deadline) = 0;
  [[nodiscard]] virtual aio::Task<Result<void>> Start(SandboxId id, Deadline deadline) = 0;

  /// Freezes every process; on success none runs. Both are idempotent; same errors as Stop.
  [[nodiscard]] virtual aio::Task<Result<void>> Pause(SandboxId id, Deadline deadline) = 0;
  [[nodiscard]] virtual aio::Task<Result<void>> Resume(SandboxId id, Deadline deadline) = 0;

  /// Saves the upper layer as the image `name`. Fails with kConflict where not supported.
  [[nodiscard]] virtual aio::Task<Result<void>> Snapshot(SandboxId id,
                                                         std::string name,
                                                         Deadline deadline) = 0;

  /// Gives `id` to another user, for good, whatever state it is in; nothing inside notices.
  /// Idempotent. Fails with kNotFound, kInvalid (`owner` is no id), kDiskFull or kUnavailable.
  [[nodiscard]] virtual aio::Task<Result<void>> Transfer(SandboxId id,
                                                         UserId owner,
                                                         Deadline deadline) = 0;

  [[nodiscard]] virtual aio::Task<Result<Usage>> Stats(SandboxId id, Deadline deadline) = 0;

  /// What the sandbox's agent and its boot services printed, newest last, at most 256 KiB.
  [[nodiscard]] virtual aio::Task<Result<std::string>> Logs(SandboxId id, Deadline deadline) = 0;

  /// Kills `id` and takes it away for good; what it had goes soon. An unknown id is a success.
  [[nodiscard]] virtual aio::Task<Result<void>> Destroy(SandboxId id, Deadline deadline) = 0;

  /// Every sandbox of this driver that is not destroyed, in no order.
  [[nodiscard]] virtual aio::Task<Result<std::vector<Info>>> List(Deadline deadline) = 0;
};

}  // namespace paddock::sandbox
