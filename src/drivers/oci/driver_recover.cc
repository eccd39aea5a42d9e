// The part of OciDriver that puts right what a killed node has left.
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.h"
#include "drivers/oci/cgroup_files.h"
#include "drivers/oci/driver.h"
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

aio::Task<Result<void>> OciDriver::Recover(Deadline deadline) {
  for (const SandboxId& id : journal_.List()) {
    auto record = journal_.Load(id);
    if (!record) {
      log::Warn("sandbox {} cannot be recovered: {}", id.value(), record.error().message);
      if (auto removed = journal_.Remove(id); !removed) {
        co_return removed;
      }
      continue;
    }
    auto adopted = co_await Adopt(*std::move(record), deadline);
    if (!adopted) {
      co_return Fail(std::move(adopted).error().With("recover sandbox " + id.value()));
    }
  }
  co_await RemoveStrays(deadline);
  if (!machines_.empty()) {
    log::Info("{} sandboxes recovered", machines_.size());
  }
  co_return Result<void>{};
}

aio::Task<Result<void>> OciDriver::Adopt(Record record, Deadline deadline) {
  const sandbox::State was = record.info.state;
  const auto group = cgroups_.PathOf(record.info.owner, record.info.id);
  const bool has_rebooted = record.boot_id != BootId();
  // A power cut may take back the word "running", so what was being created then and has a disk may
  // have been answered for.
  const bool is_answered = was != sandbox::State::kCreating ||
                           (has_rebooted && fs::exists(journal_.DiskOf(record.info.id)));
  const bool is_unfinished = !is_answered || was == sandbox::State::kDestroyed;
  if (auto claimed = id_ranges_.Claim(record.id_first); !claimed && !is_unfinished) {
    co_return claimed;
  }
  auto machine = std::make_shared<Machine>(std::move(record));
  machines_.emplace(machine->record.info.id, machine);
  if (is_unfinished) {
    co_return co_await Erase(machine, deadline);
  }
  const int pid = machine->record.pid;
  const bool was_alive = was == sandbox::State::kRunning || was == sandbox::State::kPaused;
  if (was_alive && !has_rebooted && IsMember(pid, group)) {
    machine->pidfd.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (machine->pidfd && IsMember(pid, group)) {
      sandbox::Info& info = machine->record.info;
      info.state = cgroups_.IsFrozen(info.owner, info.id) ? sandbox::State::kPaused
                                                          : sandbox::State::kRunning;
      StartWatching(machine);
      co_return Result<void>{};
    }
  }
  machine->pidfd.Reset();
  auto ended = co_await EndProcesses(machine, deadline);
  if (!ended) {
    co_return ended;
  }
  if (was_alive || was == sandbox::State::kCreating) {
    machine->record.info.state = has_rebooted ? sandbox::State::kStopped : sandbox::State::kFailed;
    machine->record.info.failure = has_rebooted ? "" : "its first process ended";
  }
  co_return co_await Save(machine->record, Durability::kPower);
}

// What no journal knows: a node was killed between making it and writing that down, or while
// removing it.
aio::Task<void> OciDriver::RemoveStrays(Deadline deadline) {
  for (const Cgroups::Found& found : cgroups_.FindAll()) {
    if (machines_.contains(found.id)) {
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
      if (!machines_.contains(id)) {
        unknown.push_back(std::move(id));
      }
    }
    for (const SandboxId& id : unknown) {
      RemoveRunFiles(id);
    }
  }
}

}  // namespace paddock::drivers::oci
