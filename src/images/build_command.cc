#include "images/build_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <limits>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/argument_vector.h"
#include "base/unique_fd.h"

namespace paddock::images {
namespace {

constexpr std::size_t kLineLengthMax = 4096;
constexpr int kCannotExec = 127;
constexpr std::chrono::seconds kKillWaitMax{10};

// Reads a stream line by line; what is longer than a line may be is cut.
class LineSplitter {
 public:
  explicit LineSplitter(const LineVisitor& visitor) : visitor_(visitor) {}

  void Add(std::string_view bytes) {
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '\n') {
        Flush();
      } else if (c == '\r') {
        line_.clear();  // a progress bar draws its line again
      } else if ((byte >= 0x20 && byte != 0x7f) || c == '\t') {
        if (line_.size() < kLineLengthMax) {
          line_.push_back(c);
        }
      }
    }
  }

  void Finish() {
    if (!line_.empty()) {
      Flush();
    }
  }

 private:
  void Flush() {
    visitor_(line_);
    line_.clear();
  }

  const LineVisitor& visitor_;
  std::string line_;
};

// In the child, between fork and exec: only what is safe after a fork of a threaded process.
[[noreturn]] void BecomeCommand(char* const* argv, char* const* env, int output, pid_t parent) {
  setsid();  // Ctrl-C ends the builder, and the builder's end ends this
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (getppid() != parent || input < 0 || dup2(input, STDIN_FILENO) < 0 ||
      dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0) {
    _exit(kCannotExec);
  }
  execvpe(argv[0], argv, env);
  _exit(kCannotExec);
}

int PollTimeout(Deadline deadline) {
  if (deadline.when() == Deadline::Clock::time_point::max()) {
    return -1;
  }
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline.when() -
                                                                          Deadline::Clock::now());
  return static_cast<int>(
      std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, std::numeric_limits<int>::max()));
}

// Until the last writer has closed the pipe. False when the deadline passed before.
bool ReadAll(int pipe, const LineVisitor& visitor, Deadline deadline) {
  LineSplitter lines(visitor);
  std::array<char, 16UL * 1024> buffer{};
  while (!deadline.Passed()) {
    pollfd readable{.fd = pipe, .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, PollTimeout(deadline)) <= 0) {
      continue;
    }
    const ssize_t count = read(pipe, buffer.data(), buffer.size());
    if (count == 0 || (count < 0 && errno != EINTR)) {
      lines.Finish();
      return true;
    }
    if (count > 0) {
      lines.Add({buffer.data(), static_cast<std::size_t>(count)});
    }
  }
  return false;
}

ExitStatus Reap(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return {.value = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
}

}  // namespace

Result<ExitStatus> RunBuildCommand(const std::vector<std::string>& argv,
                                   const std::vector<std::string>& env,
                                   const LineVisitor& visitor,
                                   Deadline deadline) {
  std::vector<std::string> arguments{"unshare", "--mount",           "--pid",
                                     "--fork",  "--kill-child=KILL", "--"};
  arguments.insert(arguments.end(), argv.begin(), argv.end());
  std::vector<std::string> environment = env;
  const auto argument_pointers = PointersTo(arguments);
  const auto environment_pointers = PointersTo(environment);

  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Fail(Code::kUnavailable, "pipe: " + std::generic_category().message(errno));
  }
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) {
    return Fail(Code::kUnavailable, "fork: " + std::generic_category().message(errno));
  }
  if (child == 0) {
    BecomeCommand(argument_pointers.data(), environment_pointers.data(), writing.get(), parent);
  }
  writing.Reset();
  if (!ReadAll(reading.get(), visitor, deadline)) {
    kill(child, SIGKILL);  // and with it, through --kill-child, the whole namespace
    // The last of them is gone when nobody holds the pipe any more.
    ReadAll(reading.get(), [](std::string_view) {}, Deadline::After(kKillWaitMax));
    Reap(child);
    return Fail(Code::kDeadlineExceeded, fmt::format("{} took too long", argv.front()));
  }
  const ExitStatus status = Reap(child);
  if (status.value == kCannotExec) {
    return Fail(
        Code::kUnavailable,
        fmt::format("cannot run {} (is it installed? apt-get install mmdebstrap util-linux)",
                    argv.front()));
  }
  return status;
}

}  // namespace paddock::images
