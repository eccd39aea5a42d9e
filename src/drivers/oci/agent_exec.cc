#include "drivers/oci/agent_exec.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "aio/process.h"
#include "base/argument_vector.h"
#include "drivers/oci/config.h"

namespace paddock::drivers::oci {
namespace {

constexpr int kExitNotStarted = 126;

// Becomes the runtime, with `stream` for standard input and output.
class Exec final : public aio::ChildBody {
 public:
  Exec(std::vector<std::string> words, int stream) : words_(std::move(words)), stream_(stream) {}

  int Run() noexcept override {
    setsid();
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0 && dup2(stream_, STDIN_FILENO) >= 0 && dup2(stream_, STDOUT_FILENO) >= 0 &&
        dup2(null, STDERR_FILENO) >= 0) {
      close_range(STDERR_FILENO + 1, ~0U, 0);
      execve(argv_[0], argv_.data(), env_.data());
    }
    return kExitNotStarted;
  }

 private:
  std::vector<std::string> words_;
  std::vector<char*> argv_ = PointersTo(words_);
  std::array<char*, 1> env_{};
  int stream_;
};

}  // namespace

aio::Task<Result<UniqueFd>> ConnectByExec(Runtime runtime,
                                          RuntimeFiles files,
                                          std::string name,
                                          Deadline deadline) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    co_return Fail(Code::kExhausted, fmt::format("socketpair: {}", strerrordesc_np(errno)));
  }
  UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  auto argv = RuntimeCommand(runtime, files);
  // Without a pid file of ours, runsc adds one behind the last word, where it is the agent's.
  argv.insert(argv.end(),
              {"exec", "--detach", "--pid-file", files.bundle_directory + "/connect.pid", name,
               kAgentPathInside, "connect", fmt::format("--listen-path={}", kAgentSocketInside)});
  Exec body(std::move(argv), theirs.get());
  auto child = aio::Process::Fork(body);
  if (!child) {
    co_return Fail(std::move(child).error());
  }
  theirs.Reset();
  auto exit = co_await child->Wait(deadline);
  if (!exit) {
    co_return Fail(std::move(exit).error().With("connect to the agent"));
  }
  if (!exit->is_success()) {
    co_return Fail(Code::kUnavailable,
                   fmt::format("connect to the agent: {}: {}", runtime.version, exit->Describe()));
  }
  fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  co_return ours;
}

aio::Task<Result<void>> TerminateInside(Runtime runtime,
                                        RuntimeFiles files,
                                        std::string name,
                                        Deadline deadline) {
  aio::Command command;
  command.argv = RuntimeCommand(runtime, files);
  command.argv.insert(command.argv.end(), {"kill", name, "TERM"});
  auto outcome = co_await aio::RunCommand(std::move(command), deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error());
  }
  if (!outcome->exit.is_success()) {
    co_return Fail(Code::kUnavailable, outcome->output);
  }
  co_return Result<void>{};
}

}  // namespace paddock::drivers::oci
