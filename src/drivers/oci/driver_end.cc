// The part of OciDriver that ends sandboxes: on demand, by themselves, or when their time is up.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "aio/offload.h"
#include "aio/process.h"
#include "base/log.h"
#include "drivers/oci/agent_exec.h"
#include "drivers/oci/driver.h"
#include "drivers/oci/machine_log.h"
#include "drivers/oci/pause.h"

namespace paddock::drivers::oci {
namespace asio = boost::asio;
namespace fs = std::filesystem;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kRetryIntervalMin{1};
constexpr milliseconds kRetryIntervalMax{32};
constexpr milliseconds kWatchInterval{1'000};
constexpr milliseconds kExpiryInterval{250};
// For boot services to shut down: a little more than the agent gives them, before it kills them.
constexpr auto kStopGrace = std::chrono::seconds(7);
constexpr auto kCleanupTime = std::chrono::seconds(30);

bool IsAlive(sandbox::State state) {
  return state == sandbox::State::kRunning || state == sandbox::State::kPaused;
}

// True when `held` holds the process, or does now; else errno says why not.
bool OpenProcess(int pid, UniqueFd& held) {
  if (!held) {
    held.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  }
  return static_cast<bool>(held);
}

}  // namespace

void OciDriver::RemoveRunFiles(const SandboxId& id) {
  std::error_code ignored;  // what cannot be removed is found as a stray by the next node
  fs::remove_all(RunDirectoryOf(id), ignored);
  fs::remove_all(fmt::format("{}/runtime/{}", config_.run_dir, id.value()), ignored);
}

// While it is held open, the disk is in use.
void OciDriver::KeepLog(Machine& machine) {
  if (machine.log) {
    machine.last_log = ReadMachineLog(machine.log.get());
    machine.log.Reset();
  }
}

// Kills everything in the sandbox and waits until it is gone: processes, mounts, loop device,
// cgroups, socket. The disk stays.
aio::Task<Result<void>> OciDriver::EndProcesses(MachinePtr machine, Deadline deadline) {
  const UserId group = machine->record.group;
  const SandboxId id = machine->record.info.id;
  machine->log.Reset();
  cgroups_.Kill(group, id);
  if (machine->pidfd) {
    // When the first process of a pid namespace has ended, so have all others, and its mounts.
    auto ended = co_await aio::WaitReadable(machine->pidfd.get(), deadline);
    if (!ended) {
      co_return Fail(std::move(ended).error().With("kill the sandbox's processes"));
    }
    machine->pidfd.Reset();
  }
  milliseconds pause = kRetryIntervalMin;
  for (;;) {
    auto remove = [this, group, id] { return cgroups_.Remove(group, id); };
    const bool is_removed = co_await aio::Offload(removal_pool_, std::move(remove));
    if (is_removed) {
      break;
    }
    if (deadline.Passed()) {
      co_return Fail(Code::kDeadlineExceeded, "the sandbox's cgroups stay busy");
    }
    cgroups_.Kill(group, id);
    co_await PauseFor(pause);
    pause = std::min(pause * 2, kRetryIntervalMax);
    const bool is_asked_to_stop = co_await IsCancelled();
    if (is_asked_to_stop) {
      co_return Fail(Code::kCancelled, "cancelled");
    }
  }
  machine->record.pid = 0;
  auto remove_files = [this, id] {
    RemoveRunFiles(id);
    return true;
  };
  co_await aio::Offload(removal_pool_, std::move(remove_files));
  co_return Result<void>{};
}

aio::Task<Result<void>> OciDriver::Destroy(SandboxId id, Deadline deadline) {
  auto held = co_await Hold(std::move(id), deadline);
  if (!held) {
    if (held.error().code == Code::kNotFound) {
      co_return Result<void>{};
    }
    co_return Fail(std::move(held).error());
  }
  co_return co_await Bury(held->machine);
}

// A database wants to be asked before it is killed.
aio::Task<void> OciDriver::AskToEnd(MachinePtr machine, Deadline deadline) {
  const auto grace = Deadline::At(std::min(deadline.when(), Deadline::After(kStopGrace).when()));
  if (runtime_.passes_descriptors()) {
    syscall(SYS_pidfd_send_signal, machine->pidfd.get(), SIGTERM, nullptr, 0);
  } else {  // its pid is that of a kernel, whose first process is somewhere inside
    auto id = machine->record.info.id;
    auto files = FilesOf(id);
    [[maybe_unused]] auto sent =
        co_await TerminateInside(runtime_, std::move(files), id.value(), grace);
  }
  [[maybe_unused]] auto asked = co_await aio::WaitReadable(machine->pidfd.get(), grace);
}

aio::Task<Result<void>> OciDriver::Stop(SandboxId id, Deadline deadline) {
  auto held = co_await Hold(std::move(id), deadline);
  if (!held) {
    co_return Fail(std::move(held).error());
  }
  const MachinePtr machine = held->machine;
  sandbox::Info& info = machine->record.info;
  if (info.state == sandbox::State::kStopped) {
    co_return Result<void>{};
  }
  if (info.state == sandbox::State::kPaused) {
    [[maybe_unused]] auto thawed = cgroups_.SetFrozen(machine->record.group, info.id, false);
  }
  if (machine->pidfd) {
    co_await AskToEnd(machine, deadline);
  }
  KeepLog(*machine);
  auto ended = co_await EndProcesses(machine, deadline);
  if (!ended) {
    co_return ended;
  }
  info.state = sandbox::State::kStopped;
  info.failure.clear();
  co_return co_await Save(machine->record);
}

// A sandbox whose first process ends unasked has failed. Its disk is kept: Start may go on with it.
aio::Task<void> OciDriver::Watch(MachinePtr machine) {
  const int pid = machine->record.pid;
  for (;;) {
    const bool is_open = OpenProcess(pid, machine->pidfd);
    if (!is_open && errno == ESRCH) {
      break;
    }
    // Anything but the end, or an order to stop, says something of this node alone.
    auto ended = Result<void>(Fail(Code::kExhausted, "no descriptor"));
    if (is_open) {
      ended = co_await aio::WaitReadable(machine->pidfd.get(), Deadline::Never());
    }
    if (ended) {
      break;
    }
    if (ended.error().code != Code::kCancelled) {
      co_await PauseFor(kWatchInterval);
    }
    const bool is_asked_to_stop = co_await IsCancelled();
    if (is_asked_to_stop || machine->record.pid != pid) {
      co_return;
    }
  }
  const auto deadline = Deadline::After(kCleanupTime);
  auto pass = co_await machine->turn.Enter(deadline);
  sandbox::Info& info = machine->record.info;
  if (!pass || machine->is_gone || !IsAlive(info.state) || machine->record.pid != pid) {
    co_return;  // somebody has ended it on purpose
  }
  log::Warn("sandbox {} ended by itself", info.id.value());
  info.state = sandbox::State::kFailed;
  info.failure = "its first process ended";
  KeepLog(*machine);
  auto cleaned = co_await EndProcesses(machine, deadline);
  auto saved = co_await Save(machine->record);
  if (!cleaned || !saved) {
    const Error& failure = !cleaned ? cleaned.error() : saved.error();
    log::Warn("clean up after sandbox {}: {}", info.id.value(), failure.message);
  }
}

aio::Task<void> OciDriver::ExpireForever() {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    timer.expires_after(kExpiryInterval);
    auto [stopped] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    // Asked to stop just when the timer had run out, the wait does not tell.
    const auto asked = co_await asio::this_coro::cancellation_state;
    if (stopped || asked.cancelled() != asio::cancellation_type::none) {
      co_return;
    }
    const auto now = std::chrono::system_clock::now();
    for (const auto& [id, machine] : machines_) {
      const sandbox::Info& info = machine->record.info;
      if (!machine->is_expiring && now >= info.created_at + info.limits.lifetime_max) {
        machine->is_expiring = true;
        tasks_.Spawn(DestroyExpired(id));
      }
    }
  }
}

aio::Task<void> OciDriver::DestroyExpired(SandboxId id) {
  log::Info("sandbox {} has reached the end of its lifetime", id.value());
  const auto deadline = Deadline::After(kCleanupTime);
  auto destroyed = co_await Destroy(id, deadline);
  if (!destroyed) {
    log::Warn("destroy expired sandbox {}: {}", id.value(), destroyed.error().message);
  }
  const auto found = machines_.find(id);
  if (found != machines_.end()) {
    found->second->is_expiring = false;  // to be tried again
  }
}

}  // namespace paddock::drivers::oci
