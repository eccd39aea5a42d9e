// Forwards and stats through AgentClient in the real agent.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "agent/testing/loopback_server.h"
#include "agent_test.h"
#include "sandbox/testing/descriptor_refusal.h"

namespace paddock::sandbox {
namespace {

class ForwardTest : public AgentTest {
 protected:
  [[nodiscard]] std::string target() const { return "tcp:" + std::to_string(server_.port()); }

  /// What comes until the other side has ended.
  std::string ReadToEnd(int socket) {
    std::string received;
    std::array<char, 64> bytes{};
    for (ssize_t count = 1; count != 0;) {
      (void)Wait(client_->Stats(Soon()));  // lets the loop move bytes
      count = recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
      received.append(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return received;
  }

  const agent::testing::LoopbackServer server_;
};

TEST_F(ForwardTest, BytesReachATcpServerAndComeBack) {
  auto forward = Wait(client_->Forward(target(), Soon()));
  ASSERT_TRUE(forward) << forward.error().message;
  UniqueFd peer = server_.Accept();
  ASSERT_EQ(write(forward->get(), "question", 8), 8);
  shutdown(forward->get(), SHUT_WR);
  EXPECT_EQ(ReadToEnd(peer.get()), "question");
  ASSERT_EQ(write(peer.get(), "answer", 6), 6);
  peer.Reset();
  EXPECT_EQ(ReadToEnd(forward->get()), "answer");
}

TEST_F(ForwardTest, AConnectionOfItsOwnBecomesTheForward) {
  UniqueFd stream = agent_.Connect();
  const bool is_possible = testing::RefuseDescriptors(stream.get());
  if (!is_possible) {
    GTEST_SKIP() << "needs Linux 6.16";
  }
  fcntl(stream.get(), F_SETFL, O_NONBLOCK);
  auto forward = Wait(AgentClient::ForwardDirectly(std::move(stream), target(), Soon()));
  ASSERT_TRUE(forward) << forward.error().message;
  const UniqueFd peer = server_.Accept();
  ASSERT_EQ(write(peer.get(), "banner", 6), 6);
  std::array<char, 64> bytes{};
  fcntl(forward->get(), F_SETFL, 0);
  EXPECT_EQ(recv(forward->get(), bytes.data(), bytes.size(), 0), 6);
  forward->Reset();
  EXPECT_EQ(recv(peer.get(), bytes.data(), bytes.size(), 0), 0);
}

TEST_F(ForwardTest, OnlyAStreamThatRefusesDescriptorsIsSaidToForwardDirectly) {
  EXPECT_FALSE(client_->forwards_directly());
  UniqueFd stream = agent_.Connect();
  const bool is_possible = testing::RefuseDescriptors(stream.get());
  auto client = Wait(AgentClient::Open(loop_.get_executor(), std::move(stream), Soon()));
  ASSERT_TRUE(client);
  EXPECT_EQ((*client)->forwards_directly(), is_possible);
}

TEST_F(ForwardTest, APortThatNobodyListensOnIsUnavailable) {
  const auto refused = Wait(client_->Forward("tcp:1", Soon()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable) << refused.error().message;
  const auto missing = Wait(client_->Forward("unix:" + Path("none.sock"), Soon()));
  ASSERT_FALSE(missing);
  EXPECT_TRUE(client_->is_open());
}

TEST_F(ForwardTest, StatsKnowOfProcessesAndDisk) {
  const auto stats = Wait(client_->Stats(Soon()));
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_GT(stats->disk_total.count, 0U);
  EXPECT_LE(stats->disk_used, stats->disk_total);
}

}  // namespace
}  // namespace paddock::sandbox
