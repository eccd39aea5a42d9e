// AgentTest: a real agent and a client of it, with calls that wait for their answers.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "real_agent.h"
#include "sandbox/agent_client.h"

namespace paddock::sandbox {

class AgentTest : public ::testing::Test {
 public:
  ~AgentTest() override;

 protected:
  AgentTest();

  [[nodiscard]] static Deadline Soon() { return Deadline::After(std::chrono::seconds(20)); }

  template <class T>
  T Wait(aio::Task<T> task) {
    return WaitFor(loop_, std::move(task));
  }
  [[nodiscard]] std::shared_ptr<AgentClient> Open();
  [[nodiscard]] Result<ExecResult> Shell(std::string command);
  [[nodiscard]] std::string Path(std::string_view name) const {
    return agent_.directory() + "/" + std::string(name);
  }
  /// All that `reader` gives, or its error.
  [[nodiscard]] Result<std::string> ReadAll(ByteReader& reader);
  [[nodiscard]] Result<void> WriteAll(std::string_view name, std::string content);
  /// True once `pid` is no live process any more; waits for a while.
  [[nodiscard]] bool IsGone(pid_t pid);

  RealAgent agent_;
  boost::asio::io_context loop_;
  std::shared_ptr<AgentClient> client_;
};

}  // namespace paddock::sandbox
