// Cgroups: the node's tree of control groups, ROOT/USER/SANDBOX in every hierarchy of the host.
//
// Used by OciDriver. USER is who created the sandbox, for as long as it lives (Record::group).
// Works on v1 (one hierarchy per controller), on hybrid hosts (v1 plus an empty v2 hierarchy, which
// can kill and freeze at once) and on v2. The limit files of a sandbox's groups stay root's; the
// directories and the lists of members are given to the sandbox's root, so that its agent may sort
// processes into groups of its own below.
//
// Threading: any; holds only paths. Every call is a few small file operations in kernel memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "base/units.h"
#include "model/ids.h"
#include "sandbox/driver.h"

namespace paddock::drivers::oci {

/// One mounted hierarchy.
struct Hierarchy {
  std::string path;                      // "/sys/fs/cgroup/memory"
  std::vector<std::string> controllers;  // v1: "cpu", "cpuacct"; v2: none
  bool is_unified = false;               // v2
  bool is_used = false;  // by us; in others there may be groups that a runtime has made
};

/// The hierarchies in /proc/self/mountinfo, as text. Pure, for tests.
[[nodiscard]] std::vector<Hierarchy> ParseMountinfo(std::string_view mountinfo);

/// A directory descriptor for the agent. `label` is the controller, or "unified".
struct DelegatedGroup {
  std::string label;
  UniqueFd directory;
  UniqueFd mount;  // detached; closing it waits for all processors
};

struct GroupUsage {
  Bytes memory;
  Bytes memory_peak;
  std::chrono::microseconds cpu_time{0};
  int process_count = 0;
};

class Cgroups {
 public:
  /// `root` is one or more path components below every hierarchy: "paddock". Fails with
  /// kUnavailable, saying which controller is missing.
  [[nodiscard]] static Result<Cgroups> Open(std::string root);
  Cgroups(std::vector<Hierarchy> hierarchies, std::string root);

  /// "/paddock/USER/SANDBOX".
  [[nodiscard]] std::string PathOf(const UserId& user, const SandboxId& id) const;

  /// Makes the groups of one sandbox with all ceilings in force but that of processor time. Fails
  /// with kConflict (they exist), kUnavailable; then nothing is left.
  [[nodiscard]] Result<void> Create(const UserId& user,
                                    const SandboxId& id,
                                    const sandbox::Limits& limits,
                                    std::uint32_t id_first) const;

  /// The ceiling of processor time. It comes into force only when the runtime has started the
  /// sandbox's first process: everything is a member of all groups from the beginning, so that a
  /// sandbox sees itself at the root of each, but the work of starting it must not wait for the
  /// little time that is its own. Fails with kUnavailable or kNotFound (no such groups).
  [[nodiscard]] Result<void> LimitProcessor(const UserId& user,
                                            const SandboxId& id,
                                            const sandbox::Limits& limits) const;

  /// Open member lists of v1: a process with one thread enters by writing "0" to each.
  [[nodiscard]] Result<std::vector<UniqueFd>> OpenMemberLists(const UserId& user,
                                                              const SandboxId& id) const;

  /// The group of the v2 hierarchy, for a process to be born in (aio::Process::Fork); none when the
  /// host has no such hierarchy.
  [[nodiscard]] Result<UniqueFd> OpenBirthGroup(const UserId& user, const SandboxId& id) const;

  /// The sandbox's own groups as roots of detached mounts, from which `..` leads nowhere.
  [[nodiscard]] Result<std::vector<DelegatedGroup>> OpenDelegated(const UserId& user,
                                                                  const SandboxId& id) const;

  /// Sends SIGKILL to every member, also to frozen ones. One call may miss what forks meanwhile on
  /// hosts without cgroup.kill: repeat until IsEmpty.
  void Kill(const UserId& user, const SandboxId& id) const;
  [[nodiscard]] bool IsEmpty(const UserId& user, const SandboxId& id) const;

  /// Asks the kernel to freeze or thaw; IsFrozen tells when it has happened.
  [[nodiscard]] Result<void> SetFrozen(const UserId& user, const SandboxId& id, bool frozen) const;
  [[nodiscard]] bool IsFrozen(const UserId& user, const SandboxId& id) const;
  [[nodiscard]] bool can_freeze() const noexcept;

  [[nodiscard]] Result<GroupUsage> Usage(const UserId& user, const SandboxId& id) const;

  /// Removes the groups and all below, and the user's own when it was the last sandbox. False when
  /// some member is still ending: try again a moment later.
  [[nodiscard]] bool Remove(const UserId& user, const SandboxId& id) const;

  /// Removes the node's own groups if no sandbox is left in them.
  void RemoveRoot() const;

  /// Every USER/SANDBOX that has a group in any hierarchy.
  struct Found {
    UserId user;
    SandboxId id;
  };
  [[nodiscard]] std::vector<Found> FindAll() const;

  /// "v1", "hybrid" or "v2".
  [[nodiscard]] std::string_view layout() const noexcept;

  /// Where the v2 hierarchy is mounted; "" when nowhere.
  [[nodiscard]] std::string unified_path() const;

 private:
  [[nodiscard]] std::string DirectoryOf(const Hierarchy& hierarchy,
                                        const UserId& user,
                                        const SandboxId& id) const;
  [[nodiscard]] const Hierarchy* FindController(std::string_view controller) const noexcept;
  [[nodiscard]] const Hierarchy* FindUnified() const noexcept;
  [[nodiscard]] bool is_v2() const noexcept;
  [[nodiscard]] Result<void> CreateIn(const Hierarchy& hierarchy,
                                      const UserId& user,
                                      const SandboxId& id) const;
  [[nodiscard]] Result<void> TryCreateIn(const Hierarchy& hierarchy,
                                         const UserId& user,
                                         const SandboxId& id) const;
  struct LimitFile;
  [[nodiscard]] static std::vector<LimitFile> LimitFilesV1(const sandbox::Limits& limits);
  [[nodiscard]] static std::vector<LimitFile> LimitFilesV2(const sandbox::Limits& limits);
  [[nodiscard]] Result<void> Write(const UserId& user,
                                   const SandboxId& id,
                                   const LimitFile& limit) const;

  std::vector<Hierarchy> hierarchies_;
  std::string root_;
};

}  // namespace paddock::drivers::oci
