#include "agent/boot.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

namespace paddock::agent {

namespace {

constexpr std::chrono::seconds kBootPatience{60};
constexpr std::size_t kLogBytesMax = 256U << 10U;

}  // namespace

// One of the services' output pipes: always read, so that nobody waits for a log.
class Boot::LogPipe {
 public:
  LogPipe(Loop& loop, Boot& boot, UniqueFd fd) : boot_(boot), fd_(std::move(fd)) {
    watch_ = loop.Add(fd_.get(), EPOLLIN, [this](std::uint32_t) { OnReadable(); });
  }

  void OnReadable() {
    std::array<char, 4096> bytes{};
    const auto got = read(fd_.get(), bytes.data(), bytes.size());
    if (got > 0) {
      boot_.Log({bytes.data(), static_cast<std::size_t>(got)});
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      watch_.Reset();
      fd_.Reset();
    }
  }

 private:
  Boot& boot_;
  UniqueFd fd_;
  Watch watch_;
};

Boot::Boot(Services& services, const std::string& path, std::function<void()> on_ready)
    : path_(path), on_ready_(std::move(on_ready)), log_left_(kLogBytesMax) {
  JobSpec spec;
  spec.spawn.argv = {path};
  spec.spawn.user = FindUser(0);
  spec.spawn.env = MakeEnvironment(services, spec.spawn.user, {});
  spec.spawn.cwd = "/";
  spec.spawn.has_input = false;
  spec.leaves_processes = true;
  spec.is_service = true;
  JobHandlers handlers;
  handlers.on_started = [this](const Result<void>& started) {
    if (!started) {
      Log("boot: " + started.error().message + "\n");
      Ready();
    }
  };
  handlers.on_end = [this](const JobEnd& end) { OnEnd(end); };
  auto started = services.jobs.Start(std::move(spec), std::move(handlers));
  if (!started) {
    Log("boot: " + started.error().message + "\n");
    services.loop.Defer([this] { Ready(); });
    return;
  }
  job_ = std::move(started->handle);
  output_ = std::make_unique<LogPipe>(services.loop, *this, std::move(started->spawned.output));
  error_ = std::make_unique<LogPipe>(services.loop, *this, std::move(started->spawned.error));
  patience_ = services.loop.After(kBootPatience, [this] {
    Log("boot: " + path_ + " still runs; the sandbox is taken as ready\n");
    Ready();
  });
}

Boot::~Boot() = default;

void Boot::Terminate() { job_.Signal(SIGTERM, true); }

void Boot::OnEnd(const JobEnd& end) {
  if (end.status.signaled || end.status.value != 0) {
    Log("boot: " + path_ + (end.status.signaled ? " ended by signal " : " ended with ") +
        std::to_string(end.status.value) + "\n");
  }
  Ready();
}

void Boot::Ready() {
  patience_.Reset();
  if (on_ready_) {
    const auto ready = std::exchange(on_ready_, nullptr);
    ready();
  }
}

void Boot::Log(std::string_view text) {
  text = text.substr(0, std::min(text.size(), log_left_));
  log_left_ -= text.size();
  (void)!write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace paddock::agent
