// OciDriver: sandboxes by an OCI runtime (crun, runc or runsc) on this host.
//
// Used by the node process. Makes cgroups, disks and mounts itself and leaves to the runtime what
// it is good at: namespaces, capabilities, seccomp. What is true of a sandbox stands in its journal
// before a caller hears of it, and Open puts right whatever a killed node has left half done:
//   creating  → undone            running, paused → watched again, if its process still lives
//   destroyed → removal finished   else            → failed, or stopped when the host has rebooted
// A record that cannot be read or used is left where it is, with a loud word in the log: it is
// somebody's machine.
//
// Threading: loop thread only. Ownership: Shutdown before the destructor; sandboxes live on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "aio/gate.h"
#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "base/units.h"
#include "drivers/oci/cgroups.h"
#include "drivers/oci/disk_images.h"
#include "drivers/oci/id_ranges.h"
#include "drivers/oci/journal.h"
#include "drivers/oci/runtime.h"
#include "sandbox/driver.h"

namespace paddock::drivers::oci {

/// What the driver must know of an image.
struct ImageRoot {
  std::string pinned_name;  // "base@sha256:<hex>"
  std::string path;         // root file system, owned by ids 0..65535
  std::map<std::string, std::string> env;
  std::string boot;  // program inside that is started with the sandbox, or ""

  // The least limits that the image works with; zero: any.
  Bytes memory_min{};
  Bytes disk_min{};
  int process_count_min = 0;
};

struct OciDriverConfig {
  std::string data_dir;
  std::string run_dir;
  std::string cgroup_root = "paddock";
  std::uint32_t id_base = 1U << 30U;
  int sandbox_count_max = 16'384;  // as many ranges of ids are reserved from `id_base` on
  std::string runtime;             // "crun", "runc", "runsc"; "" for the best that works
  std::string agent_path;  // static binary; copied, so it may be replaced while sandboxes run
  std::string sqlite_helper_path;  // likewise; "" for sandboxes without it

  /// Finds an image by any of its names. Called on a pool thread; fails as Driver::Create says.
  std::function<Result<ImageRoot>(const std::string& name)> find_image;

  /// The images that are ready now. Called on a pool thread.
  std::function<std::vector<sandbox::ImageSummary>()> list_images;

  /// Waits until the agent at the other end of a new stream is ready to serve. Optional.
  std::function<aio::Task<Result<void>>(UniqueFd stream, Deadline deadline)> greet_agent;
};

class OciDriver final : public sandbox::Driver {
 public:
  /// Checks the host, picks the runtime and recovers what the journal knows. Fails with kInvalid
  /// (configuration) or kUnavailable, saying what the host lacks and how to mend it.
  [[nodiscard]] static aio::Task<Result<std::unique_ptr<OciDriver>>> Open(
      boost::asio::any_io_executor executor, OciDriverConfig config, Deadline deadline);
  ~OciDriver() override;

  /// Stops watching. Running sandboxes are left alone.
  [[nodiscard]] aio::Task<void> Shutdown();

  aio::Task<Result<sandbox::Capabilities>> GetCapabilities(Deadline deadline) override;
  aio::Task<Result<sandbox::Info>> Create(sandbox::Spec spec, Deadline deadline) override;
  aio::Task<Result<UniqueFd>> Connect(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Stop(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Start(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Pause(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Resume(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Snapshot(SandboxId id, std::string name, Deadline deadline) override;
  aio::Task<Result<void>> Transfer(SandboxId id, UserId owner, Deadline deadline) override;
  aio::Task<Result<sandbox::Usage>> Stats(SandboxId id, Deadline deadline) override;
  aio::Task<Result<std::string>> Logs(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Destroy(SandboxId id, Deadline deadline) override;
  aio::Task<Result<std::vector<sandbox::Info>>> List(Deadline deadline) override;

 private:
  // One sandbox. Shared with the tasks that work on it; `turn` puts those in order.
  struct Machine {
    explicit Machine(Record what) : record(std::move(what)) {}
    Record record;
    ImageRoot image;
    UniqueFd pidfd;  // of the agent, while it runs
    UniqueFd log;    // what the agent prints to, while it runs
    std::string last_log;
    aio::Gate turn;
    bool owns_ids = true;
    bool is_gone = false;
    bool is_expiring = false;
  };
  using MachinePtr = std::shared_ptr<Machine>;

  // One sandbox on its way to the trash.
  struct Burial {
    explicit Burial(SandboxId whose) : id(std::move(whose)) {}
    SandboxId id;
    bool is_done = false;
    Result<void> outcome;
  };

  // A machine and the right to change it.
  struct Held {
    MachinePtr machine;
    aio::Gate::Pass pass;
  };

  OciDriver(boost::asio::any_io_executor executor,
            OciDriverConfig config,
            Cgroups cgroups,
            Journal journal);

  // driver.cc
  [[nodiscard]] Result<void> PrepareDirectories();
  [[nodiscard]] aio::Task<Result<void>> TakeOver(Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> Lock(std::string directory, Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> LockGroups(Deadline deadline);
  [[nodiscard]] Result<void> CopyPrograms();
  [[nodiscard]] static Result<void> CopyProgram(const std::string& program,
                                                const std::string& copy);
  [[nodiscard]] aio::Task<Result<void>> ChooseRuntime(Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> Probe(Runtime runtime, Deadline deadline);
  [[nodiscard]] aio::Task<Result<Held>> Hold(SandboxId id, Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> Save(Record record);
  [[nodiscard]] std::string RunDirectoryOf(const SandboxId& id) const;
  [[nodiscard]] std::string SocketOf(const SandboxId& id) const;
  [[nodiscard]] RuntimeFiles FilesOf(const SandboxId& id) const;

  // driver_create.cc
  [[nodiscard]] Result<MachinePtr> Register(const sandbox::Spec& spec, ImageRoot image);
  [[nodiscard]] aio::Task<Result<void>> Build(MachinePtr machine, Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> MarkRunning(Record record);
  [[nodiscard]] aio::Task<void> MakeDurable(SandboxId id, Result<void>& outcome);
  [[nodiscard]] aio::Task<Result<void>> Boot(MachinePtr machine, Deadline deadline);
  [[nodiscard]] aio::Task<Result<int>> RunRuntime(Record record,
                                                  LaunchPlan plan,
                                                  Deadline deadline);
  [[nodiscard]] Result<LaunchPlan> PlanLaunch(const Machine& machine,
                                              int listener,
                                              const std::vector<DelegatedGroup>& groups);
  [[nodiscard]] aio::Task<Result<void>> Greet(MachinePtr machine, Deadline deadline);
  [[nodiscard]] aio::Task<Result<UniqueFd>> Reach(SandboxId id, Deadline deadline);

  // driver_start.cc
  [[nodiscard]] aio::Task<Result<void>> PrepareStart(MachinePtr machine, Deadline deadline);

  // driver_end.cc
  [[nodiscard]] aio::Task<void> AskToEnd(MachinePtr machine, Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> EndProcesses(MachinePtr machine, Deadline deadline);
  [[nodiscard]] aio::Task<void> Watch(MachinePtr machine);
  [[nodiscard]] aio::Task<void> ExpireForever();
  [[nodiscard]] aio::Task<void> DestroyExpired(SandboxId id);
  static void KeepLog(Machine& machine);
  void RemoveRunFiles(const SandboxId& id);

  // driver_bury.cc
  [[nodiscard]] aio::Task<Result<void>> Bury(MachinePtr machine);
  [[nodiscard]] aio::Task<Result<void>> Discard(SandboxId id);
  [[nodiscard]] aio::Task<void> Reap(MachinePtr machine);
  [[nodiscard]] aio::Task<Result<void>> TryReap(MachinePtr machine);
  [[nodiscard]] aio::Task<void> FinishReaping();

  // driver_recover.cc
  [[nodiscard]] aio::Task<Result<void>> Recover(Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> Adopt(Record record, Deadline deadline);
  [[nodiscard]] bool Rejoin(const MachinePtr& machine);
  void RecoverTrash();
  [[nodiscard]] aio::Task<void> RemoveStrays(Deadline deadline);

  boost::asio::any_io_executor executor_;
  OciDriverConfig config_;
  Cgroups cgroups_;
  Journal journal_;
  IdRanges id_ranges_;
  boost::asio::thread_pool pool_;
  boost::asio::thread_pool sync_pool_;     // waits for the host's disk
  boost::asio::thread_pool removal_pool_;  // what nobody waits for
  DiskImages disks_;
  Runtime runtime_;
  std::string agent_copy_;
  std::string sqlite_helper_copy_;  // "" for none
  std::vector<UniqueFd> locks_;
  aio::Gate launches_;
  aio::Gate burying_;
  std::vector<std::shared_ptr<Burial>> burials_;  // not yet begun
  aio::TaskScope tasks_;
  aio::TaskScope reapers_;
  std::map<SandboxId, MachinePtr> machines_;
  std::set<SandboxId> leaving_;  // in the hands of a reaper
};

}  // namespace paddock::drivers::oci
