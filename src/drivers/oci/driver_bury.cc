// The part of OciDriver that removes destroyed sandboxes.
//
// A sandbox is gone for its user as soon as its directory lies in the trash, for good, and its
// processes have been sent SIGKILL. What the kernel and the host's file system need time for is the
// reaper's: processes, mounts, loop device, cgroups, sockets, the disk. The range of ids is free
// only after that. A node that dies in between leaves the trash to the next one.
#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "aio/offload.h"
#include "base/log.h"
#include "drivers/oci/driver.h"
#include "drivers/oci/pause.h"

namespace paddock::drivers::oci {
namespace {

constexpr auto kReapTime = std::chrono::seconds(30);
constexpr std::chrono::milliseconds kReapInterval{1'000};
constexpr auto kReapTimeAtEnd = std::chrono::seconds(10);  // of this process
constexpr std::chrono::milliseconds kEndInterval{2};

}  // namespace

// Takes `machine` out of the world. The caller holds its turn. When it fails, the sandbox has no
// processes any more, but is still there to be destroyed.
aio::Task<Result<void>> OciDriver::Bury(MachinePtr machine) {
  sandbox::Info& info = machine->record.info;
  info.state = sandbox::State::kDestroyed;
  // A node that is killed after this has destroyed it, and the next one goes on; before it, the
  // sandbox lives. Then all die while the host's disk is waited for.
  auto moved = journal_.MoveToTrash(info.id);
  cgroups_.Kill(machine->record.group, info.id);
  if (moved) {
    moved = co_await Discard(info.id);
  }
  if (!moved) {
    info.state = sandbox::State::kFailed;
    info.failure = "its removal failed";
    co_return moved;
  }
  machine->is_gone = true;
  machines_.erase(info.id);
  leaving_.insert(info.id);
  reapers_.Spawn(Reap(machine));
  co_return Result<void>{};
}

// Syncing takes a disk milliseconds, however much there is to sync: all that come while one sync is
// under way share the next.
aio::Task<Result<void>> OciDriver::Discard(SandboxId id) {
  const auto burial = std::make_shared<Burial>(std::move(id));
  burials_.push_back(burial);
  auto turn = co_await burying_.Enter(Deadline::Never());
  if (burial->is_done) {
    co_return burial->outcome;
  }
  if (!turn) {
    std::erase(burials_, burial);
    co_return Fail(std::move(turn).error());
  }
  const auto batch = std::exchange(burials_, {});
  std::vector<SandboxId> ids;
  ids.reserve(batch.size());
  for (const auto& each : batch) {
    ids.push_back(each->id);
  }
  auto discard = [this, all = std::move(ids)] { return journal_.Discard(all); };
  auto outcomes = co_await aio::Offload(sync_pool_, std::move(discard));
  for (std::size_t index = 0; index < batch.size(); ++index) {
    batch[index]->is_done = true;
    batch[index]->outcome = outcomes[index];
  }
  co_return burial->outcome;
}

// Ends when nothing is left of `machine`, or with the driver.
aio::Task<void> OciDriver::Reap(MachinePtr machine) {
  const SandboxId id = machine->record.info.id;
  bool is_told = false;
  for (;;) {
    auto reaped = co_await TryReap(machine);
    if (reaped) {
      break;
    }
    const bool is_asked_to_stop = co_await IsCancelled();
    if (is_asked_to_stop) {
      co_return;
    }
    if (!is_told) {
      log::Warn("sandbox {} is not wholly removed yet: {}", id.value(), reaped.error().message);
      is_told = true;
    }
    co_await PauseFor(kReapInterval);
  }
  leaving_.erase(id);
  if (machine->owns_ids) {
    id_ranges_.GiveBack(machine->record.id_first);
  }
}

aio::Task<Result<void>> OciDriver::TryReap(MachinePtr machine) {
  auto ended = co_await EndProcesses(machine, Deadline::After(kReapTime));
  if (!ended) {
    co_return ended;
  }
  auto remove = [this, id = machine->record.info.id] { return journal_.RemoveTrash(id); };
  co_return co_await aio::Offload(removal_pool_, std::move(remove));
}

aio::Task<void> OciDriver::FinishReaping() {
  const auto give_up = Deadline::After(kReapTimeAtEnd);
  while (reapers_.running_count() > 0 && !give_up.Passed()) {
    co_await PauseFor(kEndInterval);
  }
  reapers_.Cancel();
  co_await reapers_.Join();
}

}  // namespace paddock::drivers::oci
