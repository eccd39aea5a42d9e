#include "drivers/oci/cgroups.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "drivers/oci/cgroup_files.h"

namespace paddock::drivers::oci {
namespace {

constexpr int kCreateRetriesMax = 8;

constexpr std::uint64_t kPeriodUs = 100'000;
constexpr std::uint64_t kSharesPerCore = 1024;
constexpr std::uint64_t kWeightPerCore = 100;
constexpr auto kNeeded = std::to_array<std::string_view>({"memory", "cpu", "pids"});
constexpr auto kUsed =
    std::to_array<std::string_view>({"memory", "cpu", "cpuacct", "pids", "freezer"});

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return parts;
}

bool IsUsed(std::string_view controller) {
  return std::ranges::find(kUsed, controller) != kUsed.end();
}

Result<void> MakeGroup(const std::string& path, bool must_be_new) {
  if (mkdir(path.c_str(), 0755) == 0 || (errno == EEXIST && !must_be_new)) {
    return {};
  }
  const Code code = errno == EEXIST ? Code::kConflict : Code::kUnavailable;
  return Fail(code, fmt::format("make {}: {}", path, strerrordesc_np(errno)));
}

// The files that a delegated group's owner must be able to write (cgroups(7), "Delegation").
constexpr auto kDelegatedFiles = std::to_array<std::string_view>(
    {"", "/cgroup.procs", "/tasks", "/cgroup.threads", "/cgroup.subtree_control"});

}  // namespace

std::vector<Hierarchy> ParseMountinfo(std::string_view mountinfo) {
  std::vector<Hierarchy> found;
  for (const std::string_view line : Split(mountinfo, '\n')) {
    const auto dash = line.find(" - ");
    if (dash == std::string_view::npos) {
      continue;
    }
    const auto left = Split(line.substr(0, dash), ' ');
    const auto right = Split(line.substr(dash + 3), ' ');
    if (left.size() < 5 || right.size() < 3 || left[3] != "/") {
      continue;
    }
    Hierarchy hierarchy;
    hierarchy.path = left[4];
    if (right[0] == "cgroup2") {
      hierarchy.is_unified = true;
      hierarchy.is_used = true;
    } else if (right[0] == "cgroup") {
      for (const std::string_view option : Split(right[2], ',')) {
        if (option == "rw" || option == "xattr" || option == "release_agent") {
          continue;
        }
        // systemd's own hierarchy has no controller, but is what systemd kills by.
        hierarchy.is_used = hierarchy.is_used || IsUsed(option) || option == "name=systemd";
        hierarchy.controllers.emplace_back(option);
      }
    }
    const bool is_known = std::ranges::any_of(found, [&](const Hierarchy& other) {
      return other.is_unified == hierarchy.is_unified && other.controllers == hierarchy.controllers;
    });
    if (!is_known && (hierarchy.is_unified || !hierarchy.controllers.empty())) {
      found.push_back(std::move(hierarchy));
    }
  }
  return found;
}

Cgroups::Cgroups(std::vector<Hierarchy> hierarchies, std::string root)
    : hierarchies_(std::move(hierarchies)), root_(std::move(root)) {}

Result<Cgroups> Cgroups::Open(std::string root) {
  Cgroups groups(ParseMountinfo(ReadGroupFile("/proc/self/mountinfo")), std::move(root));
  const Hierarchy* unified = groups.FindUnified();
  const std::string offered =
      unified == nullptr ? "" : ReadGroupFile(unified->path + "/cgroup.controllers");
  const auto words = Split(std::string_view(offered).substr(0, offered.find('\n')), ' ');
  for (const std::string_view controller : kNeeded) {
    const bool in_v2 = std::ranges::find(words, controller) != words.end();
    if (!in_v2 && groups.FindController(controller) == nullptr) {
      return Fail(Code::kUnavailable,
                  fmt::format("the host offers no '{}' cgroup controller: mount /sys/fs/cgroup, or "
                              "enable the controller on the kernel's command line",
                              controller));
    }
  }
  return groups;
}

const Hierarchy* Cgroups::FindController(std::string_view controller) const noexcept {
  for (const Hierarchy& hierarchy : hierarchies_) {
    if (std::ranges::find(hierarchy.controllers, controller) != hierarchy.controllers.end()) {
      return &hierarchy;
    }
  }
  return nullptr;
}

const Hierarchy* Cgroups::FindUnified() const noexcept {
  const auto found = std::ranges::find(hierarchies_, true, &Hierarchy::is_unified);
  return found == hierarchies_.end() ? nullptr : &*found;
}

bool Cgroups::is_v2() const noexcept { return FindController("memory") == nullptr; }

std::string_view Cgroups::layout() const noexcept {
  if (is_v2()) {
    return "v2";
  }
  return FindUnified() == nullptr ? "v1" : "hybrid";
}

std::string Cgroups::unified_path() const {
  const Hierarchy* unified = FindUnified();
  return unified == nullptr ? std::string() : unified->path;
}

std::string Cgroups::PathOf(const UserId& user, const SandboxId& id) const {
  return fmt::format("/{}/{}/{}", root_, user.value(), id.value());
}

std::string Cgroups::DirectoryOf(const Hierarchy& hierarchy,
                                 const UserId& user,
                                 const SandboxId& id) const {
  return hierarchy.path + PathOf(user, id);
}

// The user's other sandbox may just be going on another thread, and the user's own group with it:
// then that is made again.
Result<void> Cgroups::CreateIn(const Hierarchy& hierarchy,
                               const UserId& user,
                               const SandboxId& id) const {
  auto made = TryCreateIn(hierarchy, user, id);
  for (int retries = 0; retries < kCreateRetriesMax && !made; ++retries) {
    if (made.error().code != Code::kUnavailable) {
      break;
    }
    made = TryCreateIn(hierarchy, user, id);
  }
  return made;
}

Result<void> Cgroups::TryCreateIn(const Hierarchy& hierarchy,
                                  const UserId& user,
                                  const SandboxId& id) const {
  std::string path = hierarchy.path;
  const auto components = fmt::format("{}/{}", root_, user.value());
  for (const std::string_view component : Split(components, '/')) {
    if (hierarchy.is_unified && is_v2()) {
      if (auto enabled = WriteGroupFile(path + "/cgroup.subtree_control", "+memory +cpu +pids");
          !enabled) {
        return enabled;
      }
    }
    path += fmt::format("/{}", component);
    if (auto made = MakeGroup(path, false); !made) {
      return made;
    }
  }
  if (hierarchy.is_unified && is_v2()) {
    if (auto enabled = WriteGroupFile(path + "/cgroup.subtree_control", "+memory +cpu +pids");
        !enabled) {
      return enabled;
    }
  }
  return MakeGroup(DirectoryOf(hierarchy, user, id), true);
}

struct Cgroups::LimitFile {
  std::string_view controller;  // of v1
  std::string_view name;
  std::string value;
  bool is_optional = false;  // not every kernel has it
};

std::vector<Cgroups::LimitFile> Cgroups::LimitFilesV1(const sandbox::Limits& limits) {
  const auto memory = std::to_string(limits.memory.count);
  return {{"memory", "memory.limit_in_bytes", memory},
          {"memory", "memory.memsw.limit_in_bytes", memory, true},
          {"memory", "memory.swappiness", "0", true},
          {"cpu", "cpu.cfs_period_us", std::to_string(kPeriodUs)},
          {"cpu", "cpu.shares",
           std::to_string(std::max<std::uint64_t>(2, limits.cpu.count * kSharesPerCore / 1000))},
          {"pids", "pids.max", std::to_string(limits.process_count_max)}};
}

std::vector<Cgroups::LimitFile> Cgroups::LimitFilesV2(const sandbox::Limits& limits) {
  const auto weight =
      std::clamp<std::uint64_t>(limits.cpu.count * kWeightPerCore / 1000, 1, 10'000);
  return {{"", "memory.max", std::to_string(limits.memory.count)},
          {"", "memory.swap.max", "0", true},
          {"", "cpu.weight", std::to_string(weight)},
          {"", "pids.max", std::to_string(limits.process_count_max)}};
}

Result<void> Cgroups::Write(const UserId& user, const SandboxId& id, const LimitFile& limit) const {
  const Hierarchy* hierarchy = is_v2() ? FindUnified() : FindController(limit.controller);
  auto written = WriteGroupFile(fmt::format("{}/{}", DirectoryOf(*hierarchy, user, id), limit.name),
                                limit.value);
  if (!written && limit.is_optional && written.error().code == Code::kNotFound) {
    return {};
  }
  return written;
}

Result<void> Cgroups::LimitProcessor(const UserId& user,
                                     const SandboxId& id,
                                     const sandbox::Limits& limits) const {
  const std::uint64_t quota = limits.cpu.count * kPeriodUs / 1000;
  return Write(user, id,
               is_v2() ? LimitFile{"", "cpu.max", fmt::format("{} {}", quota, kPeriodUs)}
                       : LimitFile{"cpu", "cpu.cfs_quota_us", std::to_string(quota)});
}

Result<void> Cgroups::Create(const UserId& user,
                             const SandboxId& id,
                             const sandbox::Limits& limits,
                             std::uint32_t id_first) const {
  for (const Hierarchy& hierarchy : hierarchies_) {
    if (!hierarchy.is_used) {
      continue;
    }
    if (auto made = CreateIn(hierarchy, user, id); !made) {
      if (made.error().code != Code::kConflict) {
        [[maybe_unused]] const bool removed = Remove(user, id);
      }
      return made;
    }
    const auto directory = DirectoryOf(hierarchy, user, id);
    for (const std::string_view file : kDelegatedFiles) {
      // Which of these exist differs between v1 and v2.
      [[maybe_unused]] const int changed =
          chown(fmt::format("{}{}", directory, file).c_str(), id_first, id_first);
    }
  }
  for (const LimitFile& limit : is_v2() ? LimitFilesV2(limits) : LimitFilesV1(limits)) {
    if (auto written = Write(user, id, limit); !written) {
      [[maybe_unused]] const bool removed = Remove(user, id);
      return written;
    }
  }
  return {};
}

Result<std::vector<UniqueFd>> Cgroups::OpenMemberLists(const UserId& user,
                                                       const SandboxId& id) const {
  std::vector<UniqueFd> lists;
  for (const Hierarchy& hierarchy : hierarchies_) {
    if (!hierarchy.is_used || hierarchy.is_unified) {
      continue;
    }
    // A thread that moves itself through "tasks" is spared the lock over all forks and exits of the
    // host that "cgroup.procs" takes, which costs one grace period of RCU: 10 ms and more.
    const auto path = DirectoryOf(hierarchy, user, id) + "/tasks";
    UniqueFd list(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!list) {
      return Fail(Code::kUnavailable, fmt::format("open {}: {}", path, strerrordesc_np(errno)));
    }
    lists.push_back(std::move(list));
  }
  return lists;
}

Result<UniqueFd> Cgroups::OpenBirthGroup(const UserId& user, const SandboxId& id) const {
  const Hierarchy* unified = FindUnified();
  if (unified == nullptr) {
    return UniqueFd();
  }
  const auto path = DirectoryOf(*unified, user, id);
  UniqueFd group(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!group) {
    return Fail(Code::kUnavailable, fmt::format("open {}: {}", path, strerrordesc_np(errno)));
  }
  return group;
}

Result<std::vector<DelegatedGroup>> Cgroups::OpenDelegated(const UserId& user,
                                                           const SandboxId& id) const {
  std::vector<DelegatedGroup> groups;
  const auto open_group = [&](const Hierarchy& hierarchy, std::string label) -> Result<void> {
    const auto path = DirectoryOf(hierarchy, user, id);
    UniqueFd tree(static_cast<int>(
        syscall(SYS_open_tree, AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
    // The clone is a path-only descriptor; the agent needs one that it can list.
    UniqueFd directory(openat(tree.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) {
      return Fail(Code::kUnavailable, fmt::format("open {}: {}", path, strerrordesc_np(errno)));
    }
    groups.push_back(
        {.label = std::move(label), .directory = std::move(directory), .mount = std::move(tree)});
    return {};
  };
  if (is_v2()) {
    if (auto opened = open_group(*FindUnified(), "unified"); !opened) {
      return Fail(std::move(opened).error());
    }
    return groups;
  }
  for (const std::string_view controller : kUsed) {
    const Hierarchy* hierarchy = FindController(controller);
    if (hierarchy == nullptr) {
      continue;
    }
    if (auto opened = open_group(*hierarchy, std::string(controller)); !opened) {
      return Fail(std::move(opened).error());
    }
  }
  return groups;
}

}  // namespace paddock::drivers::oci
