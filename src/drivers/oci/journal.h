// Journal: what the node must still know after it has been killed, one small file per sandbox.
//
//   DATA_DIR/node/sandboxes/<id>/journal.json   this
//   DATA_DIR/node/sandboxes/<id>/disk.img       the upper layer (disk_images.h)
//
// A file is replaced whole (write beside it, rename), so a reader finds the old state or the new
// one. Threading: any; every call blocks on the disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "sandbox/driver.h"

namespace paddock::drivers::oci {

struct Record {
  sandbox::Info info;
  std::uint32_t id_first = 0;
  int pid = 0;          // of the agent on the host while running or paused
  std::string boot_id;  // of the host when `pid` was started
  std::string image_root;
};

[[nodiscard]] std::string FormatRecord(const Record& record);

/// Fails with kInternal: the file is damaged or of another version.
[[nodiscard]] Result<Record> ParseRecord(std::string_view text);

/// Whether the write must survive a power cut, or only the end of this process.
enum class Durability { kProcess, kPower };

class Journal {
 public:
  /// Makes `directory`. Fails with kUnavailable.
  [[nodiscard]] static Result<Journal> Open(std::string directory);

  /// Fails with kDiskFull or kUnavailable.
  [[nodiscard]] Result<void> Save(const Record& record, Durability durability) const;

  /// Makes what Save has written with kProcess survive a power cut too. Nothing may be saved
  /// meanwhile. Fails with kUnavailable.
  [[nodiscard]] Result<void> Sync(const SandboxId& id) const;

  /// Fails with kNotFound or kInternal (damaged).
  [[nodiscard]] Result<Record> Load(const SandboxId& id) const;

  /// Every directory that is named like a sandbox, whole or not.
  [[nodiscard]] std::vector<SandboxId> List() const;

  /// Removes the sandbox's directory with all in it. Missing is a success.
  [[nodiscard]] Result<void> Remove(const SandboxId& id) const;

  [[nodiscard]] std::string DirectoryOf(const SandboxId& id) const;
  [[nodiscard]] std::string DiskOf(const SandboxId& id) const;

 private:
  explicit Journal(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

/// Identifies the host's current uptime: /proc/sys/kernel/random/boot_id.
[[nodiscard]] std::string BootId();

}  // namespace paddock::drivers::oci
