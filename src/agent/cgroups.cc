#include "agent/cgroups.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "agent/file_text.h"

namespace paddock::agent {

namespace {

constexpr std::size_t kMemberTextMax = 1U << 20U;
constexpr int kKillRoundsMax = 16;
constexpr mode_t kDirectoryMode = 0755;
constexpr int kNotPlacedExitCode = 126;

const char* ClassName(GroupClass group_class) {
  return group_class == GroupClass::kInteractive ? "interactive" : "jobs";
}

UniqueFd OpenDirectory(int at, const char* name) {
  return UniqueFd(openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
}

bool MakeDirectory(int at, const char* name) {
  return mkdirat(at, name, kDirectoryMode) == 0 || errno == EEXIST;
}

std::vector<pid_t> ReadMembers(int directory) {
  std::vector<pid_t> members;
  const auto text = ReadSmallFile(directory, "cgroup.procs", kMemberTextMax).value_or("");
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto pid = ParseNumber(TakeUntil(rest, '\n'));
    if (pid.value_or(0) != 0) {  // 0: in no namespace of ours
      members.push_back(static_cast<pid_t>(*pid));
    }
  }
  return members;
}

std::optional<std::uint64_t> ReadNumber(int directory, const char* file) {
  return ParseNumber(ReadSmallFile(directory, file).value_or(""));
}

// "usage_usec 123\n…" of cpu.stat.
std::optional<std::uint64_t> ReadKey(int directory, const char* file, std::string_view key) {
  const auto text = ReadSmallFile(directory, file).value_or("");
  std::string_view rest = text;
  while (!rest.empty()) {
    auto line = TakeUntil(rest, '\n');
    if (TakeUntil(line, ' ') == key) {
      return ParseNumber(line);
    }
  }
  return std::nullopt;
}

pid_t CloneInto(int directory) {
  clone_args args{};
  args.flags = CLONE_INTO_CGROUP;
  args.exit_signal = SIGCHLD;
  args.cgroup = static_cast<__u64>(directory);
  return static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof args));
}

// Where the only thread of a process writes "0" to move. Through "tasks" it is spared the lock over
// all forks and exits of the machine that "cgroup.procs" takes, which can cost milliseconds.
const char* OwnMoveFile(const Cgroups::Hierarchy& hierarchy) {
  return hierarchy.unified ? "cgroup.procs" : "tasks";
}

class CgroupSet final : public ProcessSet {
 public:
  struct Place {
    const Cgroups::Hierarchy* hierarchy = nullptr;
    UniqueFd parent;     // the class
    UniqueFd directory;  // this spawn's own; none where the class is enough
  };

  CgroupSet(std::string name, std::vector<Place> places)
      : name_(std::move(name)), places_(std::move(places)) {}
  ~CgroupSet() override { (void)Remove(); }
  CgroupSet(const CgroupSet&) = delete;
  CgroupSet& operator=(const CgroupSet&) = delete;
  CgroupSet(CgroupSet&&) = delete;
  CgroupSet& operator=(CgroupSet&&) = delete;

  pid_t Fork() override {
    if (places_.front().hierarchy->unified) {
      const pid_t pid = CloneInto(places_.front().directory.get());
      if (pid >= 0 || errno != ENOSYS) {  // ENOSYS: a seccomp filter that cannot look into clone3
        pid_ = pid;
        return pid;
      }
    }
    pid_ = fork();
    if (pid_ == 0 && !Enter()) {
      _exit(kNotPlacedExitCode);  // never outside of its cgroup
    }
    return pid_;
  }

  void OnExit(Loop& /*loop*/, Children& children, Children::ExitHandler handler) override {
    children.Expect(pid_, std::move(handler));
  }

  bool HasEnded() const override {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid == pid_;
  }

  std::vector<pid_t> Members() const override { return ReadMembers(counting()); }

  void Kill() override {
    if (places_.front().hierarchy->unified &&
        WriteControlFile(places_.front().directory.get(), "cgroup.kill", "1")) {
      return;
    }
    const int freezer = Find(&Cgroups::Hierarchy::freezer);
    // Frozen processes cannot fork while they are listed; they die when thawed.
    if (freezer >= 0) {
      (void)WriteControlFile(freezer, "freezer.state", "FROZEN");
    }
    std::vector<pid_t> killed;
    for (int round = 0; round < kKillRoundsMax; ++round) {
      auto members = Members();
      if (members == killed || members.empty()) {
        break;
      }
      for (const pid_t pid : members) {
        (void)kill(pid, SIGKILL);
      }
      killed = std::move(members);
    }
    if (freezer >= 0) {
      (void)WriteControlFile(freezer, "freezer.state", "THAWED");
    }
  }

  bool IsEmpty() const override { return Members().empty(); }

  SetUsage Usage() const override {
    SetUsage usage;
    const int counter = places_.front().directory.get();
    if (places_.front().hierarchy->unified) {
      usage.memory_peak_bytes = ReadNumber(counter, "memory.peak");
      if (const auto used = ReadKey(counter, "cpu.stat", "usage_usec")) {
        usage.cpu_time = std::chrono::microseconds(*used);
      }
      return usage;
    }
    if (const int memory = Find(&Cgroups::Hierarchy::memory); memory >= 0) {
      usage.memory_peak_bytes = ReadNumber(memory, "memory.max_usage_in_bytes");
    }
    if (const int cpuacct = Find(&Cgroups::Hierarchy::cpuacct); cpuacct >= 0) {
      if (const auto used = ReadNumber(cpuacct, "cpuacct.usage")) {
        usage.cpu_time = std::chrono::microseconds(*used / 1000);  // from nanoseconds
      }
    }
    return usage;
  }

  bool Remove() override {
    return std::ranges::all_of(places_, [this](const Place& place) {
      return !place.directory || unlinkat(place.parent.get(), name_.c_str(), AT_REMOVEDIR) == 0 ||
             errno == ENOENT;
    });
  }

 private:
  int Find(bool Cgroups::Hierarchy::* does) const {
    for (const auto& place : places_) {
      if (place.hierarchy->*does && place.directory) {
        return place.directory.get();
      }
    }
    return -1;
  }

  // Any hierarchy knows the members; the freezer's is the one that a kill must agree with.
  int counting() const {
    const int freezer = Find(&Cgroups::Hierarchy::freezer);
    if (freezer >= 0) {
      return freezer;
    }
    const auto own = std::ranges::find_if(
        places_, [](const Place& place) { return static_cast<bool>(place.directory); });
    return own->directory.get();
  }

  bool Enter() const {
    return std::ranges::all_of(places_, [](const Place& place) {
      const auto& target = place.directory ? place.directory : place.parent;
      return WriteControlFile(target.get(), OwnMoveFile(*place.hierarchy), "0");
    });
  }

  std::string name_;
  std::vector<Place> places_;
  pid_t pid_ = -1;
};

bool SetController(Cgroups::Hierarchy& hierarchy, std::string_view controller) {
  if (controller == "unified") {
    hierarchy.unified = true;
  } else if (controller == "memory") {
    hierarchy.memory = true;
  } else if (controller == "cpu") {
    hierarchy.cpu = true;
  } else if (controller == "cpuacct") {
    hierarchy.cpuacct = true;
  } else if (controller == "freezer") {
    hierarchy.freezer = true;
  } else if (controller == "pids") {
    hierarchy.pids = true;
  } else {
    return false;
  }
  return true;
}

// Controllers reach the children of a directory only when it says so, and it may say so only when
// no process is in it. A controller that the node keeps to itself is left out.
void EnableControllers(int directory) {
  for (const auto* controller : {"+cpu", "+memory", "+pids"}) {
    (void)WriteControlFile(directory, "cgroup.subtree_control", controller);
  }
}

bool ApplyLimits(const Cgroups::Hierarchy& hierarchy, int directory, const GroupLimits& limits) {
  if (limits.memory_max_bytes > 0 && (hierarchy.memory || hierarchy.unified) &&
      !WriteControlFile(directory, hierarchy.unified ? "memory.max" : "memory.limit_in_bytes",
                        std::to_string(limits.memory_max_bytes))) {
    return false;
  }
  return limits.process_count_max == 0 || !(hierarchy.pids || hierarchy.unified) ||
         WriteControlFile(directory, "pids.max", std::to_string(limits.process_count_max));
}

bool PrepareHierarchy(const Cgroups::Hierarchy& hierarchy) {
  const int top = hierarchy.directory.get();
  if (!MakeDirectory(top, "agent")) {
    return false;
  }
  const auto agent = OpenDirectory(top, "agent");
  if (!agent || !WriteControlFile(agent.get(), OwnMoveFile(hierarchy), "0")) {
    return false;
  }
  if (hierarchy.unified) {
    EnableControllers(top);
  }
  for (const auto group_class : {GroupClass::kInteractive, GroupClass::kJob}) {
    if (!MakeDirectory(top, ClassName(group_class))) {
      return false;
    }
    const auto directory = OpenDirectory(top, ClassName(group_class));
    const bool heavy = group_class == GroupClass::kInteractive;
    if (hierarchy.unified) {
      EnableControllers(directory.get());
      (void)WriteControlFile(directory.get(), "cpu.weight", heavy ? "400" : "100");
    } else if (hierarchy.cpu) {
      (void)WriteControlFile(directory.get(), "cpu.shares", heavy ? "4096" : "1024");
    }
  }
  return true;
}

}  // namespace

Result<Cgroups> Cgroups::Parse(std::string_view text) {
  Cgroups cgroups;
  std::vector<std::pair<std::uint64_t, Hierarchy>> numbered;
  while (!text.empty()) {
    auto number_text = TakeUntil(text, ',');
    const auto controller = TakeUntil(number_text, ':');
    const auto number = ParseNumber(number_text);
    if (!number || *number < 3 || *number > 1023) {
      return Fail(Code::kInvalid, "--cgroup-fds: expected controller:descriptor");
    }
    auto found = std::ranges::find(numbered, *number, &std::pair<std::uint64_t, Hierarchy>::first);
    if (found == numbered.end()) {  // co-mounted controllers share one
      found = numbered.emplace(numbered.end(), *number, Hierarchy{});
    }
    if (!SetController(found->second, controller)) {
      return Fail(Code::kInvalid, "--cgroup-fds: unknown controller");
    }
  }
  for (auto& [number, hierarchy] : numbered) {
    const int fd = static_cast<int>(number);
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      return Fail(Code::kInvalid, "--cgroup-fds: no such descriptor");
    }
    hierarchy.directory.Reset(fd);
    cgroups.hierarchies_.push_back(std::move(hierarchy));
  }
  return cgroups;
}

Result<void> Cgroups::Prepare() {
  const bool per_spawn = std::ranges::any_of(hierarchies_, &Hierarchy::is_per_spawn);
  if (!per_spawn || !std::ranges::all_of(hierarchies_, PrepareHierarchy)) {
    return Fail(Code::kDenied, "the sandbox's cgroups cannot be used");
  }
  return {};
}

Result<std::unique_ptr<ProcessSet>> Cgroups::Make(GroupClass group_class,
                                                  const GroupLimits& limits) {
  auto name = std::to_string(++next_);
  std::vector<CgroupSet::Place> places;
  bool complete = true;
  for (const auto& hierarchy : hierarchies_) {
    const bool per_spawn =
        hierarchy.is_per_spawn() || (hierarchy.pids && limits.process_count_max > 0);
    if (!per_spawn && !hierarchy.cpu) {
      continue;
    }
    auto& place = places.emplace_back();
    place.hierarchy = &hierarchy;
    place.parent = OpenDirectory(hierarchy.directory.get(), ClassName(group_class));
    if (per_spawn) {
      (void)MakeDirectory(place.parent.get(), name.c_str());
      place.directory = OpenDirectory(place.parent.get(), name.c_str());
    }
    complete = complete && place.parent && (!per_spawn || place.directory) &&
               ApplyLimits(hierarchy, place.directory.get(), limits);
  }
  auto set = std::make_unique<CgroupSet>(std::move(name), std::move(places));
  if (!complete) {  // the set takes back what was made
    return Fail(Code::kExhausted, "no cgroup for another process");
  }
  return set;
}

SandboxUsage Cgroups::Usage() const {
  SandboxUsage usage;
  for (const auto& hierarchy : hierarchies_) {
    const int top = hierarchy.directory.get();
    if (hierarchy.memory || hierarchy.unified) {
      const auto used =
          ReadNumber(top, hierarchy.unified ? "memory.current" : "memory.usage_in_bytes")
              .value_or(0);
      const auto* key = hierarchy.unified ? "inactive_file" : "total_inactive_file";
      const auto droppable = ReadKey(top, "memory.stat", key).value_or(0);
      usage.memory_bytes = used - std::min(used, droppable);
    }
    if (hierarchy.unified) {
      usage.cpu_time =
          std::chrono::microseconds(ReadKey(top, "cpu.stat", "usage_usec").value_or(0));
    } else if (hierarchy.cpuacct) {
      usage.cpu_time =
          std::chrono::microseconds(ReadNumber(top, "cpuacct.usage").value_or(0) / 1000);
    }
    if (hierarchy.pids || hierarchy.unified) {
      usage.process_count = static_cast<std::uint32_t>(ReadNumber(top, "pids.current").value_or(0));
    }
  }
  return usage;
}

}  // namespace paddock::agent
