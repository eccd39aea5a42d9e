// ServerProcess: the program of a database server that a test starts, with a directory of its own.
//
// Such servers do not run as root, so a test that does starts them as a user of theirs. They end
// with the test, however that ends. Threading: the test's thread.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/argument_vector.h"
#include "base/deadline.h"
#include "base/unique_fd.h"
#include "images/testing/temp_directory.h"

namespace paddock::testing {

class ServerProcess {
 public:
  /// `user`: whom it runs as where the test is root.
  explicit ServerProcess(std::string user) : user_(std::move(user)) {}
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess() = default;

  /// Why there is none; empty when there is.
  [[nodiscard]] const std::string& missing() const noexcept { return missing_; }
  void SetMissing(std::string why) { missing_ = std::move(why); }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

  /// Gives a file, or the directory, to the user.
  void Give(const std::filesystem::path& path) {
    const passwd* user = geteuid() == 0 ? getpwnam(user_.c_str()) : nullptr;
    if (geteuid() == 0 &&
        (user == nullptr || chown(path.c_str(), user->pw_uid, user->pw_gid) != 0)) {
      missing_ = fmt::format("there is no user {} who can be given {}", user_, path.native());
    }
  }

  /// Runs what makes the data, in the directory that is the user's from then on.
  void Initialize(std::vector<std::string> command) {
    Give(directory());
    if (!missing_.empty()) {
      return;
    }
    const auto log = LogOf(command.front());
    const pid_t pid = Spawn(std::move(command), log);
    int status = -1;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
      missing_ = fmt::format("the program failed: see {}", log.native());
      return;
    }
    std::filesystem::remove(log);
  }

  /// Starts the server, and waits until it `is_ready`.
  void Start(std::vector<std::string> command, const std::function<bool()>& is_ready) {
    const auto log = LogOf(command.front());
    pid_ = Spawn(std::move(command), log);
    pidfd_.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    if (!WaitUntil(is_ready)) {
      missing_ = fmt::format("the server did not start: see {}", log.native());
      return;
    }
    std::filesystem::remove(log);
  }

  void Stop(int signal) {
    if (pid_ > 0) {
      kill(pid_, signal);
      waitpid(pid_, nullptr, 0);
      pid_ = -1;
    }
  }

 private:
  static constexpr std::chrono::seconds kStartTimeMax{60};
  static constexpr int kPollMs = 20;

  static std::filesystem::path LogOf(const std::filesystem::path& program) {
    return std::filesystem::temp_directory_path() /
           fmt::format("{}-{}.log", program.filename().native(), getpid());
  }

  pid_t Spawn(std::vector<std::string> command, const std::filesystem::path& log) const {
    std::vector<std::string> words{"setpriv", "--pdeathsig=KILL"};
    if (geteuid() == 0) {
      words.insert(words.end(), {"--reuid=" + user_, "--regid=" + user_, "--clear-groups"});
    }
    words.insert(words.end(), command.begin(), command.end());
    const auto arguments = PointersTo(words);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t pid = -1;
    const int failed =
        posix_spawnp(&pid, arguments.front(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed == 0 ? pid : -1;
  }

  [[nodiscard]] bool WaitUntil(const std::function<bool()>& is_ready) const {
    const auto give_up = Deadline::After(kStartTimeMax);
    while (!give_up.Passed()) {
      if (is_ready()) {
        return true;
      }
      pollfd ended{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
      if (poll(&ended, 1, kPollMs) != 0) {
        return false;
      }
    }
    return false;
  }

  std::string user_;
  std::string missing_;
  images::TempDirectory directory_;
  pid_t pid_ = -1;
  UniqueFd pidfd_;
};

}  // namespace paddock::testing
