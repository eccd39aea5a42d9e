// Forwards that their connection becomes, in a real agent.

#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "agent/testing/loopback_server.h"
#include "agent/testing/test_agent.h"

namespace paddock::agent {
namespace {

using protocol::FrameType;

/// Reads until the other side has ended.
std::string ReadToEnd(int socket) {
  std::string all;
  std::array<char, 4096> bytes{};
  for (ssize_t got = 0; (got = recv(socket, bytes.data(), bytes.size(), 0)) > 0;) {
    all.append(bytes.data(), static_cast<std::size_t>(got));
  }
  return all;
}

bool WriteAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

class DirectForwardTest : public ::testing::Test {
 protected:
  DirectForwardTest() {
    request_.port = listening_.port();
    request_.is_direct = true;
  }

  /// The client's end and the server's.
  std::pair<UniqueFd, UniqueFd> Forward() {
    auto client = agent_.Connect();
    const auto channel = client.Open(request_);
    const auto ready = client.Next();
    EXPECT_TRUE(ready && ready->type == FrameType::kReady && ready->channel == channel);
    UniqueFd accepted = listening_.Accept();
    return {client.TakeSocket(), std::move(accepted)};
  }

  const testing::TestAgent agent_;
  testing::LoopbackServer listening_;
  protocol::ForwardRequest request_;
};

TEST_F(DirectForwardTest, TheConnectionIsTheStreamAndEachWayEndsByItself) {
  auto [client, server] = Forward();
  ASSERT_TRUE(WriteAll(client.get(), "question"));
  ASSERT_EQ(shutdown(client.get(), SHUT_WR), 0);
  EXPECT_EQ(ReadToEnd(server.get()), "question");
  ASSERT_TRUE(WriteAll(server.get(), "answer"));
  server.Reset();
  EXPECT_EQ(ReadToEnd(client.get()), "answer");
}

TEST_F(DirectForwardTest, MuchGoesBothWaysAtOnceWhoeverIsSlow) {
  auto [client, server] = Forward();
  const std::string up(std::size_t{5} << 20U, 'u');
  const std::string down(std::size_t{7} << 20U, 'd');
  std::thread sender([&client, &up] {
    EXPECT_TRUE(WriteAll(client.get(), up));
    EXPECT_EQ(shutdown(client.get(), SHUT_WR), 0);
  });
  std::thread answerer([&server, &down, &up] {
    EXPECT_TRUE(WriteAll(server.get(), down));
    EXPECT_EQ(shutdown(server.get(), SHUT_WR), 0);
    EXPECT_EQ(ReadToEnd(server.get()), up);
  });
  EXPECT_EQ(ReadToEnd(client.get()), down);
  sender.join();
  answerer.join();
}

TEST_F(DirectForwardTest, AServerLearnsThatTheClientIsGone) {
  auto [client, server] = Forward();
  client.Reset();
  EXPECT_EQ(ReadToEnd(server.get()), "");
}

TEST_F(DirectForwardTest, AClientLearnsThatTheAgentEnds) {
  testing::TestAgent agent;
  auto client = agent.Connect();
  (void)client.Open(request_);
  ASSERT_TRUE(client.Next());
  const UniqueFd server = listening_.Accept();
  const UniqueFd stream = client.TakeSocket();
  agent.Stop();
  EXPECT_EQ(ReadToEnd(stream.get()), "");
  EXPECT_EQ(ReadToEnd(server.get()), "");
}

TEST_F(DirectForwardTest, NobodyListensIsAnAnswerOnTheChannel) {
  listening_.Close();
  auto client = agent_.Connect();
  const auto answer = client.Ask(request_);
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Code::kUnavailable);
}

TEST_F(DirectForwardTest, ItIsAloneOnItsConnectionOrRefused) {
  auto client = agent_.Connect();
  auto command = testing::Shell("read line; echo $line");
  command.has_stdin = true;
  const auto exec = client.Open(std::move(command));
  const auto answer = client.Ask(request_);
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Code::kInvalid);
  client.SendData(exec, "still here\n");
  EXPECT_EQ(client.Finish(exec).data, "still here\n");
}

TEST_F(DirectForwardTest, AFrameBehindTheRequestEndsTheConnection) {
  auto client = agent_.Connect();
  std::string frames;
  ASSERT_TRUE(protocol::AppendOpen(frames, 1, {.credit = 0, .request = request_}));
  protocol::AppendFrame(frames, 1, FrameType::kData, "too early");
  client.Send(frames);
  const auto told = client.Next();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->type, FrameType::kGoAway);
  EXPECT_FALSE(client.Next());
}

}  // namespace
}  // namespace paddock::agent
