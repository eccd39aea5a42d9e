// Forwards and stats through AgentClient in the real agent.

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "agent_test.h"
#include "sandbox/testing/descriptor_refusal.h"

namespace paddock::sandbox {
namespace {

class ForwardTest : public AgentTest {};

TEST_F(ForwardTest, BytesReachATcpServerAndComeBack) {
  UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const auto target = "tcp:" + std::to_string(ntohs(address.sin_port));
  auto forward = Wait(client_->Forward(target, Soon()));
  ASSERT_TRUE(forward) << forward.error().message;
  UniqueFd peer(accept(listener.get(), nullptr, nullptr));
  ASSERT_EQ(write(forward->get(), "question", 8), 8);
  shutdown(forward->get(), SHUT_WR);
  std::string received;
  char buffer[64];
  for (ssize_t count = 1; count > 0;) {
    (void)Wait(client_->Stats(Soon()));  // lets the loop move bytes
    count = recv(peer.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
    received.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    count = count < 0 ? 1 : count;
  }
  EXPECT_EQ(received, "question");
  ASSERT_EQ(write(peer.get(), "answer", 6), 6);
  peer.Reset();
  received.clear();
  for (ssize_t count = 1; count > 0;) {
    (void)Wait(client_->Stats(Soon()));
    count = recv(forward->get(), buffer, sizeof(buffer), MSG_DONTWAIT);
    received.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    count = count < 0 ? 1 : count;
  }
  EXPECT_EQ(received, "answer");
}

TEST_F(ForwardTest, AConnectionOfItsOwnBecomesTheForward) {
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const auto target = "tcp:" + std::to_string(ntohs(address.sin_port));
  UniqueFd stream = agent_.Connect();
  const bool is_possible = testing::RefuseDescriptors(stream.get());
  if (!is_possible) {
    GTEST_SKIP() << "needs Linux 6.16";
  }
  fcntl(stream.get(), F_SETFL, O_NONBLOCK);
  auto forward = Wait(AgentClient::ForwardDirectly(std::move(stream), target, Soon()));
  ASSERT_TRUE(forward) << forward.error().message;
  const UniqueFd peer(accept(listener.get(), nullptr, nullptr));
  ASSERT_EQ(write(peer.get(), "banner", 6), 6);
  char buffer[64];
  fcntl(forward->get(), F_SETFL, 0);
  EXPECT_EQ(recv(forward->get(), buffer, sizeof(buffer), 0), 6);
  forward->Reset();
  EXPECT_EQ(recv(peer.get(), buffer, sizeof(buffer), 0), 0);
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
