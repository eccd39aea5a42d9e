#include "aio/process.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/argument_vector.h"

namespace paddock::aio {
namespace asio = boost::asio;

namespace {

constexpr int kExitNotExecuted = 127;
constexpr auto kProgramFolders = std::to_array<std::string_view>(
    {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"});

void ResetSignals() noexcept {
  struct sigaction plain{};
  plain.sa_handler = SIG_DFL;  // NOLINT(cppcoreguidelines-pro-type-union-access): the C interface
  for (int number = 1; number < NSIG; ++number) {
    sigaction(number, &plain, nullptr);  // fails for SIGKILL and SIGSTOP, which need none
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

pid_t ForkInto(int group) noexcept {
  clone_args arguments{};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<decltype(arguments.cgroup)>(group);
  return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
}

// A file of fixed size in memory: what does not fit is refused to the child, so that no output can
// grow beyond the limit, and nothing has to be read while it runs.
Result<UniqueFd> MakeOutputFile() {
  UniqueFd file(memfd_create("output", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file || ftruncate(file.get(), kCommandOutputMax) != 0 ||
      fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) != 0) {
    return Fail(Code::kExhausted, fmt::format("memfd: {}", strerrordesc_np(errno)));
  }
  return file;
}

std::string ReadOutputFile(int file) {
  const off_t written = lseek(file, 0, SEEK_CUR);  // the child shares the offset
  std::string output(written > 0 ? static_cast<std::size_t>(written) : 0, '\0');
  const ssize_t count = pread(file, output.data(), output.size(), 0);
  output.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return output;
}

class ExecBody final : public ChildBody {
 public:
  ExecBody(const std::string& program, const Command& command, int output)
      : program_(program), output_(output), argv_(PointersTo(command.argv)) {
    for (const auto& [name, value] : command.env) {
      env_text_.push_back(fmt::format("{}={}", name, value));
    }
    env_ = PointersTo(env_text_);
  }

  int Run() noexcept override {
    const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(output_, STDOUT_FILENO) < 0 ||
        dup2(output_, STDERR_FILENO) < 0) {
      return kExitNotExecuted;
    }
    close_range(STDERR_FILENO + 1, ~0U, 0);
    execve(program_.c_str(), argv_.data(), env_.data());
    return kExitNotExecuted;
  }

 private:
  const std::string& program_;
  int output_;
  std::vector<std::string> env_text_;
  std::vector<char*> argv_;
  std::vector<char*> env_;
};

}  // namespace

std::string ProcessExit::Describe() const {
  return exit_code ? fmt::format("exit status {}", *exit_code)
                   : fmt::format("signal {}", signal.value_or(0));
}

Result<Process> Process::Fork(ChildBody& body, int group) {
  // Neither runs handlers of other libraries, which would wait for locks of threads that the child
  // does not have.
  const pid_t pid = group == kOwnGroup ? _Fork() : ForkInto(group);
  if (pid < 0) {
    return Fail(Code::kExhausted, fmt::format("fork: {}", strerrordesc_np(errno)));
  }
  if (pid == 0) {
    ResetSignals();
    _exit(body.Run());
  }
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) {
    const int failure = errno;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return Fail(Code::kExhausted, fmt::format("pidfd_open: {}", strerrordesc_np(failure)));
  }
  return Process(pid, std::move(pidfd));
}

Process::Process(Process&& other) noexcept : pid_(other.pid_), pidfd_(std::move(other.pidfd_)) {}

Process::~Process() {
  if (pidfd_) {
    Kill();
    // It has been sent SIGKILL, so this wait is short.
    [[maybe_unused]] const auto ended = Reap();
  }
}

void Process::Kill() const noexcept {
  syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

Result<ProcessExit> Process::Reap() {
  siginfo_t info{};
  int outcome = 0;
  do {
    outcome = waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED);
  } while (outcome != 0 && errno == EINTR);
  pidfd_.Reset();
  if (outcome != 0) {
    return Fail(Code::kInternal, fmt::format("waitid: {}", strerrordesc_np(errno)));
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-union-access): the C interface
  const int status = info.si_status;
  if (info.si_code == CLD_EXITED) {
    return ProcessExit{.exit_code = status, .signal = std::nullopt};
  }
  return ProcessExit{.exit_code = std::nullopt, .signal = status};
}

Task<Result<ProcessExit>> Process::Wait(Deadline deadline) {
  auto ended = co_await WaitReadable(pidfd_.get(), deadline);
  if (!ended) {
    Kill();
  }
  auto exit = Reap();
  if (!ended) {
    co_return Fail(std::move(ended).error());
  }
  co_return exit;
}

Task<Result<void>> WaitReadable(int fd, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  // The descriptor object closes what it holds, so it gets a copy.
  const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) {
    co_return Fail(Code::kExhausted, fmt::format("dup: {}", strerrordesc_np(errno)));
  }
  asio::posix::stream_descriptor readable(executor, copy);
  asio::steady_timer timer(executor, deadline.when());
  // A group of operations, not of coroutines: those would throw when they are cancelled.
  auto either = asio::experimental::make_parallel_group(
      readable.async_wait(asio::posix::descriptor_base::wait_read, asio::deferred),
      timer.async_wait(asio::deferred));
  auto [order, unready, stopped] = co_await either.async_wait(asio::experimental::wait_for_one(),
                                                              asio::as_tuple(asio::use_awaitable));
  if (!unready) {
    co_return Result<void>{};
  }
  if (!stopped) {
    co_return Fail(Code::kDeadlineExceeded, "deadline passed");
  }
  co_return Fail(Code::kCancelled, "cancelled");
}

std::string FindProgram(const std::string& program) {
  if (program.find('/') != std::string::npos) {
    return access(program.c_str(), X_OK) == 0 ? program : std::string();
  }
  for (const std::string_view folder : kProgramFolders) {
    auto path = fmt::format("{}/{}", folder, program);
    if (access(path.c_str(), X_OK) == 0) {
      return path;
    }
  }
  return {};
}

Task<Result<CommandOutcome>> RunCommand(Command command, Deadline deadline) {
  const std::string program = FindProgram(command.argv.front());
  if (program.empty()) {
    co_return Fail(Code::kNotFound, fmt::format("{}: no such program", command.argv.front()));
  }
  auto output = MakeOutputFile();
  if (!output) {
    co_return Fail(std::move(output).error());
  }
  ExecBody body(program, command, output->get());
  auto child = Process::Fork(body);
  if (!child) {
    co_return Fail(std::move(child).error());
  }
  auto exit = co_await child->Wait(deadline);
  if (!exit) {
    co_return Fail(std::move(exit).error().With(command.argv.front()));
  }
  CommandOutcome outcome{.exit = *exit, .output = ReadOutputFile(output->get())};
  co_return outcome;
}

}  // namespace paddock::aio
