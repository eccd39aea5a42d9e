#include "app/supervisor.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/unique_fd.h"

namespace paddock::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPauseMin{250};
constexpr std::chrono::milliseconds kPauseMax{10'000};
constexpr std::chrono::seconds kHealthyAfter{20};  // then the pause begins at its least again
constexpr std::chrono::seconds kStopTimeMax{10};   // then SIGKILL
constexpr int kExecFailed = 127;

std::unexpected<Error> SystemFailure(std::string_view what) {
  return Fail(Code::kInternal, fmt::format("{}: {}", what, std::strerror(errno)));
}

/// What a child needs, made before the fork: the child makes system calls only.
struct Launch {
  std::vector<std::string> words;
  std::vector<char*> argv;
  std::optional<UserIds> ids;
  std::vector<std::string> variables;
  std::vector<char*> environment;  // empty: the supervisor's own
  int program = -1;
  pid_t parent = 0;
};

constexpr const char* kBarePath = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

[[noreturn]] void RunChild(const Launch& launch) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setpgid(0, 0);  // Ctrl-C is for the supervisor alone
  if (launch.ids && (setgroups(0, nullptr) != 0 || setgid(launch.ids->gid) != 0 ||
                     setuid(launch.ids->uid) != 0)) {
    _exit(kExecFailed);
  }
  // After the change of user, which clears it; and the supervisor may be gone already.
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != launch.parent) {
    _exit(kExecFailed);
  }
  // By descriptor, because the user may not be allowed to walk the path to this program.
  fexecve(launch.program, launch.argv.data(),
          launch.environment.empty() ? environ : launch.environment.data());
  _exit(kExecFailed);
}

class Child {
 public:
  Child(ChildSpec spec, std::optional<UserIds> ids, int program) : spec_(std::move(spec)) {
    launch_.words = spec_.arguments;
    launch_.words.insert(launch_.words.begin(), "paddock");
    for (std::string& word : launch_.words) {
      launch_.argv.push_back(word.data());
    }
    launch_.argv.push_back(nullptr);
    launch_.ids = ids;
    if (spec_.has_bare_environment) {
      launch_.variables = spec_.variables;
      launch_.variables.emplace_back(kBarePath);
      for (std::string& variable : launch_.variables) {
        launch_.environment.push_back(variable.data());
      }
      launch_.environment.push_back(nullptr);
    }
    launch_.program = program;
    launch_.parent = getpid();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child(Child&&) = delete;
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (is_running()) {
      Signal(SIGKILL);
      (void)Reap();
    }
  }

  Result<void> Start() {
    const pid_t pid = fork();
    if (pid == 0) {
      RunChild(launch_);
    }
    if (pid < 0) {
      return SystemFailure("fork");
    }
    pidfd_.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd_) {
      const auto failure = SystemFailure("pidfd_open");
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
      return failure;
    }
    started_at_ = Clock::now();
    ++start_count_;
    return {};
  }

  void Signal(int number) const {
    if (is_running()) {
      syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
    }
  }

  /// Only a child that reads something again on SIGHUP gets it: it would end the others.
  void Reload() const {
    if (spec_.reloads) {
      Signal(SIGHUP);
    }
  }

  /// Waits for the end. True when the child gave up at its first start, by itself.
  bool Reap() {
    siginfo_t info{};
    while (waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED) != 0 &&
           errno == EINTR) {
    }
    pidfd_.Reset();
    const bool by_itself = info.si_code == CLD_EXITED;
    exit_ = fmt::format("{} {}", by_itself ? "exit status" : "signal", info.si_status);
    const auto lived = Clock::now() - started_at_;
    if (lived >= kHealthyAfter) {
      pause_ = kPauseMin;
    }
    start_at_ = Clock::now() + pause_;
    pause_ = std::min(pause_ * 2, kPauseMax);
    return by_itself && start_count_ == 1 && lived < kHealthyAfter;
  }

  [[nodiscard]] bool is_running() const noexcept { return static_cast<bool>(pidfd_); }
  [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
  [[nodiscard]] Clock::time_point start_at() const noexcept { return start_at_; }
  [[nodiscard]] const std::string& name() const noexcept { return spec_.name; }
  [[nodiscard]] const std::string& exit() const noexcept { return exit_; }

 private:
  ChildSpec spec_;
  Launch launch_;
  UniqueFd pidfd_;
  Clock::time_point started_at_;
  Clock::time_point start_at_ = Clock::now();
  std::chrono::milliseconds pause_ = kPauseMin;
  int start_count_ = 0;
  std::string exit_;
};

using Children = std::vector<std::unique_ptr<Child>>;

int MillisecondsUntil(Clock::time_point when) {
  constexpr std::chrono::minutes kLongest{1};
  const auto left = std::min<Clock::duration>(when - Clock::now(), kLongest);
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::max<std::int64_t>(rounded, 0));
}

/// One wait for a signal, a child's end or a child's turn to start.
std::vector<pollfd> PollOnce(const Children& children, int signals, Clock::time_point until) {
  std::vector<pollfd> polled{{.fd = signals, .events = POLLIN, .revents = 0}};
  for (const auto& child : children) {
    polled.push_back({.fd = child->pidfd(), .events = POLLIN, .revents = 0});
    if (!child->is_running()) {
      until = std::min(until, child->start_at());
    }
  }
  if (poll(polled.data(), polled.size(), MillisecondsUntil(until)) < 0) {
    std::ranges::for_each(polled, [](pollfd& one) { one.revents = 0; });
  }
  return polled;
}

int ReadSignal(int signals) {
  signalfd_siginfo info{};
  return read(signals, &info, sizeof(info)) == sizeof(info) ? static_cast<int>(info.ssi_signo) : 0;
}

void Stop(const Children& children) {
  for (const auto& child : children) {
    child->Signal(SIGTERM);
    auto kill_at = Clock::now() + kStopTimeMax;
    while (child->is_running()) {
      pollfd one{.fd = child->pidfd(), .events = POLLIN, .revents = 0};
      if (poll(&one, 1, MillisecondsUntil(kill_at)) == 0 && Clock::now() >= kill_at) {
        log::Warn("the {} does not stop: killed", child->name());
        child->Signal(SIGKILL);
        kill_at = Clock::time_point::max();
      }
      if (one.revents != 0) {
        (void)child->Reap();
      }
    }
  }
}

Result<void> StartDue(const Children& children) {
  for (const auto& child : children) {
    if (!child->is_running() && child->start_at() <= Clock::now()) {
      auto started = child->Start();
      if (!started) {
        return Fail(std::move(started).error().With("start the " + child->name()));
      }
    }
  }
  return {};
}

Result<int> Watch(const Children& children, int signals) {
  while (true) {
    auto started = StartDue(children);
    if (!started) {
      Stop(children);
      return Fail(std::move(started).error());
    }
    const auto polled = PollOnce(children, signals, Clock::now() + std::chrono::minutes(1));
    const int signal = polled.front().revents != 0 ? ReadSignal(signals) : 0;
    if (signal == SIGHUP) {
      std::ranges::for_each(children, [](const auto& child) { child->Reload(); });
    } else if (signal != 0) {
      Stop(children);
      return 0;
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
      if (polled[i + 1].revents == 0) {
        continue;
      }
      Child& child = *children[i];
      if (child.Reap()) {
        Stop(children);
        return 1;  // it has said why
      }
      log::Warn("the {} ended ({}): starting it again", child.name(), child.exit());
    }
  }
}

/// Signals arrive by descriptor from now on; children unblock them.
UniqueFd OpenSignals() {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&handled, number);
  }
  sigprocmask(SIG_BLOCK, &handled, nullptr);
  return UniqueFd(signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace

Result<UserIds> FindUser(const std::string& name) {
  const passwd* user = getpwnam(name.c_str());
  if (user == nullptr) {
    return Fail(Code::kNotFound,
                fmt::format("there is no user '{0}' to serve as. Make it with\n"
                            "  useradd --system --no-create-home --shell /usr/sbin/nologin {0}\n"
                            "or name another one with --user",
                            name));
  }
  return UserIds{.uid = user->pw_uid, .gid = user->pw_gid};
}

Result<int> Supervise(std::vector<ChildSpec> specs) {
  const UniqueFd program(open("/proc/self/exe", O_PATH | O_CLOEXEC));
  const UniqueFd signals = OpenSignals();
  if (!program || !signals) {
    return SystemFailure("prepare to start children");
  }
  Children children;
  for (ChildSpec& spec : specs) {
    std::optional<UserIds> ids;
    if (!spec.user.empty()) {
      auto found = FindUser(spec.user);
      if (!found) {
        return Fail(std::move(found).error());
      }
      ids = *found;
    }
    children.push_back(std::make_unique<Child>(std::move(spec), ids, program.get()));
  }
  return Watch(children, signals.get());
}

}  // namespace paddock::app
