// AgentProcess: a real paddock-agent, started for one test outside any sandbox.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "base/check.h"
#include "terminals/testing/client/sockets.h"

namespace paddock {

class AgentProcess {
 public:
  explicit AgentProcess(const std::string& binary) {
    std::string pattern = std::filesystem::temp_directory_path() / "paddock-agent-XXXXXX";
    PADDOCK_CHECK(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    path_ = folder_ / "agent.sock";
    const std::string flag = "--listen-path=" + path_;
    pid_ = fork();
    if (pid_ == 0) {
      execl(binary.c_str(), binary.c_str(), flag.c_str(), nullptr);
      _exit(127);
    }
    for (int round = 0; round < 500 && !terminals::testing::ConnectUnix(path_); ++round) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  AgentProcess(const AgentProcess&) = delete;
  AgentProcess& operator=(const AgentProcess&) = delete;
  ~AgentProcess() {
    (void)kill(pid_, SIGTERM);
    (void)waitpid(pid_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  std::filesystem::path folder_;
  std::string path_;
  pid_t pid_ = -1;
};

}  // namespace paddock
