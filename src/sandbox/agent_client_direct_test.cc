// Direct forwards against agents that answer by hand, and against hostile ones.

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "sandbox/agent_client.h"
#include "sandbox/testing/descriptor_refusal.h"
#include "sandbox/testing/scripted_agent.h"

namespace paddock::sandbox {
namespace {

using protocol::FrameType;
using testing::RefuseDescriptors;
using testing::ScriptedAgent;
using testing::ScriptThread;

constexpr const char* kNeeds = "needs a kernel that can refuse descriptors (Linux 6.16)";

Deadline Soon() { return Deadline::After(std::chrono::seconds(5)); }

class DirectForwardTest : public ::testing::Test {
 protected:
  /// What comes of a forward whose agent does as `script` says.
  Result<UniqueFd> ForwardBy(std::function<void(ScriptedAgent&)> script,
                             Deadline deadline = Soon()) {
    thread_.emplace(std::move(script));
    UniqueFd stream = thread_->TakeClientEnd();
    fcntl(stream.get(), F_SETFL, O_NONBLOCK);
    is_possible_ = RefuseDescriptors(stream.get());
    boost::asio::io_context loop;
    return aio::testing::RunOn(
        loop, AgentClient::ForwardDirectly(std::move(stream), "tcp:5432", deadline));
  }

  /// The code of its failure; what a kernel gives that knows no such forwards is none.
  std::optional<Code> CodeBy(std::function<void(ScriptedAgent&)> script) {
    const auto forward = ForwardBy(std::move(script));
    return forward || !is_possible_ ? std::nullopt : std::optional(forward.error().code);
  }

  bool is_possible_ = false;
  std::optional<ScriptThread> thread_;
};

TEST_F(DirectForwardTest, WhatComesBehindReadyIsTheStreams) {
  const auto forward = ForwardBy([](ScriptedAgent& agent) {
    const auto open = agent.Await(FrameType::kOpen);
    const auto request = protocol::DecodeOpen(open.payload);
    const protocol::ForwardRequest asked{
        .family = protocol::ForwardFamily::kTcp, .port = 5432, .path = {}, .is_direct = true};
    EXPECT_TRUE(request && request->request == protocol::Request(asked));
    std::string all;
    protocol::AppendHello(all, {.software = "scripted"});
    protocol::AppendEmpty(all, open.channel, FrameType::kReady);
    agent.Send(all + "a banner");
  });
  if (!is_possible_) {
    GTEST_SKIP() << kNeeds;
  }
  ASSERT_TRUE(forward) << forward.error().message;
  thread_->Join();
  std::array<char, 64> bytes{};
  const auto got = recv(forward->get(), bytes.data(), bytes.size(), 0);
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string(bytes.data(), static_cast<std::size_t>(got)), "a banner");
}

TEST_F(DirectForwardTest, ARefusalIsTheAgents) {
  const auto forward = ForwardBy([](ScriptedAgent& agent) {
    agent.Greet();
    const auto open = agent.Await(FrameType::kOpen);
    std::string refusal;
    protocol::AppendError(refusal, open.channel, {Code::kUnavailable, "nobody listens"});
    agent.Send(refusal);
  });
  if (!is_possible_) {
    GTEST_SKIP() << kNeeds;
  }
  ASSERT_FALSE(forward);
  EXPECT_EQ(forward.error().code, Code::kUnavailable);
  EXPECT_NE(forward.error().message.find("nobody listens"), std::string::npos);
}

TEST_F(DirectForwardTest, AnAgentThatTakesNoMoreConnectionsIsExhausted) {
  const auto code = CodeBy([](ScriptedAgent& agent) { agent.Close(); });
  if (!is_possible_) {
    GTEST_SKIP() << kNeeds;
  }
  EXPECT_EQ(code, Code::kExhausted);
}

TEST_F(DirectForwardTest, AnAgentThatSaysNothingIsNotWaitedForBeyondTheDeadline) {
  const auto forward = ForwardBy([](ScriptedAgent& agent) { (void)agent.Await(FrameType::kData); },
                                 Deadline::After(std::chrono::milliseconds(20)));
  if (!is_possible_) {
    GTEST_SKIP() << kNeeds;
  }
  ASSERT_FALSE(forward);
  EXPECT_EQ(forward.error().code, Code::kDeadlineExceeded);
}

TEST_F(DirectForwardTest, AnAgentThatBreaksTheProtocolGivesNoStream) {
  using Act = void (*)(ScriptedAgent&, protocol::ChannelId);
  const std::vector<std::pair<const char*, Act>> acts{
      {"ready with fields",
       [](ScriptedAgent& agent, auto channel) { agent.Send(channel, FrameType::kReady, "x"); }},
      {"ready of another channel",
       [](ScriptedAgent& agent, auto channel) { agent.Send(channel + 1, FrameType::kReady); }},
      {"data before ready",
       [](ScriptedAgent& agent, auto channel) { agent.Send(channel, FrameType::kData, "x"); }},
      {"a result",
       [](ScriptedAgent& agent, auto channel) { agent.Send(channel, FrameType::kResult); }},
      {"a second greeting", [](ScriptedAgent& agent, auto) { agent.Greet(); }},
      {"a type that there is not",
       [](ScriptedAgent& agent, auto channel) {
         agent.Send(channel, static_cast<FrameType>(0x99));
       }},
      {"more than a frame may have",
       [](ScriptedAgent& agent, auto) {
         agent.Send(std::string("\xff\xff\xff\xff\0\0\0\1\x30", 9));
       }},
      {"half a frame", [](ScriptedAgent& agent, auto) { agent.Send(std::string(5, '\0')); }},
      {"an error that cannot be read",
       [](ScriptedAgent& agent, auto channel) { agent.Send(channel, FrameType::kError, "c"); }}};
  for (const auto& [name, act] : acts) {
    const auto code = CodeBy([act](ScriptedAgent& agent) {
      agent.Greet();
      act(agent, agent.Await(FrameType::kOpen).channel);
    });
    if (!is_possible_) {
      GTEST_SKIP() << kNeeds;
    }
    EXPECT_EQ(code, Code::kUnavailable) << name;
  }
}

TEST_F(DirectForwardTest, AnAgentOfAnotherVersionOrWithoutGreetingGivesNoStream) {
  const auto code = CodeBy([](ScriptedAgent& agent) {
    std::string hello;
    protocol::AppendHello(hello, {.version = 9, .software = "scripted"});
    agent.Send(hello);
  });
  if (!is_possible_) {
    GTEST_SKIP() << kNeeds;
  }
  EXPECT_EQ(code, Code::kUnavailable);
  EXPECT_EQ(CodeBy([](ScriptedAgent& agent) { agent.Send(1, FrameType::kReady); }),
            Code::kUnavailable);
}

TEST_F(DirectForwardTest, AStreamAlongWhichDescriptorsCouldComeIsNotUsed) {
  bool was_asked = false;
  ScriptThread thread([&was_asked](ScriptedAgent& agent) { was_asked = agent.Next().has_value(); });
  boost::asio::io_context loop;
  const auto forward = aio::testing::RunOn(
      loop, AgentClient::ForwardDirectly(thread.TakeClientEnd(), "tcp:5432", Soon()));
  thread.Join();
  ASSERT_FALSE(forward);
  EXPECT_EQ(forward.error().code, Code::kExhausted);
  EXPECT_FALSE(was_asked);
}

/// Sends `descriptors` with one byte; 0, or the error.
int SendDescriptors(int socket, const std::vector<int>& descriptors) {
  char byte = 'x';
  iovec piece{.iov_base = &byte, .iov_len = 1};
  std::vector<char> control(CMSG_SPACE(sizeof(int) * descriptors.size()));
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
  std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof(int) * descriptors.size());
  return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 ? 0 : errno;
}

TEST(DescriptorRefusal, ASandboxCannotMakeItsReaderCloseWhatItSends) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  if (!RefuseDescriptors(ours.get())) {
    GTEST_SKIP() << kNeeds;
  }
  const UniqueFd file(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  const UniqueFd directory(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd path(open("/", O_PATH | O_CLOEXEC));
  const UniqueFd tcp(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  for (const std::vector<int>& sent :
       {std::vector{file.get()}, std::vector{directory.get()}, std::vector{path.get()},
        std::vector{tcp.get()}, std::vector{tcp.get(), tcp.get()}, std::vector(200, tcp.get())}) {
    EXPECT_EQ(SendDescriptors(theirs.get(), sent), EPERM);
  }
  char byte = '\0';
  EXPECT_EQ(recv(ours.get(), &byte, 1, MSG_DONTWAIT), -1) << "nothing of it has come";
}

}  // namespace
}  // namespace paddock::sandbox
