#include "agent/sockets.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "agent/pipe.h"
#include "agent/testing/test_agent.h"

namespace paddock::agent {
namespace {

constexpr std::size_t kBulk = 10'000'000;
constexpr unsigned kPatienceSeconds = 30;

// Ends early when the other side is gone.
void Fill(int fd, char byte) {
  const std::string bytes(50'000, byte);
  for (std::size_t sent = 0; sent < kBulk;) {
    const auto count = write(fd, bytes.data(), std::min(bytes.size(), kBulk - sent));
    if (count <= 0) {
      return;
    }
    sent += static_cast<std::size_t>(count);
  }
}

std::size_t CountToEnd(int fd, char byte) {
  std::string bytes(50'000, '\0');
  std::size_t total = 0;
  for (ssize_t got = 0; (got = read(fd, bytes.data(), bytes.size())) > 0;) {
    total += static_cast<std::size_t>(
        std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(got), byte));
  }
  return total;
}

// `paddock-agent connect` between a client of the test's own and an agent of its own that, like the
// real one, reads nothing while its answers wait.
class RelayTest : public ::testing::Test {
 protected:
  RelayTest() { (void)std::signal(SIGPIPE, SIG_IGN); }

  void Start(const UniqueFd& input, const UniqueFd& output) {
    pid_ = fork();
    if (pid_ == 0) {
      (void)alarm(kPatienceSeconds);
      (void)dup2(input.get(), STDIN_FILENO);
      (void)dup2(output.get(), STDOUT_FILENO);
      (void)close_range(3, ~0U, 0);
      _exit(RelayStandardStreams(path_) ? 0 : 1);
    }
    agent_.Reset(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!agent_) {  // the listener does not block
      pollfd ready{.fd = listener_.get(), .events = POLLIN, .revents = 0};
      (void)poll(&ready, 1, static_cast<int>(kPatienceSeconds) * 1000);
      agent_.Reset(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    ASSERT_TRUE(agent_);
  }

  // Both send all of it at once; the client closes `to_relay` behind it by `finish`.
  template <class Finish>
  void ExpectAllBothWays(int to_relay, int from_relay, Finish finish) {
    std::size_t asked = 0;
    std::thread agent([this, &asked] {
      Fill(agent_.get(), 'a');
      asked = CountToEnd(agent_.get(), 'q');
      agent_.Reset();
    });
    std::thread client([to_relay, finish] {
      Fill(to_relay, 'q');
      finish();
    });
    EXPECT_EQ(CountToEnd(from_relay, 'a'), kBulk);
    client.join();
    agent.join();
    EXPECT_EQ(asked, kBulk);
    int status = -1;
    (void)waitpid(pid_, &status, 0);
    EXPECT_EQ(status, 0);
  }

  testing::TemporaryDirectory directory_;
  std::string path_ = directory_ / "agent.sock";
  UniqueFd listener_ = ListenAt(path_).value();
  UniqueFd agent_;
  pid_t pid_ = -1;
};

TEST_F(RelayTest, MegabytesPassBothWaysAtOnceThroughTwoPipes) {
  Pipe input;
  Pipe output;
  ASSERT_TRUE(Open(input) && Open(output));
  Start(input.read_end, output.write_end);
  input.read_end.Reset();
  output.write_end.Reset();
  ExpectAllBothWays(input.write_end.get(), output.read_end.get(),
                    [&input] { input.write_end.Reset(); });
}

TEST_F(RelayTest, MegabytesPassBothWaysAtOnceThroughOneSocket) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const UniqueFd mine(ends[0]);
  UniqueFd its(ends[1]);
  Start(its, its);
  its.Reset();
  ExpectAllBothWays(mine.get(), mine.get(), [&mine] { (void)shutdown(mine.get(), SHUT_WR); });
}

TEST_F(RelayTest, TheRelayEndsWithTheAgent) {
  Pipe input;
  Pipe output;
  ASSERT_TRUE(Open(input) && Open(output));
  Start(input.read_end, output.write_end);
  agent_.Reset();
  int status = -1;
  EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace paddock::agent
