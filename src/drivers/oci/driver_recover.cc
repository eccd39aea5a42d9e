// The part of OciDriver that puts right what a killed node has left.
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.h"
#include "drivers/oci/cgroup_files.h"
#include "drivers/oci/driver.h"
#include "drivers/oci/machine_log.h"
#include "drivers/oci/pause.h"

namespace paddock::drivers::oci {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds kRetryInterval{1};

// Pids are used again: only a process in the sandbox's own cgroup is its agent.
bool IsMember(int pid, const std::string& group) {
  const std::string groups = ReadGroupFile(fmt::format("/proc/{}/cgroup", pid));
  return pid > 1 && groups.find(":" + group) != std::string::npos;
}

}  // namespace

// Nothing that one sandbox has suffered keeps the others from their node.
aio::Task<Result<void>> OciDriver::Recover(Deadline deadline) {
  RecoverTrash();
  for (const SandboxId& id : journal_.List()) {
    auto record = journal_.Load(id);
    if (!record) {
      log::Error("sandbox {} cannot be recovered and is left in {}: {}", id.value(),
                 journal_.DirectoryOf(id), record.error().message);
      continue;
    }
    auto adopted = co_await Adopt(*std::move(record), deadline);
    if (!adopted) {
      log::Error("recover sandbox {}: {}", id.value(), adopted.error().message);
    }
  }
  co_await RemoveStrays(deadline);
  if (!machines_.empty()) {
    log::Info("{} sandboxes recovered", machines_.size());
  }
  co_return Result<void>{};
}

// What a node had answered for as destroyed, and not removed yet.
void OciDriver::RecoverTrash() {
  for (const SandboxId& id : journal_.ListTrash()) {
    auto record = journal_.LoadTrash(id);
    if (!record) {
      // Its control groups are strays; what is left are files.
      if (auto removed = journal_.RemoveTrash(id); !removed) {
        log::Warn("sandbox {} stays in the trash: {}", id.value(), removed.error().message);
      }
      continue;
    }
    auto machine = std::make_shared<Machine>(*std::move(record));
    machine->owns_ids = id_ranges_.Claim(machine->record.id_first).has_value();
    machine->is_gone = true;
    leaving_.insert(id);
    reapers_.Spawn(Reap(std::move(machine)));
  }
}

aio::Task<Result<void>> OciDriver::Adopt(Record record, Deadline deadline) {
  const sandbox::State was = record.info.state;
  const bool has_rebooted = record.boot_id != BootId();
  // A power cut may take back the mark, so what was being created then and has a disk may have been
  // answered for.
  const bool is_answered = was != sandbox::State::kCreating ||
                           journal_.IsAnswered(record.info.id) ||
                           (has_rebooted && fs::exists(journal_.DiskOf(record.info.id)));
  const bool is_unfinished = !is_answered || was == sandbox::State::kDestroyed;
  auto claimed = id_ranges_.Claim(record.id_first);
  if (!claimed && !is_unfinished) {
    co_return claimed;
  }
  auto machine = std::make_shared<Machine>(std::move(record));
  machine->owns_ids = claimed.has_value();
  machines_.emplace(machine->record.info.id, machine);
  if (is_unfinished) {
    co_return co_await Bury(machine);
  }
  const bool was_alive = was == sandbox::State::kRunning || was == sandbox::State::kPaused;
  if (was_alive && !has_rebooted && Rejoin(machine)) {
    co_return Result<void>{};
  }
  auto ended = co_await EndProcesses(machine, deadline);
  if (ended && (was_alive || was == sandbox::State::kCreating)) {
    machine->record.info.state = has_rebooted ? sandbox::State::kStopped : sandbox::State::kFailed;
    machine->record.info.failure = has_rebooted ? "" : "its first process ended";
    ended = co_await Save(machine->record);
  }
  co_return ended;
}

// True when the sandbox lives: then it is watched again.
bool OciDriver::Rejoin(const MachinePtr& machine) {
  sandbox::Info& info = machine->record.info;
  const UserId& user = machine->record.group;
  const auto group = cgroups_.PathOf(user, info.id);
  const int pid = machine->record.pid;
  if (!IsMember(pid, group)) {
    return false;
  }
  machine->pidfd.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const bool is_ended = !machine->pidfd && errno == ESRCH;
  if (is_ended || !IsMember(pid, group)) {
    machine->pidfd.Reset();
    return false;
  }
  // Who was killed while it froze the sandbox, or thawed it, has not answered for that.
  if (info.state != sandbox::State::kPaused || !cgroups_.IsFrozen(user, info.id)) {
    info.state = sandbox::State::kRunning;
    if (cgroups_.can_freeze()) {
      [[maybe_unused]] auto thawed = cgroups_.SetFrozen(user, info.id, false);
    }
  }
  machine->log = OpenMachineLog(pid);
  tasks_.Spawn(Watch(machine));
  return true;
}

// What no journal knows: a node was killed between making it and writing that down, or while
// removing it.
aio::Task<void> OciDriver::RemoveStrays(Deadline deadline) {
  for (const Cgroups::Found& found : cgroups_.FindAll()) {
    if (machines_.contains(found.id) || leaving_.contains(found.id)) {
      continue;
    }
    cgroups_.Kill(found.user, found.id);
    while (!cgroups_.Remove(found.user, found.id) && !deadline.Passed()) {
      co_await PauseFor(kRetryInterval);
      cgroups_.Kill(found.user, found.id);
    }
    log::Info("removed the cgroups of unknown sandbox {}", found.id.value());
  }
  for (const char* folder : {"sandboxes", "runtime"}) {
    std::vector<SandboxId> unknown;
    std::error_code ignored;
    for (const auto& entry :
         fs::directory_iterator(fmt::format("{}/{}", config_.run_dir, folder), ignored)) {
      SandboxId id(entry.path().filename().string());
      if (!machines_.contains(id) && !leaving_.contains(id)) {
        unknown.push_back(std::move(id));
      }
    }
    for (const SandboxId& id : unknown) {
      RemoveRunFiles(id);
    }
  }
}

}  // namespace paddock::drivers::oci
