#include "app/stop_command.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "aio/task_scope.h"
#include "app/settings.h"
#include "rpc/node_client.h"

namespace paddock::app {
namespace {

constexpr std::chrono::seconds kProbeTimeMax{2};     // for a node that runs already
constexpr std::chrono::seconds kStartTimeMax{30};    // for one that is started for this
constexpr std::chrono::seconds kDestroyTimeMax{60};  // for one sandbox
constexpr int kWorkerCount = 8;

/// A node that runs for as long as this does.
class BriefNode {
 public:
  explicit BriefNode(std::vector<std::string> flags) {
    std::vector<std::string> words{"paddock", "node"};
    std::ranges::move(flags, std::back_inserter(words));
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) {
      argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    if (posix_spawn(&pid_, "/proc/self/exe", nullptr, nullptr, argv.data(), environ) != 0) {
      pid_ = -1;
    }
  }
  [[nodiscard]] bool IsAlive() {
    if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
    }
    return pid_ > 0;
  }
  BriefNode(const BriefNode&) = delete;
  BriefNode& operator=(const BriefNode&) = delete;
  BriefNode(BriefNode&&) = delete;
  BriefNode& operator=(BriefNode&&) = delete;
  ~BriefNode() {
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      waitpid(pid_, nullptr, 0);
    }
  }

 private:
  pid_t pid_ = -1;
};

class Stopper {
 public:
  explicit Stopper(const Settings& settings) : settings_(settings) {}

  int Run() {
    scope_.Spawn(StopAll());
    loop_.run();
    return status_;
  }

 private:
  aio::Task<void> StopAll() {
    auto listed = co_await node_.List(Deadline::After(kProbeTimeMax));
    std::optional<BriefNode> brief;
    if (!listed && geteuid() == 0) {
      brief.emplace(settings_.FlagsOf(config::Process::kNode));
      // The client gives a node that has gone away a few seconds to come back; this one may have
      // much to put right before it listens.
      const auto give_up = Deadline::After(kStartTimeMax);
      while (!listed && !give_up.Passed() && brief->IsAlive()) {
        listed = co_await node_.List(give_up);
      }
    }
    if (!listed) {
      status_ = 1;
      fmt::print(stderr,
                 "paddock stop: no node answers in {}: {}\nAs root, this command starts one for "
                 "itself; --data-dir and --run-dir must be those of the server\n",
                 settings_.node().run_dir.string(), listed.error().message);
      co_return;
    }
    left_ = *std::move(listed);
    const std::size_t count = left_.size();
    for (int i = 0; i < kWorkerCount; ++i) {
      workers_.Spawn(DestroySome());
    }
    co_await workers_.Join();
    fmt::print("{} sandboxes ended\n", count - failed_);
  }

  aio::Task<void> DestroySome() {
    while (!left_.empty()) {
      const SandboxId id = left_.back().id;
      left_.pop_back();
      auto destroyed = co_await node_.Destroy(id, Deadline::After(kDestroyTimeMax));
      if (!destroyed) {
        ++failed_;
        status_ = 1;
        fmt::print(stderr, "paddock stop: {}: {}\n", id.value(), destroyed.error().message);
      }
    }
  }

  const Settings& settings_;
  boost::asio::io_context loop_{1};
  rpc::NodeClient node_{loop_.get_executor(), settings_.node().run_dir.string()};
  aio::TaskScope scope_{loop_.get_executor()};
  aio::TaskScope workers_{loop_.get_executor()};
  std::vector<sandbox::Info> left_;
  std::size_t failed_ = 0;
  int status_ = 0;
};

}  // namespace

int StopCommand(std::span<char*> arguments) {
  bool all = false;
  Settings settings(config::Process::kNode);
  settings.AddFlag("all", all, "every sandbox of this host; must be given");
  const auto status =
      settings.ReadOrExplain(arguments, "Ends sandboxes. The server and its node may run or not.");
  if (status) {
    return *status;
  }
  if (!all) {
    fmt::print(stderr, "paddock stop: --all is missing: it says that every sandbox is meant\n");
    return 2;
  }
  // As in server_process.cc: gRPC would look only every 5 s whether the node is there.
  setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "20", 0);  // NOLINT: no thread exists yet
  return Stopper(settings).Run();
}

}  // namespace paddock::app
