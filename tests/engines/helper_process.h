// HelperDialer: starts the helper program anew for each session, as the agent does in a sandbox.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "aio/process.h"
#include "sql/engine.h"

namespace paddock::testing {

class HelperDialer final : public sql::Dialer {
 public:
  explicit HelperDialer(std::string program) : program_(std::move(program)) {}

  aio::Task<Result<UniqueFd>> Dial(Deadline /*deadline*/) override {
    int ends[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      co_return Fail(Code::kExhausted, "no more sockets");
    }
    UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    Body body(program_.c_str(), theirs.get());
    auto process = aio::Process::Fork(body);
    if (!process) {
      co_return Fail(std::move(process).error());
    }
    processes_.push_back(*std::move(process));
    co_return ours;
  }

  /// The helper that was started last: killed, as by a machine that has no memory left.
  void KillLast() { processes_.pop_back(); }

 private:
  class Body final : public aio::ChildBody {
   public:
    Body(const char* program, int stream) : program_(program), stream_(stream) {}
    int Run() noexcept override {
      (void)dup2(stream_, STDIN_FILENO);
      (void)dup2(stream_, STDOUT_FILENO);
      (void)execl(program_, program_, nullptr);
      return 127;
    }

   private:
    const char* program_;
    int stream_;
  };

  std::string program_;
  std::vector<aio::Process> processes_;
};

}  // namespace paddock::testing
