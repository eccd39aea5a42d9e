// Boot: the program that an image brings to start its services (a database, say).
//
// It runs as root when the sandbox starts and ends with 0 once its services accept connections;
// they go on running. What they print goes to the agent's standard error, which is the sandbox's
// log, up to a limit: whoever can write there must not fill the host's disk.
//
// Threading: loop thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/services.h"

namespace paddock::agent {

class Boot {
 public:
  /// Starts `path`. `on_ready` is called once: when it has ended, however, or cannot be run, or
  /// after kBootPatience.
  Boot(Services& services, const std::string& path, std::function<void()> on_ready);
  ~Boot();
  Boot(const Boot&) = delete;
  Boot& operator=(const Boot&) = delete;

  /// Asks every service to end.
  void Terminate();
  /// Whether no process of theirs is left.
  [[nodiscard]] bool is_gone() const { return !job_.IsAlive(); }

 private:
  class LogPipe;

  void OnEnd(const JobEnd& end);
  void Ready();
  void Log(std::string_view text);

  std::string path_;
  std::function<void()> on_ready_;
  std::size_t log_left_;
  std::unique_ptr<LogPipe> output_;
  std::unique_ptr<LogPipe> error_;
  Timer patience_;
  JobHandle job_;
};

}  // namespace paddock::agent
