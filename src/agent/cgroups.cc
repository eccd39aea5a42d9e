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
#include <utility>

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
    int parent = -1;     // the class
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
      return !place.directory || unlinkat(place.parent, name_.c_str(), AT_REMOVEDIR) == 0 ||
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
      const int target = place.directory ? place.directory.get() : place.parent;
      return WriteControlFile(target, OwnMoveFile(*place.hierarchy), "0");
    });
  }

  std::string name_;
  std::vector<Place> places_;
  pid_t pid_ = -1;
};

bool SetController(Cgroups::Hierarchy& hierarchy, std::string_view controller) {
  using Known = std::pair<std::string_view, bool Cgroups::Hierarchy::*>;
  using Hierarchy = Cgroups::Hierarchy;
  constexpr std::array<Known, 6> kKnown{{{"unified", &Hierarchy::unified},
                                         {"memory", &Hierarchy::memory},
                                         {"cpu", &Hierarchy::cpu},
                                         {"cpuacct", &Hierarchy::cpuacct},
                                         {"freezer", &Hierarchy::freezer},
                                         {"pids", &Hierarchy::pids}}};
  const auto* const found = std::ranges::find(kKnown, controller, &Known::first);
  if (found != kKnown.end()) {
    hierarchy.*(found->second) = true;
  }
  return found != kKnown.end();
}

// Controllers reach the children of a directory only when it says so, and it may say so only when
// no process is in it. A controller that the node keeps to itself is left out.
void EnableControllers(int directory) {
  for (const auto* controller : {"+cpu", "+memory", "+pids"}) {
    (void)WriteControlFile(directory, "cgroup.subtree_control", controller);
  }
}

// Swap beyond the limit is refused where the kernel counts it.
bool ApplyMemoryLimit(bool unified, int directory, std::uint64_t bytes) {
  const auto text = std::to_string(bytes);
  if (!WriteControlFile(directory, unified ? "memory.max" : "memory.limit_in_bytes", text)) {
    return false;
  }
  (void)(unified ? WriteControlFile(directory, "memory.swap.max", "0")
                 : WriteControlFile(directory, "memory.memsw.limit_in_bytes", text));
  return true;
}

bool ApplyLimits(const Cgroups::Hierarchy& hierarchy, int directory, const GroupLimits& limits) {
  if (limits.memory_max_bytes > 0 && (hierarchy.memory || hierarchy.unified) &&
      !ApplyMemoryLimit(hierarchy.unified, directory, limits.memory_max_bytes)) {
    return false;
  }
  return limits.process_count_max == 0 || !(hierarchy.pids || hierarchy.unified) ||
         WriteControlFile(directory, "pids.max", std::to_string(limits.process_count_max));
}

bool PrepareHierarchy(Cgroups::Hierarchy& hierarchy) {
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
    auto& directory = hierarchy.classes.at(static_cast<std::size_t>(group_class));
    directory = OpenDirectory(top, ClassName(group_class));
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

// Whether a spawn with these limits has a directory of its own in it.
bool NeedsPlace(const Cgroups::Hierarchy& hierarchy, const GroupLimits& limits) {
  return hierarchy.is_per_spawn() || (hierarchy.pids && limits.process_count_max > 0);
}

bool MakePlace(CgroupSet::Place& place,
               const std::string& name,
               GroupClass group_class,
               const GroupLimits& limits) {
  place.parent = place.hierarchy->classes.at(static_cast<std::size_t>(group_class)).get();
  if (!NeedsPlace(*place.hierarchy, limits)) {
    return place.parent >= 0;
  }
  (void)MakeDirectory(place.parent, name.c_str());
  place.directory = OpenDirectory(place.parent, name.c_str());
  return place.directory && ApplyLimits(*place.hierarchy, place.directory.get(), limits);
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
  auto& spare = spares_.at(static_cast<std::size_t>(group_class));
  if (spare && limits == GroupLimits{}) {
    return std::exchange(spare, nullptr);
  }
  auto name = std::to_string(++next_);
  std::vector<CgroupSet::Place> places;
  bool complete = true;
  for (const auto& hierarchy : hierarchies_) {
    if (NeedsPlace(hierarchy, limits) || hierarchy.cpu) {
      auto& place = places.emplace_back();
      place.hierarchy = &hierarchy;
      complete = complete && MakePlace(place, name, group_class, limits);
    }
  }
  auto set = std::make_unique<CgroupSet>(std::move(name), std::move(places));
  if (!complete) {  // the set takes back what was made
    return Fail(Code::kExhausted, "no cgroup for another process");
  }
  return set;
}

void Cgroups::KeepSpare(GroupClass group_class) {
  auto& spare = spares_.at(static_cast<std::size_t>(group_class));
  if (!spare && keeps_spares_) {
    spare = Make(group_class, {}).value_or(nullptr);
  }
}

void Cgroups::DropSpares() {
  keeps_spares_ = false;
  spares_ = {};
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
