// RealAgent: the agent's own binary as a plain process, and calls that wait for their answers.
//
// Used by tests and benchmarks. Without cgroups and outside a sandbox, so it shows what the
// agent does with a process tree alone. Everything lives below a directory of its own; the
// destructor ends the agent and all it started.
#pragma once

#include <sys/types.h>

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "aio/task.h"
#include "base/unique_fd.h"

namespace paddock::sandbox {

/// Runs `loop` until `task` has a value, and leaves what else runs on the loop where it is.
template <class T>
T WaitFor(boost::asio::io_context& loop, aio::Task<T> task) {
  std::optional<T> value;
  std::exception_ptr failure;
  auto body = [](aio::Task<T> inner, std::optional<T>& out) -> aio::Task<void> {
    auto result = co_await std::move(inner);
    out.emplace(std::move(result));
  };
  boost::asio::co_spawn(loop, body(std::move(task), value),
                        [&failure](const std::exception_ptr& e) { failure = e; });
  loop.restart();
  while (!value && !failure) {
    loop.run_one();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
  loop.poll();  // what the answer set in motion
  return *std::move(value);
}

class RealAgent {
 public:
  explicit RealAgent(const std::string& program = PADDOCK_AGENT);
  RealAgent(const RealAgent&) = delete;
  RealAgent& operator=(const RealAgent&) = delete;
  ~RealAgent();

  /// A new stream to the agent.
  [[nodiscard]] UniqueFd Connect() const;
  [[nodiscard]] bool IsRunning() const;
  /// An empty directory for the test.
  [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  std::string root_;
  std::string directory_;
  pid_t pid_ = -1;
};

}  // namespace paddock::sandbox
