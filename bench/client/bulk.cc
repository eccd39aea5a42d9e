#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
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

/// What bench/run starts in the terminal too: lines of text, once a line was typed.
constexpr std::string_view kBulkProgram =
    "stty -echo; read go; yes 'The quick brown fox jumps over the lazy dog, and the dog does not "
    "mind at all.' | head -c ";
/// Before this much has come, buffers may still grow.
constexpr std::uint64_t kWarmBytes = std::uint64_t{20} << 20U;

double Seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

/// Of all threads that are alive.
double CpuSeconds(const std::string& pid) {
  double total = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + pid + "/task")) {
    std::ifstream file(task.path() / "schedstat");
    double nanoseconds = 0;
    file >> nanoseconds;
    total += nanoseconds / 1e9;
  }
  return total;
}

double ResidentKib(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/statm");
  double size = 0;
  double resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

/// MB/s of a local PTY.
double LocalRate(std::uint64_t bytes) {
  const LocalPty pty({"sh", "-c", fmt::format("{}{}", kBulkProgram, bytes)});
  std::vector<char> buffer(65'536);
  pty.Write('\n');
  std::uint64_t total = pty.Read(buffer);
  const auto start = Clock::now();
  while (const std::size_t got = pty.Read(buffer)) {
    total += got;
  }
  PADDOCK_CHECK(total >= bytes);
  return static_cast<double>(total) / 1e6 / Seconds(Clock::now() - start);
}

struct Through {
  double megabytes_per_second = 0;
  double cpu_ms_per_megabyte = 0;
  double growth_kib = 0;
};

class Watched {
 public:
  explicit Watched(std::span<const std::string> pids) : pids_(pids) {}
  [[nodiscard]] double Cpu() const { return Sum(CpuSeconds); }
  [[nodiscard]] double Resident() const { return Sum(ResidentKib); }

 private:
  [[nodiscard]] double Sum(double (*of)(const std::string&)) const {
    double sum = 0;
    for (const std::string& pid : pids_) {
      sum += of(pid);
    }
    return sum;
  }
  std::span<const std::string> pids_;
};

Through Remote(const Server& server, const std::string& terminal, const Watched& watched) {
  std::uint64_t bytes = 0;
  TerminalClient client({}, [&bytes](std::string_view piece) { bytes += piece.size(); });
  auto stream = WebSocketStream::Connect(
      server.port, fmt::format("/api/v1/terminals/{}/socket", terminal), server.authorization);
  PADDOCK_CHECK(stream.has_value());
  PADDOCK_CHECK(client.Attach(*std::move(stream), Deadline::After(10s)).has_value());
  std::this_thread::sleep_for(200ms);  // for stty to have run
  const double cpu = watched.Cpu();
  const auto start = Clock::now();
  PADDOCK_CHECK(client.Type("\n").has_value());
  double warm_kib = 0;
  double most_kib = 0;
  std::uint64_t look_at = kWarmBytes;
  while (!client.exit()) {
    PADDOCK_CHECK(client.Step(Deadline::After(10s)).has_value());
    if (bytes >= look_at) {
      look_at += kWarmBytes;
      most_kib = std::max(most_kib, watched.Resident());
      warm_kib = warm_kib == 0 ? most_kib : warm_kib;
    }
  }
  const auto time = Clock::now() - start;
  PADDOCK_CHECK(client.reset_count() == 0 && bytes > 2 * kWarmBytes);
  const double megabytes = static_cast<double>(bytes) / 1e6;
  return {.megabytes_per_second = megabytes / Seconds(time),
          .cpu_ms_per_megabyte = (watched.Cpu() - cpu) * 1e3 / megabytes,
          .growth_kib = most_kib - warm_kib};
}

}  // namespace

void MeasureBulk(std::span<const std::string> arguments) {
  PADDOCK_CHECK(arguments.size() == 5);
  constexpr std::uint64_t kFloorBytes = std::uint64_t{100} << 20U;
  const auto server = Server::At(arguments[0], arguments[1]);
  const double before = LocalRate(kFloorBytes);
  const auto through = Remote(server, arguments[2], Watched(arguments.subspan(3)));
  const double after = LocalRate(kFloorBytes);
  fmt::print(
      R"({{"mb_per_s":{:.2f},"floor_mb_per_s":{:.2f},"cpu_ms_per_mb":{:.3f},"growth_kib":{:.0f}}})"
      "\n",
      through.megabytes_per_second, (before + after) / 2, through.cpu_ms_per_megabyte,
      through.growth_kib);
}

}  // namespace paddock::bench
