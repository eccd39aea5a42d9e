#include "agent/server.h"

#include <sys/socket.h>

#include <csignal>
#include <type_traits>
#include <variant>

#include "agent/exec_channel.h"
#include "agent/forward_channel.h"
#include "agent/program_channel.h"
#include "agent/stats.h"
#include "agent/worker_channel.h"

namespace paddock::agent {

namespace {

constexpr int kConnectionCountMax = 64;
constexpr int kAcceptsPerTurn = 8;
// How long terminals and execs may take to end, then the services, then how long the kernel may
// take to kill.
constexpr std::chrono::milliseconds kEndGrace{300};
constexpr std::chrono::seconds kStopPatience{5};
constexpr std::chrono::seconds kKillPatience{1};
constexpr std::chrono::milliseconds kStopPause{10};

}  // namespace

Server::Server(ServerConfig config)
    : config_(std::move(config)),
      children_(loop_, [this](int signal) { OnSignal(signal); }),
      jobs_(loop_, children_, config_.cgroups ? &*config_.cgroups : nullptr),
      services_{.loop = loop_,
                .jobs = jobs_,
                .children = children_,
                .cgroups = config_.cgroups ? &*config_.cgroups : nullptr,
                .environment = config_.environment},
      terminals_(services_) {
  if (config_.boot_path.empty()) {
    Listen();
  } else {
    boot_ = std::make_unique<Boot>(services_, config_.boot_path, [this] { Listen(); });
  }
}

Server::~Server() = default;

void Server::Run() { loop_.Run(); }

void Server::OnSignal(int signal) {
  // A hang-up is meaningless to PID 1, which has no terminal.
  if (signal == SIGTERM || signal == SIGINT || (signal == SIGHUP && getpid() != 1)) {
    StopInOrder();
  }
}

// First those who use the services, then the services, which get some time to write what they hold.
void Server::StopInOrder() {
  if (stopping_) {
    return;
  }
  stopping_ = true;
  listening_.Reset();
  jobs_.EndUsers(kEndGrace);
  stop_at_ = Loop::Clock::now() + kEndGrace;
  StopWhenUsersHaveEnded();
}

void Server::StopWhenUsersHaveEnded() {
  if (jobs_.has_users() && Loop::Clock::now() < stop_at_) {
    stop_timer_ = loop_.After(kStopPause, [this] { StopWhenUsersHaveEnded(); });
    return;
  }
  connections_.clear();
  terminals_.Clear();
  jobs_.KillAbandoned();
  if (boot_) {
    boot_->Terminate();
  }
  stop_at_ = Loop::Clock::now() + kStopPatience;
  StopWhenEmpty();
}

void Server::StopWhenEmpty() {
  if (boot_ && Loop::Clock::now() >= stop_at_) {
    boot_.reset();
    jobs_.KillAbandoned();
  }
  const bool is_empty = jobs_.count() == 0 || (boot_ && jobs_.count() == 1 && boot_->is_gone());
  if (is_empty || Loop::Clock::now() >= stop_at_ + kKillPatience) {
    if (config_.cgroups) {
      config_.cgroups->DropSpares();
    }
    loop_.Stop();
    return;
  }
  stop_timer_ = loop_.After(kStopPause, [this] { StopWhenEmpty(); });
}

void Server::Listen() {
  if (!stopping_) {
    listening_ = loop_.Add(config_.listener.get(), EPOLLIN, [this](std::uint32_t) { OnConnect(); });
  }
}

void Server::OnConnect() {
  for (int accepts = 0; accepts < kAcceptsPerTurn; ++accepts) {
    UniqueFd socket(
        accept4(config_.listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) {
      return;
    }
    if (connections_.size() >= static_cast<std::size_t>(kConnectionCountMax)) {
      continue;  // closed
    }
    protocol::Hello hello;
    hello.features = (jobs_.has_cgroups() ? protocol::kFeatureExecCgroups : 0U) |
                     (config_.has_direct_forwards ? protocol::kFeatureDirectForwards : 0U);
    hello.software = "paddock-agent " PADDOCK_VERSION;
    const auto number = ++next_connection_;
    connections_[number] = std::make_unique<Connection>(
        loop_, std::move(socket), hello,
        [this](Line& line, protocol::Request request) {
          return OpenChannel(line, std::move(request));
        },
        [this, number] { connections_.erase(number); });
  }
}

std::unique_ptr<Channel> Server::OpenChannel(Line& line, protocol::Request request) {
  if (stopping_) {
    line.FinishWith(Error{.code = Code::kUnavailable, .message = "the sandbox is stopping"});
    return nullptr;
  }
  return std::visit(
      [this, &line](auto asked) -> std::unique_ptr<Channel> {
        using Asked = decltype(asked);
        if constexpr (std::is_same_v<Asked, protocol::ExecRequest>) {
          return OpenExec(services_, line, std::move(asked));
        } else if constexpr (std::is_same_v<Asked, protocol::TerminalOpenRequest>) {
          return terminals_.Open(line, std::move(asked));
        } else if constexpr (std::is_same_v<Asked, protocol::TerminalListRequest>) {
          return terminals_.List(line);
        } else if constexpr (std::is_same_v<Asked, protocol::TerminalCloseRequest>) {
          return terminals_.Close(line, asked);
        } else if constexpr (std::is_same_v<Asked, protocol::TerminalAttachRequest>) {
          return terminals_.Attach(line, asked);
        } else if constexpr (std::is_same_v<Asked, protocol::ForwardRequest>) {
          return asked.family == protocol::ForwardFamily::kProgram
                     ? OpenProgram(services_, line)
                     : OpenForward(services_, line, asked);
        } else if constexpr (std::is_same_v<Asked, protocol::StatsRequest>) {
          std::string frame;
          protocol::AppendStats(frame, line.id(), MakeStats(services_));
          line.FinishWith(std::string_view(frame));
          return nullptr;
        } else {
          return OpenWorker(services_, line, std::move(asked));
        }
      },
      std::move(request));
}

}  // namespace paddock::agent
