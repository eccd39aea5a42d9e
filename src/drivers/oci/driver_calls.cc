// The part of OciDriver that looks at sandboxes and freezes them.
#include <sys/statfs.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "aio/offload.h"
#include "drivers/oci/agent_socket.h"
#include "drivers/oci/driver.h"
#include "drivers/oci/machine_log.h"
#include "drivers/oci/pause.h"

namespace paddock::drivers::oci {
namespace {

constexpr std::chrono::milliseconds kFreezeInterval{1};

// What the sandbox's disk holds: seen through its root, which is the overlay above that disk.
void AddDiskUsage(int pid, sandbox::Usage& usage) {
  struct statfs status{};
  if (statfs(fmt::format("/proc/{}/root", pid).c_str(), &status) == 0) {
    const auto block_size = static_cast<std::uint64_t>(status.f_bsize);
    usage.disk = Bytes{(status.f_blocks - status.f_bfree) * block_size};
    usage.inode_count = status.f_files - status.f_ffree;
  }
}

}  // namespace

aio::Task<Result<sandbox::Capabilities>> OciDriver::GetCapabilities(Deadline /*deadline*/) {
  sandbox::Capabilities capabilities{.engine = runtime_.version,
                                     .pause = cgroups_.can_freeze(),
                                     .stop_and_start = true,
                                     .snapshot = false,
                                     .exec_cgroups = runtime_.passes_descriptors(),
                                     .missing = {},
                                     .images = {}};
  capabilities.missing.emplace_back("Snapshots of a sandbox are not supported by this engine yet.");
  if (!capabilities.exec_cgroups) {
    capabilities.missing.emplace_back(
        "Commands have no cgroups of their own, because a sandbox of runsc can be given none: what "
        "they "
        "leave behind ends with the last command or terminal that runs. Its processes are counted "
        "as the "
        "host's threads that gVisor needs for them.");
  }
  if (!capabilities.pause) {
    capabilities.missing.emplace_back(
        "Sandboxes cannot be paused: the host mounts neither the cgroup v1 freezer nor cgroup v2.");
  }
  if (config_.list_images) {
    auto list = [this] { return config_.list_images(); };
    capabilities.images = co_await aio::Offload(pool_, std::move(list));
  }
  co_return capabilities;
}

aio::Task<Result<UniqueFd>> OciDriver::Connect(SandboxId id, Deadline deadline) {
  auto held = co_await Hold(std::move(id), deadline);
  if (!held) {
    co_return Fail(std::move(held).error());
  }
  const sandbox::Info& info = held->machine->record.info;
  if (info.state != sandbox::State::kRunning) {
    co_return Fail(Code::kConflict, fmt::format("the sandbox is {}", Name(info.state)));
  }
  auto stream = co_await Reach(info.id, deadline);
  co_return stream;
}

aio::Task<Result<void>> OciDriver::Pause(SandboxId id, Deadline deadline) {
  auto held = co_await Hold(std::move(id), deadline);
  if (!held) {
    co_return Fail(std::move(held).error());
  }
  Record& record = held->machine->record;
  if (record.info.state == sandbox::State::kPaused) {
    co_return Result<void>{};
  }
  if (record.info.state != sandbox::State::kRunning) {
    co_return Fail(Code::kConflict, fmt::format("the sandbox is {}", Name(record.info.state)));
  }
  auto asked = cgroups_.SetFrozen(record.group, record.info.id, true);
  if (!asked) {
    co_return asked;
  }
  while (!cgroups_.IsFrozen(record.group, record.info.id)) {
    if (deadline.Passed()) {
      [[maybe_unused]] auto undone = cgroups_.SetFrozen(record.group, record.info.id, false);
      co_return Fail(Code::kDeadlineExceeded, "the sandbox did not freeze in time");
    }
    co_await PauseFor(kFreezeInterval);
  }
  record.info.state = sandbox::State::kPaused;
  co_return journal_.SaveLive(record);
}

aio::Task<Result<void>> OciDriver::Resume(SandboxId id, Deadline deadline) {
  auto held = co_await Hold(std::move(id), deadline);
  if (!held) {
    co_return Fail(std::move(held).error());
  }
  Record& record = held->machine->record;
  if (record.info.state == sandbox::State::kRunning) {
    co_return Result<void>{};
  }
  if (record.info.state != sandbox::State::kPaused) {
    co_return Fail(Code::kConflict, fmt::format("the sandbox is {}", Name(record.info.state)));
  }
  auto thawed = cgroups_.SetFrozen(record.group, record.info.id, false);
  if (!thawed) {
    co_return thawed;
  }
  record.info.state = sandbox::State::kRunning;
  co_return journal_.SaveLive(record);
}

aio::Task<Result<void>> OciDriver::Snapshot(SandboxId id,
                                            std::string /*name*/,
                                            Deadline /*deadline*/) {
  if (!machines_.contains(id)) {
    co_return Fail(Code::kNotFound, fmt::format("no sandbox {}", id.value()));
  }
  co_return Fail(Code::kConflict, "snapshots are not supported by this engine yet");
}

// The control groups stay where they are: the runtime knows them by their path, and the agent holds
// them open.
aio::Task<Result<void>> OciDriver::Transfer(SandboxId id, UserId owner, Deadline deadline) {
  if (!IsIdText(owner.value())) {
    co_return Fail(Code::kInvalid, "the owner must be an id");
  }
  auto held = co_await Hold(std::move(id), deadline);
  if (!held) {
    co_return Fail(std::move(held).error());
  }
  const MachinePtr machine = held->machine;
  if (machine->record.info.owner == owner) {
    co_return Result<void>{};
  }
  Record changed = machine->record;
  changed.info.owner = owner;
  auto saved = co_await Save(std::move(changed));
  if (saved) {
    machine->record.info.owner = std::move(owner);
  }
  co_return saved;
}

aio::Task<Result<sandbox::Usage>> OciDriver::Stats(SandboxId id, Deadline deadline) {
  auto held = co_await Hold(std::move(id), deadline);
  if (!held) {
    co_return Fail(std::move(held).error());
  }
  const Record& record = held->machine->record;
  if (record.pid == 0) {
    co_return sandbox::Usage{};  // stopped: it uses nothing but its disk, which nobody has open
  }
  auto group = cgroups_.Usage(record.group, record.info.id);
  if (!group) {
    co_return Fail(std::move(group).error());
  }
  sandbox::Usage usage{.memory = group->memory,
                       .memory_peak = group->memory_peak,
                       .cpu_time = group->cpu_time,
                       .process_count = group->process_count,
                       .disk = {},
                       .inode_count = 0};
  AddDiskUsage(record.pid, usage);
  co_return usage;
}

aio::Task<Result<std::string>> OciDriver::Logs(SandboxId id, Deadline deadline) {
  auto held = co_await Hold(std::move(id), deadline);
  if (!held) {
    co_return Fail(std::move(held).error());
  }
  const Machine& machine = *held->machine;
  co_return machine.log ? ReadMachineLog(machine.log.get()) : machine.last_log;
}

aio::Task<Result<std::vector<sandbox::Info>>> OciDriver::List(Deadline /*deadline*/) {
  std::vector<sandbox::Info> infos;
  for (const auto& [id, machine] : machines_) {
    if (machine->record.info.state != sandbox::State::kDestroyed) {
      infos.push_back(machine->record.info);
    }
  }
  co_return infos;
}

}  // namespace paddock::drivers::oci
