// agent_bench: the agent and the server's client of it, each figure beside its floor.
//
// Prints one JSON line per figure. The agent runs as a plain process, so neither the sandbox nor
// the gateway is in these numbers.

#include <pty.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/check.h"
#include "protocol/terminal_messages.h"
#include "real_agent.h"
#include "sandbox/agent_client.h"

namespace paddock::sandbox {
namespace {

namespace terminal = protocol::terminal;
using Clock = std::chrono::steady_clock;
using Micros = std::chrono::duration<double, std::micro>;

constexpr int kExecs = 300;
constexpr int kPythonExecs = 60;
constexpr std::uint64_t kBulkBytes = 64U << 20U;

void Print(std::string_view figure,
           double value,
           std::string_view unit,
           double floor,
           std::string_view aim) {
  fmt::print(R"({{"figure":"{}","value":{:.3f},"unit":"{}","floor":{:.3f},"aim":"{}","date":"{}"}})"
             "\n",
             figure, value, unit, floor, aim,
             fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr))));
}

struct Spread {
  double p50 = 0;
  double p99 = 0;
};

Spread Measure(int count, const std::function<void()>& once) {
  std::vector<double> times;
  for (int i = 0; i < count + count / 10; ++i) {
    const auto begin = Clock::now();
    once();
    if (i >= count / 10) {  // the first tenth warms up
      times.push_back(Micros(Clock::now() - begin).count());
    }
  }
  std::ranges::sort(times);
  return {.p50 = times[times.size() / 2], .p99 = times[times.size() * 99 / 100]};
}

void SpawnOnHost(std::vector<const char*> argv) {
  argv.push_back(nullptr);
  pid_t pid = 0;
  PADDOCK_CHECK(posix_spawnp(&pid, argv[0], nullptr, nullptr, const_cast<char* const*>(argv.data()),
                             environ) == 0);
  int status = 0;
  PADDOCK_CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// User and system time of another process, which the kernel counts in ticks.
double CpuSecondsOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  unsigned long user = 0;
  unsigned long system = 0;
  const auto rest = line.substr(line.rfind(')') + 1);
  PADDOCK_CHECK(std::sscanf(rest.c_str(), " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                            &user, &system) == 2);
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

class Bench {
 public:
  Bench() {
    auto client = WaitFor(loop_, AgentClient::Open(loop_.get_executor(), agent_.Connect(), Soon()));
    PADDOCK_CHECK(client.has_value());
    client_ = *std::move(client);
  }

  void Execs() {
    const auto cpu = CpuSeconds();
    const auto through = Measure(kExecs, [this] { Exec({"true"}); });
    const int all = kExecs + (kExecs / 10);  // Measure warms up with a tenth
    const auto client_us = (CpuSeconds() - cpu) * 1e6 / all;
    const auto floor = Measure(kExecs, [] { SpawnOnHost({"true"}); });
    Print("agent_exec_true_p50", through.p50, "us", floor.p50, "floor + 1000");
    Print("agent_exec_true_p99", through.p99, "us", floor.p99, "floor + 4000");
    Print("agent_exec_true_client_cpu", client_us, "us", 0, "a few microseconds");
    const auto python =
        Measure(kPythonExecs, [this] { Exec({"/usr/bin/python3", "-c", "print(1)"}); });
    const auto python_floor = Measure(kPythonExecs, [] {
      SpawnOnHost({"sh", "-c", "exec /usr/bin/python3 -c 'print(1)' >/dev/null"});
    });
    Print("agent_exec_python_p50", python.p50, "us", python_floor.p50, "floor + 1000");
    Print("agent_exec_python_p99", python.p99, "us", python_floor.p99, "floor + 4000");
  }

  void Bulk() {
    const auto path = MakeText();
    const auto floor = LocalPtyRate(path);
    TerminalSpec spec{.id = NewId<TerminalId>(),
                      .argv = {"sh", "-c", "stty raw; read go; cat " + path},
                      .env = {},
                      .cwd = ""};
    const auto id = spec.id;
    PADDOCK_CHECK(WaitFor(loop_, client_->OpenTerminal(std::move(spec), Soon())).has_value());
    auto channel = WaitFor(loop_, client_->AttachTerminal(id, Soon()));
    PADDOCK_CHECK(channel.has_value());
    const auto agent_cpu = CpuSecondsOf(agent_.pid());
    const auto cpu = CpuSeconds();
    const auto begin = Clock::now();
    PADDOCK_CHECK(WaitFor(loop_, Drain(**channel)) >= kBulkBytes);
    const auto seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    constexpr double kMegabytes = static_cast<double>(kBulkBytes) / 1e6;
    Print("terminal_bulk", kMegabytes / seconds, "MB/s", floor, "0.8 * floor");
    Print("terminal_bulk_client_cpu", (CpuSeconds() - cpu) * 1e3 / kMegabytes, "ms/MB", 0, "1");
    Print("terminal_bulk_agent_cpu", (CpuSecondsOf(agent_.pid()) - agent_cpu) * 1e3 / kMegabytes,
          "ms/MB", 0, "7 with the server");
    PADDOCK_CHECK(WaitFor(loop_, client_->CloseTerminal(id, Soon())).has_value());
  }

  void Echo() {
    TerminalSpec spec{.id = NewId<TerminalId>(),
                      .argv = {"sh", "-c", "stty raw -echo; cat"},
                      .env = {},
                      .cwd = ""};
    const auto id = spec.id;
    PADDOCK_CHECK(WaitFor(loop_, client_->OpenTerminal(std::move(spec), Soon())).has_value());
    auto channel = WaitFor(loop_, client_->AttachTerminal(id, Soon()));
    PADDOCK_CHECK(channel.has_value());
    SendNow(**channel, terminal::Attach{.limit = 1U << 30U});
    usleep(100'000);  // for stty and cat to start
    std::uint64_t sequence = 0;
    const auto echo = Measure(500, [&] {
      SendNow(**channel, terminal::Input{.sequence = sequence++, .bytes = "k"});
      WaitFor(loop_, UntilOutput(**channel));
    });
    const auto floor = LocalEcho();
    Print("terminal_echo_p50", echo.p50, "us", floor.p50, "floor + 200 with the server");
    Print("terminal_echo_p99", echo.p99, "us", floor.p99, "");
  }

 private:
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(60)); }

  void Exec(std::vector<std::string> argv) {
    ExecSpec spec;
    spec.argv = std::move(argv);
    const auto result = WaitFor(loop_, client_->Exec(std::move(spec), Soon()));
    PADDOCK_CHECK(result.has_value() && result->exit_code == 0);
  }

  template <class Message>
  void SendNow(TerminalChannel& channel, const Message& message) {
    std::string bytes;
    terminal::Append(bytes, message);
    PADDOCK_CHECK(WaitFor(loop_, channel.Send(std::move(bytes))).has_value());
  }

  // `channel` outlives the call: the caller waits for its end.
  static aio::Task<bool> UntilOutput(TerminalChannel& channel) {
    for (;;) {
      const auto message = co_await channel.Receive();
      PADDOCK_CHECK(message.has_value());
      if (static_cast<unsigned char>(message->front()) == 0x82) {
        co_return true;
      }
    }
  }

  // Attaches with the server's credit of 512 KiB and takes all output. `channel` outlives the call.
  static aio::Task<std::uint64_t> Drain(TerminalChannel& channel) {
    std::string message;
    terminal::Append(message, terminal::Attach{.limit = protocol::kViewerAheadBytesMax});
    auto sent = co_await channel.Send(std::move(message));
    message.clear();
    terminal::Append(message, terminal::Input{.sequence = 0, .bytes = "\n"});
    sent = co_await channel.Send(std::move(message));
    std::uint64_t end = 0;
    std::uint64_t granted = 0;
    for (;;) {
      const auto received = co_await channel.Receive();
      if (!received) {
        co_return end;
      }
      const auto parsed = terminal::ParseFromTerminal(*received);
      const auto* output = std::get_if<terminal::Output>(&*parsed);
      if (output == nullptr) {
        continue;
      }
      end = output->offset + output->bytes.size();
      if (end - granted >= protocol::kViewerAheadBytesMax / 4) {
        granted = end;
        message.clear();
        const terminal::Credit credit{.limit = end + protocol::kViewerAheadBytesMax};
        terminal::Append(message, credit);
        sent = co_await channel.Send(std::move(message));
      }
    }
  }

  [[nodiscard]] std::string MakeText() const {
    const auto path = agent_.directory() + "/text";
    std::ofstream file(path);
    std::uint64_t size = 0;
    for (int i = 0; size < kBulkBytes; ++i) {
      const auto line = fmt::format("{:>8} the quick brown fox jumps over the lazy dog\n", i);
      file << line;
      size += line.size();
    }
    return path;
  }

  static int RawPty(const std::vector<const char*>& argv, pid_t& pid) {
    int master = -1;
    pid = forkpty(&master, nullptr, nullptr, nullptr);
    PADDOCK_CHECK(pid >= 0);
    if (pid == 0) {
      execvp(argv[0], const_cast<char* const*>(argv.data()));
      _exit(127);
    }
    return master;
  }

  static double LocalPtyRate(const std::string& path) {
    const auto command = "stty raw; cat " + path;
    pid_t pid = 0;
    const UniqueFd master(RawPty({"sh", "-c", command.c_str(), nullptr}, pid));
    std::vector<char> buffer(65'536);
    const auto begin = Clock::now();
    std::uint64_t total = 0;
    for (ssize_t count = 1; count > 0;) {
      count = read(master.get(), buffer.data(), buffer.size());
      total += static_cast<std::uint64_t>(std::max<ssize_t>(count, 0));
    }
    const auto seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    waitpid(pid, nullptr, 0);
    PADDOCK_CHECK(total >= kBulkBytes);
    return static_cast<double>(total) / 1e6 / seconds;
  }

  static Spread LocalEcho() {
    pid_t pid = 0;
    const UniqueFd master(RawPty({"sh", "-c", "stty raw -echo; cat", nullptr}, pid));
    usleep(100'000);
    const auto spread = Measure(500, [&] {
      char byte = 'k';
      PADDOCK_CHECK(write(master.get(), &byte, 1) == 1 && read(master.get(), &byte, 1) == 1);
    });
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return spread;
  }

  RealAgent agent_;
  boost::asio::io_context loop_;
  std::shared_ptr<AgentClient> client_;
};

}  // namespace
}  // namespace paddock::sandbox

int main() {
  paddock::sandbox::Bench bench;
  bench.Execs();
  bench.Echo();
  bench.Bulk();
  return 0;
}
