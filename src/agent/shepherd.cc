#include "agent/shepherd.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "agent/descriptors.h"
#include "agent/file_text.h"
#include "base/unique_fd.h"

namespace paddock::agent {

namespace {

constexpr int kKillRoundsMax = 32;
// How long a shepherd may take to begin, which is long only when it is hindered.
constexpr int kPidRoundsMax = 40;
constexpr int kPidRoundMs = 50;
constexpr int kKillsBeforeShepherd = 10;

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
};

// "12 (name, with any bytes) S 1 …": the parent is the second field after the last parenthesis.
pid_t ParentOf(const std::string& pid_text) {
  const auto stat = ReadSmallFile(AT_FDCWD, ("/proc/" + pid_text + "/stat").c_str()).value_or("");
  std::string_view rest = stat;
  rest.remove_prefix(std::min(rest.size(), rest.rfind(')') + 2));
  (void)TakeUntil(rest, ' ');
  return static_cast<pid_t>(ParseNumber(rest).value_or(0));
}

std::vector<Process> ListProcesses() {
  std::vector<Process> processes;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), closedir);
  while (const auto* entry = proc ? readdir(proc.get()) : nullptr) {
    const std::string name(&entry->d_name[0]);
    if (const auto pid = ParseNumber(name)) {
      processes.push_back({.pid = static_cast<pid_t>(*pid), .parent = ParentOf(name)});
    }
  }
  return processes;
}

// Adds all that descend from those in `found`.
void AddDescendants(const std::vector<Process>& processes, std::vector<pid_t>& found) {
  for (std::size_t next = 0; next < found.size(); ++next) {
    for (const auto& process : processes) {
      if (process.parent == found[next] && std::ranges::find(found, process.pid) == found.end()) {
        found.push_back(process.pid);
      }
    }
  }
}

std::vector<pid_t> DescendantsOf(pid_t root) {
  std::vector<pid_t> found{root};
  AddDescendants(ListProcesses(), found);
  found.erase(found.begin());
  return found;
}

// Whoever kills its own shepherd is handed to the agent, with all that the shepherd kept together.
std::vector<pid_t> Fugitives(const Children& children) {
  const auto processes = ListProcesses();
  std::vector<pid_t> found;
  for (const auto& process : processes) {
    if (process.parent == getpid() && !children.Knows(process.pid)) {
      found.push_back(process.pid);
    }
  }
  AddDescendants(processes, found);
  return found;
}

// gVisor's kernel of 2022 accepts the wish to adopt orphans and forgets it: they come to process 1.
bool AdoptsOrphans() {
  static const bool adopts = [] {
    int is_set = 0;
    return prctl(PR_GET_CHILD_SUBREAPER, &is_set) == 0 && is_set == 1;
  }();
  return adopts;
}

// What the shepherd tells the agent: first the pid (or -errno), then how it ended.
struct EndReport {
  int wait_status = 0;
  bool is_last = false;  // no other member is left
  rusage usage{};
};

// Runs in the shepherd, which must outlive its flock. It lets go of all but the pipe to the agent
// before it says anything: what else it inherited would hold open the pipes of the program, and
// that in which the agent waits to hear that the program runs.
[[noreturn]] void WatchFlock(pid_t main_pid, int report) {
  (void)dup2(report, 0);
  CloseFrom(1);
  (void)!write(0, &main_pid, sizeof main_pid);
  if (main_pid < 0) {
    _exit(1);
  }
  int wait_status = 0;
  rusage usage{};
  for (;;) {
    const pid_t pid = wait4(-1, &wait_status, 0, &usage);
    if (pid < 0 && errno == ECHILD) {
      _exit(0);
    }
    if (pid == main_pid) {
      EndReport end{.wait_status = wait_status, .is_last = false, .usage = usage};
      pid_t other = 0;
      while ((other = waitpid(-1, nullptr, WNOHANG)) > 0) {
      }
      end.is_last = other < 0;  // ECHILD
      (void)!write(0, &end, sizeof end);
    }
  }
}

class ShepherdSet final : public ProcessSet {
 public:
  ShepherdSet() { ++living_count; }
  ~ShepherdSet() override {
    --living_count;
    if (children_ != nullptr && !gone_) {
      children_->Forget(shepherd_);
    }
  }
  ShepherdSet(const ShepherdSet&) = delete;
  ShepherdSet& operator=(const ShepherdSet&) = delete;
  ShepherdSet(ShepherdSet&&) = delete;
  ShepherdSet& operator=(ShepherdSet&&) = delete;

  pid_t Fork() override {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      return -1;
    }
    report_.Reset(ends[0]);
    UniqueFd report(ends[1]);
    shepherd_ = fork();
    if (shepherd_ != 0) {
      report.Reset();
      return shepherd_ < 0 ? -1 : ReadPid();
    }
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t pid = fork();
    if (pid == 0) {
      return 0;
    }
    WatchFlock(pid < 0 ? -errno : pid, report.get());
  }

  void OnExit(Loop& loop, Children& children, Children::ExitHandler handler) override {
    children_ = &children;
    children.Expect(shepherd_, [this](const ExitStatus& status) { OnGone(status); });
    on_exit_ = std::move(handler);
    watch_ = loop.Add(report_.get(), EPOLLIN, [this](std::uint32_t) { ReadEnd(); });
  }

  bool HasEnded() const override {
    pollfd report{.fd = report_.get(), .events = POLLIN, .revents = 0};
    return poll(&report, 1, 0) == 1;
  }

  std::vector<pid_t> Members() const override {
    if (is_last_ || (gone_ && !killed_)) {
      return Strays();
    }
    if (gone_) {
      return Fugitives(*children_);
    }
    auto members = DescendantsOf(shepherd_);
    const auto strays = Strays();
    members.insert(members.end(), strays.begin(), strays.end());
    return members;
  }

  // Stopped processes cannot fork: once a round finds nobody new, all can be killed.
  void Kill() override {
    std::vector<pid_t> stopped;
    for (int round = 0; round < kKillRoundsMax; ++round) {
      auto members = Members();
      const bool complete = std::ranges::all_of(members, [&stopped](pid_t pid) {
        return std::ranges::find(stopped, pid) != stopped.end();
      });
      for (const pid_t pid : members) {
        (void)kill(pid, complete ? SIGKILL : SIGSTOP);
      }
      if (complete) {
        stopped.clear();
        break;
      }
      stopped = std::move(members);
    }
    for (const pid_t pid : stopped) {
      (void)kill(pid, SIGKILL);
    }
    WakeShepherd();
    if (++kill_count_ > kKillsBeforeShepherd && !gone_) {
      (void)kill(shepherd_, SIGKILL);  // it is hindered: then the agent takes the flock itself
    }
  }

  bool IsEmpty() const override {
    const bool flock_gone = is_last_ || (gone_ && (!killed_ || Fugitives(*children_).empty()));
    return flock_gone && Strays().empty();
  }
  SetUsage Usage() const override { return {}; }
  bool Remove() override {
    WakeShepherd();
    return gone_;
  }

 private:
  // Orphans where no shepherd can adopt them. They may be anybody's, so they go with the last set.
  std::vector<pid_t> Strays() const {
    const bool is_ours = !AdoptsOrphans() && living_count == 1 && children_ != nullptr;
    return is_ours ? Fugitives(*children_) : std::vector<pid_t>{};
  }

  // A process in the sandbox may have stopped it, and then it reports nothing.
  void WakeShepherd() const {
    if (!gone_) {
      (void)kill(shepherd_, SIGCONT);
    }
  }

  // One that stops every process it can may hit a shepherd that is only beginning: the agent does
  // not wait for it for ever.
  bool AwaitPid() const {
    for (int round = 0; round < kPidRoundsMax; ++round) {
      pollfd report{.fd = report_.get(), .events = POLLIN, .revents = 0};
      if (poll(&report, 1, kPidRoundMs) == 1) {
        return true;
      }
      WakeShepherd();
    }
    return false;
  }

  pid_t ReadPid() {
    pid_t answer = -1;
    if (!AwaitPid() ||
        read(report_.get(), &answer, sizeof answer) != static_cast<ssize_t>(sizeof answer)) {
      (void)kill(shepherd_, SIGSTOP);
      for (const pid_t pid : DescendantsOf(shepherd_)) {
        (void)kill(pid, SIGKILL);
      }
      (void)kill(shepherd_, SIGKILL);
      errno = EAGAIN;
      return -1;
    }
    if (answer < 0) {
      errno = -answer;
      return -1;
    }
    (void)fcntl(report_.get(), F_SETFL, O_NONBLOCK);
    return answer;
  }

  void ReadEnd() {
    watch_.Reset();
    EndReport end;
    if (read(report_.get(), &end, sizeof end) == static_cast<ssize_t>(sizeof end)) {
      is_last_ = end.is_last;
      Report(end);
    } else {  // somebody killed it; its flock is not with the agent before it is reaped
      report_lost_ = true;
      ReportIfLost();
    }
  }

  void OnGone(const ExitStatus& status) {
    gone_ = true;
    killed_ = status.signaled;
    ReportIfLost();
  }

  void ReportIfLost() {
    if (gone_ && report_lost_) {
      Report({.wait_status = SIGKILL, .is_last = false, .usage = {}});
    }
  }

  void Report(const EndReport& end) {
    const auto handler = std::exchange(on_exit_, nullptr);
    handler(MakeExitStatus(end.wait_status, end.usage));
  }

  static inline int living_count = 0;

  UniqueFd report_;
  Watch watch_;
  pid_t shepherd_ = -1;
  int kill_count_ = 0;
  bool gone_ = false;         // reaped
  bool killed_ = false;       // and it was no end of its own
  bool report_lost_ = false;  // how the main process ended will never be known
  bool is_last_ = false;
  Children* children_ = nullptr;
  Children::ExitHandler on_exit_;
};

}  // namespace

std::unique_ptr<ProcessSet> MakeShepherdSet() { return std::make_unique<ShepherdSet>(); }

std::uint32_t CountProcesses() { return static_cast<std::uint32_t>(ListProcesses().size()); }

}  // namespace paddock::agent
