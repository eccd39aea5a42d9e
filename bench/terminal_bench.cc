// terminal_bench: keystroke echo and bulk output of terminals, beside a local PTY in the same run.
//
//     terminal_bench AGENT    straight to an agent's socket, which it starts itself
//
// Prints one JSON object a line. Run it on a quiet machine: figures beside the floor mean
// something, figures alone do not.
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "agent/terminal/mode_tracker.h"
#include "base/check.h"
#include "base/deadline.h"
#include "model/ids.h"
#include "terminal/agent_process.h"
#include "terminals/testing/client/agent_stream.h"
#include "terminals/testing/client/terminal_client.h"

namespace paddock {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using terminals::testing::AgentStream;
using terminals::testing::TerminalClient;

constexpr int kEchoCount = 2'000;
constexpr std::uint64_t kBulkBytes = std::uint64_t{200} << 20U;
/// 80 columns of text; the terminal makes two bytes of each newline.
const std::vector<std::string> kBulkProgram{"sh", "-c",
                                            "yes 'The quick brown fox jumps over the lazy dog, and "
                                            "the dog does not mind at all.' | head -c "
                                            "209715200"};
const std::vector<std::string> kEchoProgram{"sh", "-c", "stty -icanon; exec cat >/dev/null"};

double Microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

void PrintEcho(std::string_view name, std::vector<double> samples) {
  std::ranges::sort(samples);
  const auto at = [&](double share) {
    return samples[static_cast<std::size_t>(share * static_cast<double>(samples.size() - 1))];
  };
  fmt::print(
      "{{\"bench\":\"terminal_echo\",\"what\":\"{}\",\"count\":{},\"p50_us\":{:.1f},"
      "\"p99_us\":{:.1f}}}\n",
      name, samples.size(), at(0.5), at(0.99));
}

void PrintBulk(std::string_view name, std::uint64_t bytes, Clock::duration time, double cpu_s) {
  const double megabytes = static_cast<double>(bytes) / 1e6;
  fmt::print(
      "{{\"bench\":\"terminal_bulk\",\"what\":\"{}\",\"bytes\":{},\"mb_per_s\":{:.1f},"
      "\"cpu_ms_per_mb\":{:.2f}}}\n",
      name, bytes, megabytes / (Microseconds(time) / 1e6), cpu_s * 1e3 / megabytes);
}

/// CPU seconds that `pid` itself has used, without its children.
double CpuSeconds(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/schedstat", pid));
  double nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds / 1e9;
}

/// A program on a PTY of our own.
class LocalPty {
 public:
  explicit LocalPty(const std::vector<std::string>& argv) {
    pid_ = forkpty(&fd_, nullptr, nullptr, nullptr);
    if (pid_ == 0) {
      std::vector<char*> arguments;
      arguments.reserve(argv.size() + 1);
      for (const std::string& argument : argv) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
      }
      arguments.push_back(nullptr);
      execvp(arguments[0], arguments.data());
      _exit(127);
    }
  }
  LocalPty(const LocalPty&) = delete;
  LocalPty& operator=(const LocalPty&) = delete;
  ~LocalPty() {
    close(fd_);
    (void)kill(pid_, SIGKILL);
    (void)waitpid(pid_, nullptr, 0);
  }
  /// Bytes read; zero at the end.
  std::size_t Read(char* bytes, std::size_t size) const {
    const auto got = read(fd_, bytes, size);
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  void Write(char byte) const { PADDOCK_CHECK(write(fd_, &byte, 1) == 1); }

 private:
  int fd_ = -1;
  pid_t pid_ = -1;
};

void LocalEcho() {
  const LocalPty pty(kEchoProgram);
  std::this_thread::sleep_for(200ms);
  std::vector<double> samples;
  char buffer[64];
  for (int count = 0; count < kEchoCount; ++count) {
    const auto start = Clock::now();
    pty.Write('x');
    PADDOCK_CHECK(pty.Read(buffer, sizeof(buffer)) == 1);
    samples.push_back(Microseconds(Clock::now() - start));
    std::this_thread::sleep_for(200us);
  }
  PrintEcho("local pty", std::move(samples));
}

void LocalBulk() {
  const LocalPty pty(kBulkProgram);
  std::vector<char> buffer(65'536);
  const double cpu = CpuSeconds(getpid());
  const auto start = Clock::now();
  std::uint64_t bytes = 0;
  while (const std::size_t got = pty.Read(buffer.data(), buffer.size())) {
    bytes += got;
  }
  PADDOCK_CHECK(bytes > kBulkBytes);
  PrintBulk("local pty", bytes, Clock::now() - start, CpuSeconds(getpid()) - cpu);
}

void Attach(TerminalClient& client, const AgentProcess& agent, std::vector<std::string> argv) {
  const auto id = NewId<TerminalId>();
  PADDOCK_CHECK(terminals::testing::OpenTerminal(agent.path(), id, std::move(argv)).has_value());
  auto stream = AgentStream::Connect(agent.path(), id);
  PADDOCK_CHECK(stream.has_value());
  PADDOCK_CHECK(client.Attach(*std::move(stream), Deadline::After(10s)).has_value());
}

void AgentEcho(const AgentProcess& agent) {
  std::uint64_t shown = 0;
  TerminalClient client({}, [&shown](std::string_view bytes) { shown += bytes.size(); });
  Attach(client, agent, kEchoProgram);
  std::this_thread::sleep_for(200ms);
  std::vector<double> samples;
  for (int count = 0; count < kEchoCount; ++count) {
    const std::uint64_t before = shown;
    const auto start = Clock::now();
    PADDOCK_CHECK(client.Type("x").has_value());
    while (shown == before) {
      PADDOCK_CHECK(client.Step(Deadline::After(10s)).has_value());
    }
    samples.push_back(Microseconds(Clock::now() - start));
    // What else belongs to this key must not be measured with the next.
    while (client.taken() < static_cast<std::uint64_t>(count) + 1) {
      PADDOCK_CHECK(client.Step(Deadline::After(10s)).has_value());
    }
    std::this_thread::sleep_for(200us);
  }
  PrintEcho("agent", std::move(samples));
}

void AgentBulk(const AgentProcess& agent) {
  std::uint64_t bytes = 0;
  TerminalClient client({}, [&bytes](std::string_view piece) { bytes += piece.size(); });
  const double cpu = CpuSeconds(agent.pid());
  const auto start = Clock::now();
  Attach(client, agent, kBulkProgram);
  while (!client.exit()) {
    PADDOCK_CHECK(client.Step(Deadline::After(10s)).has_value());
  }
  PADDOCK_CHECK(bytes > kBulkBytes && client.reset_count() == 0);
  PrintBulk("agent", bytes, Clock::now() - start, CpuSeconds(agent.pid()) - cpu);
}

/// CPU time, because this needs no other process and no floor.
void Tracker(std::string_view name, const std::string& bytes) {
  agent::terminal::ModeTracker tracker;
  constexpr std::size_t kPiece = 4096;
  constexpr double kSeconds = 0.3;
  const double start = CpuSeconds(getpid());
  double spent = 0;
  std::uint64_t total = 0;
  while (spent < kSeconds) {
    for (int round = 0; round < 20; ++round) {
      for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
        tracker.Feed(std::string_view(bytes).substr(at, kPiece));
      }
      total += bytes.size();
    }
    spent = CpuSeconds(getpid()) - start;
  }
  fmt::print("{{\"bench\":\"terminal_tracker\",\"what\":\"{}\",\"mb_per_cpu_s\":{:.0f}}}\n", name,
             static_cast<double>(total) / 1e6 / spent);
}

void Trackers() {
  std::string text;
  std::string colours;
  for (int line = 0; line < 10'000; ++line) {
    text += fmt::format("{:6} The quick brown fox jumps over the lazy dog.\r\n", line);
    colours += fmt::format("\x1b[{};{}H\x1b[38;5;{}mab\x1b[0m", line % 24, line % 80, line % 256);
  }
  Tracker("plain text", text);
  Tracker("escape sequences", colours);
}

}  // namespace
}  // namespace paddock

int main(int argc, char** argv) {
  if (argc != 2) {
    (void)std::fprintf(stderr, "usage: terminal_bench AGENT\n");
    return 64;
  }
  paddock::Trackers();
  paddock::LocalEcho();
  const paddock::AgentProcess agent(argv[1]);
  paddock::AgentEcho(agent);
  paddock::LocalBulk();
  paddock::AgentBulk(agent);
  return 0;
}
