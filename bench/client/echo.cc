#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "bench/client/commands.h"
#include "bench/client/local_pty.h"
#include "bench/client/samples.h"
#include "terminals/testing/client/terminal_client.h"
#include "terminals/testing/client/websocket_stream.h"

namespace paddock::bench {
namespace {

using namespace std::chrono_literals;
using terminals::testing::TerminalClient;
using terminals::testing::WebSocketStream;

/// One who types: a key at a time, the next when its time has come and the last was shown.
class Typist {
 public:
  virtual ~Typist() = default;
  [[nodiscard]] virtual int fd() const = 0;
  virtual void Type() = 0;
  /// Takes what has come without waiting; true when the key was shown.
  virtual bool Take() = 0;
};

class LocalTypist : public Typist {
 public:
  LocalTypist() : pty_({"sh", "-c", "stty -icanon; exec cat >/dev/null"}) {}
  [[nodiscard]] int fd() const override { return pty_.fd(); }
  void Type() override { pty_.Write('x'); }
  bool Take() override {
    std::array<char, 64> buffer{};
    return pty_.Read(buffer) > 0;
  }

 private:
  LocalPty pty_;
};

class RemoteTypist : public Typist {
 public:
  RemoteTypist(const Server& server, const std::string& terminal, std::uint32_t number)
      : client_(Named(number), [this](std::string_view bytes) { shown_ += bytes.size(); }) {
    const std::string target = fmt::format("/api/v1/terminals/{}/socket", terminal);
    auto stream = WebSocketStream::Connect(server.port, target, server.authorization);
    PADDOCK_CHECK(stream.has_value());
    fd_ = (*stream)->fd();
    PADDOCK_CHECK(client_.Attach(*std::move(stream), Deadline::After(10s)).has_value());
    while (client_.Step(Deadline::After(50ms))) {
    }
  }
  [[nodiscard]] int fd() const override { return fd_; }
  void Type() override {
    shown_ = 0;
    PADDOCK_CHECK(client_.Type("x").has_value());
  }
  bool Take() override {
    for (;;) {
      const auto step = client_.Step(Deadline::At(Clock::time_point{}));
      if (!step) {
        PADDOCK_CHECK(step.error().code == Code::kDeadlineExceeded);
        return shown_ > 0;
      }
    }
  }

 private:
  /// Another name than any run before: the agent remembers what a client has typed.
  static TerminalClient::Options Named(std::uint32_t number) {
    TerminalClient::Options options;
    const std::string name = fmt::format("{:8x}{:8x}", getpid(), number);
    std::ranges::copy(name, options.name.begin());
    return options;
  }
  TerminalClient client_;
  int fd_ = -1;
  std::uint64_t shown_ = 0;
};

using Typists = std::vector<std::unique_ptr<Typist>>;

/// All type at the same speed, each at its own moment: one key of all of them every
/// interval / typists. A clean spread, because a burst of a hundred keys at one instant measures
/// how long a hundred echoes take, not how long one waits among them.
class Typing {
 public:
  Typing(Typists& typists, Clock::duration interval, Samples& samples)
      : typists_(typists), interval_(interval), samples_(samples) {
    for (const auto& typist : typists_) {
      polled_.push_back({.fd = typist->fd(), .events = POLLIN, .revents = 0});
    }
    typed_at_.assign(typists_.size(), {});
    waiting_.assign(typists_.size(), false);
  }

  void Run(int keys_each) {
    const auto step = interval_ / static_cast<int>(typists_.size());
    const auto start = Clock::now();
    const std::size_t total = typists_.size() * static_cast<std::size_t>(keys_each);
    for (std::size_t key = 0; key < total; ++key) {
      const std::size_t who = key % typists_.size();
      TakeUntil(start + step * static_cast<int>(key));
      while (waiting_[who]) {
        TakeUntil(Clock::now() + 1ms);
      }
      typed_at_[who] = Clock::now();
      waiting_[who] = true;
      typists_[who]->Type();
    }
    TakeUntil(Clock::now() + 100ms);
    PADDOCK_CHECK(shown_ == total);
  }

 private:
  void TakeUntil(Clock::time_point when) {
    for (;;) {
      const auto left = std::max(when - Clock::now(), Clock::duration::zero());
      const timespec timeout{.tv_sec = left / 1s, .tv_nsec = (left % 1s) / 1ns};
      if (ppoll(polled_.data(), polled_.size(), &timeout, nullptr) <= 0) {
        return;
      }
      for (std::size_t who = 0; who < polled_.size(); ++who) {
        if (polled_[who].revents != 0) {
          Take(who);
        }
      }
    }
  }

  void Take(std::size_t who) {
    const auto now = Clock::now();
    if (typists_[who]->Take() && waiting_[who]) {
      waiting_[who] = false;
      ++shown_;
      samples_.Add(now - typed_at_[who]);
    }
  }

  Typists& typists_;
  Clock::duration interval_;
  Samples& samples_;
  std::vector<pollfd> polled_;
  std::vector<Clock::time_point> typed_at_;
  std::vector<bool> waiting_;
  std::size_t shown_ = 0;
};

}  // namespace

void MeasureEcho(std::span<const std::string> arguments) {
  PADDOCK_CHECK(arguments.size() >= 5);
  constexpr int kTurns = 4;  // theirs and ours take turns
  const auto server = Server::At(arguments[0], arguments[1]);
  const int keys = std::stoi(arguments[2]) / kTurns;
  const std::chrono::microseconds interval(std::stoi(arguments[3]));
  Typists remote;
  Typists local;
  for (const std::string& terminal : arguments.subspan(4)) {
    remote.push_back(std::make_unique<RemoteTypist>(server, terminal, remote.size() + 1));
    local.push_back(std::make_unique<LocalTypist>());
  }
  std::this_thread::sleep_for(300ms);  // for stty to have run
  Samples through;
  Samples floor;
  for (int turn = 0; turn < kTurns; ++turn) {
    Typing(local, interval, floor).Run(keys);
    Typing(remote, interval, through).Run(keys);
  }
  fmt::print("{{{},{}}}\n", through.Json("ms"), floor.Json("floor_ms"));
}

}  // namespace paddock::bench
