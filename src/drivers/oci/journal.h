// Journal: what the node must still know after it has been killed.
//
//   DATA_DIR/node/sandboxes/<id>/journal.json   what must survive a power cut: always synced
//   DATA_DIR/node/sandboxes/<id>/disk.img       the upper layer (disk_images.h)
//   DATA_DIR/node/sandboxes/<id>/answered       the caller of Create has heard of it
//   DATA_DIR/node/trash/<id>/                   destroyed; what it had is still being removed
//   RUN_DIR/sandboxes/<id>/live.json            state and pid, which mean nothing after a reboot
//
// A file is replaced whole (write beside it, rename), so a reader finds the old state or the new
// one. Threading: any; every call but those on live.json blocks on the disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "sandbox/driver.h"

namespace paddock::drivers::oci {

struct Record {
  sandbox::Info info;
  UserId group;  // who created it: its control groups are under that name, whoever owns it now
  std::uint32_t id_first = 0;
  int pid = 0;          // of the agent on the host while running or paused
  std::string boot_id;  // of the host when `pid` was started
  std::string image_root;
};

[[nodiscard]] std::string FormatRecord(const Record& record);

/// Fails with kInternal: the file is damaged or of another version.
[[nodiscard]] Result<Record> ParseRecord(std::string_view text);

class Journal {
 public:
  /// Makes the directories below `node_directory`; those below `run_directory` are the caller's.
  /// Fails with kUnavailable.
  [[nodiscard]] static Result<Journal> Open(const std::string& node_directory,
                                            const std::string& run_directory);

  /// The first record of a new sandbox, which survives the end of this process alone.
  /// Fails with kDiskFull or kUnavailable.
  [[nodiscard]] Result<void> Add(const Record& record) const;

  /// Makes what Add has written, and the disk, survive a power cut. Fails with kUnavailable.
  [[nodiscard]] Result<void> Sync(const SandboxId& id) const;

  /// Replaces the record; it survives a power cut. Fails with kDiskFull or kUnavailable.
  [[nodiscard]] Result<void> Save(const Record& record) const;

  /// State and pid, until the host reboots. Fails with kDiskFull or kUnavailable.
  [[nodiscard]] Result<void> SaveLive(const Record& record) const;

  /// From here on the sandbox is never taken for one whose creation was not finished.
  [[nodiscard]] Result<void> MarkAnswered(const SandboxId& id) const;
  [[nodiscard]] bool IsAnswered(const SandboxId& id) const;

  /// Fails with kNotFound, kInternal (damaged, or of another version) or kUnavailable.
  [[nodiscard]] Result<Record> Load(const SandboxId& id) const;

  /// Every directory that is named like a sandbox, whole or not.
  [[nodiscard]] std::vector<SandboxId> List() const;

  /// Moves a sandbox to the trash; a power cut may take that back. Missing is a success.
  /// Fails with kUnavailable.
  [[nodiscard]] Result<void> MoveToTrash(const SandboxId& id) const;
  /// Moves sandboxes to the trash, for good: that survives a power cut. Missing is a success.
  /// One outcome each: kUnavailable.
  [[nodiscard]] std::vector<Result<void>> Discard(const std::vector<SandboxId>& ids) const;

  /// What lies in the trash; its records, which fail as Load does; and the end of it.
  [[nodiscard]] std::vector<SandboxId> ListTrash() const;
  [[nodiscard]] Result<Record> LoadTrash(const SandboxId& id) const;
  [[nodiscard]] Result<void> RemoveTrash(const SandboxId& id) const;

  [[nodiscard]] std::string DirectoryOf(const SandboxId& id) const;
  [[nodiscard]] std::string DiskOf(const SandboxId& id) const;

 private:
  Journal(std::string directory, std::string trash, std::string live)
      : directory_(std::move(directory)), trash_(std::move(trash)), live_(std::move(live)) {}
  [[nodiscard]] std::string LiveOf(const SandboxId& id) const;

  std::string directory_;
  std::string trash_;
  std::string live_;
};

/// Identifies the host's current uptime: /proc/sys/kernel/random/boot_id.
[[nodiscard]] std::string BootId();

}  // namespace paddock::drivers::oci
