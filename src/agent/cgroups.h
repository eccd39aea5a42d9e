// Cgroups: the sandbox's own subtree of the cgroup hierarchies, reached by inherited directory
// descriptors only; there is no cgroup file system inside a sandbox.
//
//     <sandbox>/agent          the agent itself
//     <sandbox>/interactive/N  one terminal; the class has four times the weight of the jobs
//     <sandbox>/jobs/N         one exec or boot service
//
// On v1 a spawn has a directory only where it is counted or frozen (memory, cpuacct, freezer, and
// pids when it has a limit of its own); for cpu the class is enough. On v2 there is one hierarchy.
//
// Threading: loop thread. Ownership: a set made here must not outlive the Cgroups.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/process_set.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::agent {

enum class GroupClass : std::uint8_t { kInteractive, kJob };
inline constexpr std::size_t kGroupClassCount = 2;

/// Ceilings of one spawn below those of the sandbox; 0: none.
struct GroupLimits {
  std::uint64_t memory_max_bytes = 0;
  std::uint32_t process_count_max = 0;
  friend bool operator==(const GroupLimits&, const GroupLimits&) = default;
};

/// The sandbox as a whole; 0 where it cannot be known.
struct SandboxUsage {
  std::uint64_t memory_bytes = 0;  // without file pages that could be dropped at once
  std::chrono::microseconds cpu_time{0};
  std::uint32_t process_count = 0;
};

class Cgroups {
 public:
  /// One mounted hierarchy and what it does.
  struct Hierarchy {
    UniqueFd directory;
    std::array<UniqueFd, kGroupClassCount> classes;  // once prepared
    bool unified = false;
    bool memory = false;
    bool cpu = false;
    bool cpuacct = false;
    bool freezer = false;
    bool pids = false;

    /// Whether each spawn has a directory of its own here.
    [[nodiscard]] bool is_per_spawn() const noexcept {
      return unified || memory || cpuacct || freezer;
    }
  };

  /// Reads "memory:4,cpu:5,…" or "unified:4" and takes the descriptors. Fails with kInvalid.
  [[nodiscard]] static Result<Cgroups> Parse(std::string_view text);

  /// Makes the classes and moves the agent into its own. Fails with kDenied: nothing can be made.
  [[nodiscard]] Result<void> Prepare();

  /// A set for one spawn. Fails with kExhausted when the kernel refuses.
  [[nodiscard]] Result<std::unique_ptr<ProcessSet>> Make(GroupClass group_class,
                                                         const GroupLimits& limits);

  /// Makes the directories of the next spawn without limits before it comes, at most one per class:
  /// for times when nobody waits.
  void KeepSpare(GroupClass group_class);
  /// Removes them, and keeps none any more.
  void DropSpares();

  [[nodiscard]] SandboxUsage Usage() const;

 private:
  Cgroups() = default;
  std::vector<Hierarchy> hierarchies_;
  std::uint64_t next_ = 0;
  bool keeps_spares_ = true;
  std::array<std::unique_ptr<ProcessSet>, kGroupClassCount> spares_;
};

}  // namespace paddock::agent
