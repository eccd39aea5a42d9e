// The part of OciDriver that starts a sandbox again which was stopped, or has failed.
#include <chrono>
#include <utility>

#include "aio/offload.h"
#include "drivers/oci/disk_images.h"
#include "drivers/oci/driver.h"
#include "drivers/oci/journal.h"

namespace paddock::drivers::oci {
namespace {

constexpr auto kUndoTime = std::chrono::seconds(10);

}  // namespace

aio::Task<Result<void>> OciDriver::Start(SandboxId id, Deadline deadline) {
  auto held = co_await Hold(std::move(id), deadline);
  if (!held) {
    co_return Fail(std::move(held).error());
  }
  const MachinePtr machine = held->machine;
  sandbox::Info& info = machine->record.info;
  if (info.state == sandbox::State::kRunning) {
    co_return Result<void>{};
  }
  if (info.state == sandbox::State::kPaused) {
    co_return Fail(Code::kConflict, "paused: resume it instead");
  }
  auto booted = co_await PrepareStart(machine, deadline);
  if (booted) {
    booted = co_await Boot(machine, deadline);
  }
  if (booted) {
    booted = journal_.SaveLive(machine->record);
  }
  if (!booted) {
    info.state = sandbox::State::kFailed;
    info.failure = booted.error().message;
    KeepLog(*machine);
    const auto undo_deadline = Deadline::After(kUndoTime);
    [[maybe_unused]] auto ended = co_await EndProcesses(machine, undo_deadline);
    [[maybe_unused]] auto saved = co_await Save(machine->record);
    co_return Fail(std::move(booted).error().With("start sandbox"));
  }
  tasks_.Spawn(Watch(machine));
  co_return Result<void>{};
}

// What Start needs besides what Create has made.
aio::Task<Result<void>> OciDriver::PrepareStart(MachinePtr machine, Deadline deadline) {
  Record& record = machine->record;
  if (machine->image.path.empty()) {
    auto find = [this, name = record.info.image] { return config_.find_image(name); };
    auto image = co_await aio::Offload(pool_, std::move(find));
    if (!image) {
      co_return Fail(std::move(image).error());
    }
    machine->image = *std::move(image);
    record.image_root = machine->image.path;
  }
  if (record.boot_id != BootId()) {
    // The host may have lost power while the disk was in use.
    auto checked = co_await DiskImages::Check(journal_.DiskOf(record.info.id), deadline);
    if (!checked) {
      co_return checked;
    }
  }
  if (record.info.state == sandbox::State::kFailed) {
    // Should the host reboot while it runs, that is what it will be.
    record.info.state = sandbox::State::kStopped;
    record.info.failure.clear();
    co_return co_await Save(record);
  }
  co_return Result<void>{};
}

}  // namespace paddock::drivers::oci
