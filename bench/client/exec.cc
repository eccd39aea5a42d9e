#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/argument_vector.h"
#include "base/check.h"
#include "base/unique_fd.h"
#include "bench/client/commands.h"
#include "bench/client/samples.h"
#include "terminals/testing/client/sockets.h"

namespace paddock::bench {
namespace {

using namespace std::chrono_literals;
using terminals::testing::ConnectLoopback;
using terminals::testing::ReceiveSome;
using terminals::testing::SendAll;

/// A keep-alive connection that sends the same request again and again.
class Repeated {
 public:
  Repeated(const Server& server, std::string_view path, std::string_view body)
      : fd_(*ConnectLoopback(server.port)),
        request_(fmt::format("POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}"
                             "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                             path,
                             server.authorization,
                             body.size(),
                             body)) {}

  /// Sends it and waits for the whole answer, which must hold `wanted`.
  void Once(std::string_view wanted) {
    PADDOCK_CHECK(SendAll(fd_.get(), request_).has_value());
    std::size_t filled = 0;
    while (!Whole({answer_.data(), filled})) {
      const auto space = std::span(answer_).subspan(filled);
      const auto got = ReceiveSome(fd_.get(), space, Deadline::After(30s));
      PADDOCK_CHECK(got.has_value());
      filled += *got;
    }
    if (std::string_view(answer_.data(), filled).find(wanted) == std::string_view::npos) {
      fmt::print(stderr, "{}\n", std::string_view(answer_.data(), filled));
      PADDOCK_CHECK(false);
    }
  }

 private:
  static bool Whole(std::string_view answer) {
    constexpr std::string_view kLength = "Content-Length: ";
    const auto end = answer.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      return false;
    }
    const auto at = answer.find(kLength);
    PADDOCK_CHECK(at < end);
    std::size_t length = 0;
    (void)std::from_chars(answer.data() + at + kLength.size(), answer.data() + end, length);
    return answer.size() >= end + 4 + length;
  }

  UniqueFd fd_;
  std::string request_;
  std::array<char, 16'384> answer_{};
};

/// Starts it in `root`, reads what it prints and waits for its end: what an exec does.
void OnHost(const char* root, std::span<const std::string> argv) {
  std::array<int, 2> pipe{};
  PADDOCK_CHECK(pipe2(pipe.data(), O_CLOEXEC) == 0);
  const UniqueFd output(pipe[0]);
  UniqueFd input(pipe[1]);
  const auto arguments = PointersTo(argv);
  const pid_t pid = fork();
  PADDOCK_CHECK(pid >= 0);
  if (pid == 0) {
    if (chroot(root) == 0 && chdir("/") == 0 && dup2(input.get(), STDOUT_FILENO) >= 0) {
      execvp(arguments[0], arguments.data());
    }
    _exit(127);
  }
  input.Reset();
  std::array<char, 4096> buffer{};
  while (read(output.get(), buffer.data(), buffer.size()) > 0) {
  }
  int status = 0;
  PADDOCK_CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

}  // namespace

void MeasureExec(std::span<const std::string> arguments) {
  PADDOCK_CHECK(arguments.size() >= 6);
  const auto server = Server::At(arguments[0], arguments[1]);
  const int count = std::stoi(arguments[4]);
  const auto argv = arguments.subspan(5);
  std::string json;
  for (const std::string& argument : argv) {
    json += fmt::format(R"({}"{}")", json.empty() ? "" : ",", argument);
  }
  Repeated request(server, fmt::format("/api/v1/sandboxes/{}/exec", arguments[2]),
                   fmt::format(R"({{"argv":[{}]}})", json));
  Samples through;
  Samples floor;
  const int warm = count / 10;
  for (int turn = 0; turn < count + warm; ++turn) {
    const auto start = Clock::now();
    request.Once(R"("exit_code":0)");
    const auto middle = Clock::now();
    OnHost(arguments[3].c_str(), argv);
    const auto end = Clock::now();
    if (turn >= warm) {
      through.Add(middle - start);
      floor.Add(end - middle);
    }
  }
  fmt::print("{{{},{}}}\n", through.Json("ms"), floor.Json("floor_ms"));
}

}  // namespace paddock::bench
