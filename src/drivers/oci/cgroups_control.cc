// The part of Cgroups that acts on a sandbox that exists: kill, freeze, measure, remove.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "drivers/oci/cgroup_files.h"
#include "drivers/oci/cgroups.h"

namespace paddock::drivers::oci {
namespace {

std::vector<pid_t> Members(const std::string& group) {
  std::vector<pid_t> members;
  const std::string list = ReadGroupFile(group + "/cgroup.procs");
  const char* at = list.data();
  const char* const end = list.data() + list.size();
  while (at < end) {
    pid_t pid = 0;
    const auto [next, failure] = std::from_chars(at, end, pid);
    if (failure == std::errc{} && pid > 0) {
      members.push_back(pid);
    }
    at = std::find(next, end, '\n') + 1;
  }
  return members;
}

void KillMembers(const std::string& directory) {
  for (const std::string& group : GroupsBelow(directory)) {
    for (const pid_t pid : Members(group)) {
      kill(pid, SIGKILL);
    }
  }
}

void ThawBelow(const std::string& directory) {
  for (const std::string& group : GroupsBelow(directory)) {
    const auto state = group + "/freezer.state";
    if (!ReadGroupFile(state).starts_with("THAWED")) {
      [[maybe_unused]] const auto thawed = WriteGroupFile(state, "THAWED");
    }
  }
}

}  // namespace

void Cgroups::Kill(const UserId& user, const SandboxId& id) const {
  const Hierarchy* unified = FindUnified();
  bool is_killed = false;
  if (unified != nullptr) {
    is_killed = WriteGroupFile(DirectoryOf(*unified, user, id) + "/cgroup.kill", "1").has_value();
  }
  const Hierarchy* freezer = FindController("freezer");
  if (!is_killed) {
    const Hierarchy* listed = is_v2() ? unified : FindController("pids");
    const auto directory = DirectoryOf(*listed, user, id);
    if (freezer != nullptr) {
      // Whoever is frozen cannot fork while the list is being read.
      [[maybe_unused]] const auto frozen =
          WriteGroupFile(DirectoryOf(*freezer, user, id) + "/freezer.state", "FROZEN");
    }
    KillMembers(directory);
  }
  if (freezer != nullptr) {
    // A frozen member of a v1 freezer dies only when it is thawed.
    ThawBelow(DirectoryOf(*freezer, user, id));
  }
}

bool Cgroups::IsEmpty(const UserId& user, const SandboxId& id) const {
  const Hierarchy* unified = FindUnified();
  if (unified != nullptr) {
    const auto path = DirectoryOf(*unified, user, id) + "/cgroup.events";
    return ReadGroupField(path, "populated").value_or(0) == 0;
  }
  const auto directory = DirectoryOf(*FindController("pids"), user, id);
  return std::ranges::all_of(GroupsBelow(directory),
                             [](const std::string& group) { return Members(group).empty(); });
}

bool Cgroups::can_freeze() const noexcept {
  return FindUnified() != nullptr || FindController("freezer") != nullptr;
}

Result<void> Cgroups::SetFrozen(const UserId& user, const SandboxId& id, bool frozen) const {
  if (const Hierarchy* unified = FindUnified(); unified != nullptr) {
    return WriteGroupFile(DirectoryOf(*unified, user, id) + "/cgroup.freeze", frozen ? "1" : "0");
  }
  if (const Hierarchy* freezer = FindController("freezer"); freezer != nullptr) {
    return WriteGroupFile(DirectoryOf(*freezer, user, id) + "/freezer.state",
                          frozen ? "FROZEN" : "THAWED");
  }
  return Fail(Code::kConflict, "the host offers no way to freeze a cgroup");
}

bool Cgroups::IsFrozen(const UserId& user, const SandboxId& id) const {
  if (const Hierarchy* unified = FindUnified(); unified != nullptr) {
    const auto path = DirectoryOf(*unified, user, id) + "/cgroup.events";
    return ReadGroupField(path, "frozen").value_or(0) == 1;
  }
  const Hierarchy* freezer = FindController("freezer");
  return freezer != nullptr &&
         ReadGroupFile(DirectoryOf(*freezer, user, id) + "/freezer.state").starts_with("FROZEN");
}

Result<GroupUsage> Cgroups::Usage(const UserId& user, const SandboxId& id) const {
  GroupUsage usage;
  const auto number = [&](std::string_view controller, std::string_view name) {
    const Hierarchy* hierarchy = is_v2() ? FindUnified() : FindController(controller);
    return hierarchy == nullptr
               ? std::nullopt
               : ReadGroupNumber(fmt::format("{}/{}", DirectoryOf(*hierarchy, user, id), name));
  };
  const auto memory = number("memory", is_v2() ? "memory.current" : "memory.usage_in_bytes");
  const auto peak = number("memory", is_v2() ? "memory.peak" : "memory.max_usage_in_bytes");
  const auto pids = number("pids", "pids.current");
  if (!memory || !pids) {
    return Fail(Code::kUnavailable, fmt::format("no cgroup statistics for {}", id.value()));
  }
  usage.memory = Bytes{*memory};
  usage.memory_peak = Bytes{peak.value_or(*memory)};
  usage.process_count = static_cast<int>(*pids);
  if (is_v2()) {
    const auto path = DirectoryOf(*FindUnified(), user, id) + "/cpu.stat";
    usage.cpu_time = std::chrono::microseconds(ReadGroupField(path, "usage_usec").value_or(0));
  } else {
    usage.cpu_time =
        std::chrono::microseconds(number("cpuacct", "cpuacct.usage").value_or(0) / 1000);
  }
  return usage;
}

bool Cgroups::Remove(const UserId& user, const SandboxId& id) const {
  bool is_gone = true;
  for (const Hierarchy& hierarchy : hierarchies_) {
    const auto directory = DirectoryOf(hierarchy, user, id);
    if (rmdir(directory.c_str()) != 0 && errno != ENOENT) {
      for (const std::string& group : GroupsBelow(directory)) {
        rmdir(group.c_str());
      }
      is_gone = is_gone && access(directory.c_str(), F_OK) != 0;
    }
    // Refused by the kernel while the user has other sandboxes.
    rmdir(fmt::format("{}/{}/{}", hierarchy.path, root_, user.value()).c_str());
  }
  return is_gone;
}

void Cgroups::RemoveRoot() const {
  for (const Hierarchy& hierarchy : hierarchies_) {
    // Refused by the kernel while anything is below.
    rmdir(fmt::format("{}/{}", hierarchy.path, root_).c_str());
  }
}

std::vector<Cgroups::Found> Cgroups::FindAll() const {
  std::set<std::pair<std::string, std::string>> names;
  for (const Hierarchy& hierarchy : hierarchies_) {
    const auto root = fmt::format("{}/{}", hierarchy.path, root_);
    for (const std::string& user : ChildGroups(root)) {
      for (const std::string& id : ChildGroups(fmt::format("{}/{}", root, user))) {
        names.emplace(user, id);
      }
    }
  }
  std::vector<Found> found;
  found.reserve(names.size());
  for (const auto& [user, id] : names) {
    found.push_back({.user = UserId(user), .id = SandboxId(id)});
  }
  return found;
}

}  // namespace paddock::drivers::oci
