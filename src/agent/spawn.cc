#include "agent/spawn.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "agent/descriptors.h"
#include "agent/file_text.h"
#include "agent/pipe.h"
#include "base/argument_vector.h"

namespace paddock::agent {

namespace {

constexpr int kExecFailedExitCode = 127;
constexpr mode_t kUmask = 022;
// Above the agent's own score, so that the kernel never prefers the agent as a victim.
constexpr const char* kOomScore = "200";
constexpr std::string_view kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

void SetNonBlocking(const UniqueFd& fd) {
  if (fd) {
    (void)fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  }
}

struct Pty {
  UniqueFd master;
  UniqueFd slave;
};

// The slave is opened through its master, not by a path that the learner could have replaced; but
// for gVisor's kernel, which knows only the path.
UniqueFd OpenSlave(int master) {
  constexpr int kFlags = O_RDWR | O_NOCTTY | O_CLOEXEC;
  UniqueFd slave(ioctl(master, TIOCGPTPEER, kFlags));
  unsigned number = 0;
  if (!slave && errno == ENOTTY && ioctl(master, TIOCGPTN, &number) == 0) {
    slave.Reset(open(("/dev/pts/" + std::to_string(number)).c_str(), kFlags));
  }
  return slave;
}

Result<Pty> OpenPty(const terminal::WindowSize& size, const User& user) {
  Pty pty;
  pty.master.Reset(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  int unlocked = 0;
  if (!pty.master || ioctl(pty.master.get(), TIOCSPTLCK, &unlocked) != 0) {
    return Fail(Code::kUnavailable, std::string("no terminal to be had: ") + std::strerror(errno));
  }
  pty.slave = OpenSlave(pty.master.get());
  if (!pty.slave) {
    return Fail(Code::kUnavailable, std::string("no terminal to be had: ") + std::strerror(errno));
  }
  termios settings{};
  if (tcgetattr(pty.slave.get(), &settings) == 0) {
    settings.c_iflag |= IUTF8;  // so that erasing takes a whole character
    (void)tcsetattr(pty.slave.get(), TCSANOW, &settings);
  }
  const winsize window{
      .ws_row = size.row_count, .ws_col = size.column_count, .ws_xpixel = 0, .ws_ypixel = 0};
  (void)ioctl(pty.master.get(), TIOCSWINSZ, &window);
  (void)fchown(pty.slave.get(), user.uid, static_cast<gid_t>(-1));
  return pty;
}

// What the child finds at 0, 1 and 2, and where it reports.
struct ChildEnds {
  std::array<int, 3> standard{};
  int failure = -1;
};

[[noreturn]] void GiveUp(const ChildEnds& ends, SpawnFailure::Step step) {
  const SpawnFailure failure{.step = step, .error_number = errno};
  (void)!write(ends.failure, &failure, sizeof failure);
  _exit(kExecFailedExitCode);
}

void ResetSignals() {
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    (void)sigaction(signal, &standard, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool BecomeUser(const User& user) {
  if (geteuid() != 0) {
    return user.uid == geteuid();  // an agent without privileges runs everything as itself
  }
  return setgroups(user.groups.size(), user.groups.data()) == 0 &&
         setresgid(user.gid, user.gid, user.gid) == 0 &&
         setresuid(user.uid, user.uid, user.uid) == 0;
}

std::string_view PathOf(const std::vector<std::string>& env) {
  for (const std::string_view variable : env) {
    if (variable.starts_with("PATH=")) {
      return variable.substr(5);
    }
  }
  return kDefaultPath;
}

// As execvpe does it, but with the PATH of the new environment; returns with errno set.
void Execute(const SpawnSpec& spec) {
  auto argv = spec.argv;
  if (!spec.argv0_shown.empty()) {
    argv[0] = spec.argv0_shown;
  }
  const auto arguments = PointersTo(argv);
  const auto environment = PointersTo(spec.env);
  const auto& program = spec.argv[0];
  if (program.find('/') != std::string::npos) {
    (void)execve(program.c_str(), arguments.data(), environment.data());
    return;
  }
  int last_error = ENOENT;
  auto path = PathOf(spec.env);
  while (!path.empty()) {
    const auto directory = TakeUntil(path, ':');
    const auto candidate =
        (directory.empty() ? std::string(".") : std::string(directory)) + "/" + program;
    (void)execve(candidate.c_str(), arguments.data(), environment.data());
    if (errno != ENOENT && errno != ENOTDIR) {
      last_error = errno;
    }
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
      break;
    }
  }
  errno = last_error;
}

[[noreturn]] void RunChild(const SpawnSpec& spec, const ChildEnds& ends) {
  ResetSignals();
  (void)umask(kUmask);
  (void)setsid();
  if (spec.terminal && ioctl(ends.standard[0], TIOCSCTTY, 0) != 0) {
    GiveUp(ends, SpawnFailure::Step::kTerminal);
  }
  (void)WriteControlFile(AT_FDCWD, "/proc/self/oom_score_adj", kOomScore);
  for (int target = 0; target < 3; ++target) {
    // The ends are all above 2, because the agent keeps its own 0, 1 and 2 open.
    (void)dup2(ends.standard[static_cast<std::size_t>(target)], target);
  }
  CloseFromOnExec(3);
  for (const auto& [resource, value] : spec.rlimits) {
    const rlimit limit{.rlim_cur = value, .rlim_max = value};
    (void)setrlimit(static_cast<__rlimit_resource>(resource), &limit);
  }
  if (!BecomeUser(spec.user)) {
    GiveUp(ends, SpawnFailure::Step::kUser);
  }
  if (chdir(spec.cwd.c_str()) != 0) {
    GiveUp(ends, SpawnFailure::Step::kDirectory);
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    GiveUp(ends, SpawnFailure::Step::kUser);
  }
  Execute(spec);
  GiveUp(ends, SpawnFailure::Step::kProgram);
}

Result<Spawned> OutOfResources(const char* what) {
  return Fail(Code::kExhausted, std::string(what) + ": " + std::strerror(errno));
}

Result<Spawned> SpawnWithTerminal(const SpawnSpec& spec, ProcessSet& set, Pipe failure) {
  auto pty = OpenPty(*spec.terminal, spec.user);
  if (!pty) {
    return Fail(std::move(pty).error());
  }
  const int slave = pty->slave.get();
  const pid_t pid = set.Fork();
  if (pid == 0) {
    RunChild(spec, {.standard = {slave, slave, slave}, .failure = failure.write_end.get()});
  }
  if (pid < 0) {
    return OutOfResources("no more processes");
  }
  Spawned spawned;
  spawned.pid = pid;
  spawned.input = std::move(pty->master);
  spawned.failure = std::move(failure.read_end);
  return spawned;
}

Result<Spawned> SpawnWithPipes(const SpawnSpec& spec, ProcessSet& set, Pipe failure) {
  Pipe input;
  Pipe output;
  Pipe error;
  if (!spec.has_input) {
    input.read_end.Reset(open("/dev/null", O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  }
  if ((spec.has_input ? !Open(input) : !input.read_end) || !Open(output) || !Open(error)) {
    return OutOfResources("no more pipes");
  }
  const ChildEnds ends{
      .standard = {input.read_end.get(), output.write_end.get(), error.write_end.get()},
      .failure = failure.write_end.get()};
  const pid_t pid = set.Fork();
  if (pid == 0) {
    RunChild(spec, ends);
  }
  if (pid < 0) {
    return OutOfResources("no more processes");
  }
  Spawned spawned;
  spawned.pid = pid;
  spawned.input = std::move(input.write_end);
  spawned.output = std::move(output.read_end);
  spawned.error = std::move(error.read_end);
  spawned.failure = std::move(failure.read_end);
  SetNonBlocking(spawned.input);
  SetNonBlocking(spawned.output);
  SetNonBlocking(spawned.error);
  return spawned;
}

Result<Spawned> SpawnWithStream(const SpawnSpec& spec, ProcessSet& set, Pipe failure) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return OutOfResources("no more sockets");
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  const UniqueFd nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!nowhere) {
    return OutOfResources("no more descriptors");
  }
  const pid_t pid = set.Fork();
  if (pid == 0) {
    RunChild(spec, {.standard = {theirs.get(), theirs.get(), nowhere.get()},
                    .failure = failure.write_end.get()});
  }
  if (pid < 0) {
    return OutOfResources("no more processes");
  }
  Spawned spawned;
  spawned.pid = pid;
  spawned.input = std::move(ours);
  spawned.failure = std::move(failure.read_end);
  SetNonBlocking(spawned.input);
  return spawned;
}

}  // namespace

Result<Spawned> Spawn(const SpawnSpec& spec, ProcessSet& set) {
  if (spec.argv.empty() || spec.argv[0].empty()) {
    return Fail(Code::kInvalid, "no program named");
  }
  Pipe failure;
  if (!Open(failure)) {
    return OutOfResources("no more pipes");
  }
  SetNonBlocking(failure.read_end);
  if (spec.has_stream) {
    return SpawnWithStream(spec, set, std::move(failure));
  }
  return spec.terminal ? SpawnWithTerminal(spec, set, std::move(failure))
                       : SpawnWithPipes(spec, set, std::move(failure));
}

Result<void> ReadFailure(int fd, const SpawnSpec& spec) {
  SpawnFailure failure;
  if (read(fd, &failure, sizeof failure) != static_cast<ssize_t>(sizeof failure)) {
    return {};
  }
  const std::string reason = std::strerror(failure.error_number);
  switch (failure.step) {
    case SpawnFailure::Step::kUser:
      return Fail(Code::kInvalid, "cannot become that user: " + reason);
    case SpawnFailure::Step::kDirectory: return Fail(Code::kInvalid, spec.cwd + ": " + reason);
    case SpawnFailure::Step::kProgram: return Fail(Code::kInvalid, spec.argv[0] + ": " + reason);
    case SpawnFailure::Step::kTerminal: return Fail(Code::kUnavailable, "terminal: " + reason);
  }
  return Fail(Code::kInternal, "unknown step");
}

}  // namespace paddock::agent
