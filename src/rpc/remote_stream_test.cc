// A stream to an agent through a node on another host behaves like the socket that it stands for.

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "rpc/testing/remote_host.h"
#include "rpc/testing/slow_relay.h"

namespace paddock::rpc {
namespace {

using std::chrono::milliseconds;
using testing::RemoteHost;
using testing::SlowRelay;

constexpr std::size_t kMebibyte = std::size_t{1} << 20U;
constexpr std::size_t kFlood = 16 * kMebibyte;      // more than all buffers on the way can hold
constexpr std::size_t kBuffersMax = 4 * kMebibyte;  // sockets, gRPC's windows, one piece each
constexpr auto kPatience = std::chrono::seconds(30);

// Not the same twice within what any buffer holds.
std::string Pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1'664'525U + 1'013'904'223U;
    byte = static_cast<char>(state >> 24U);
  }
  return bytes;
}

class RemoteStreamTest : public ::testing::Test {
 protected:
  RemoteStreamTest() : id_(host_.MustCreate()) {
    auto stream = host_.Await(host_.driver().Connect(id_, RemoteHost::Soon()));
    EXPECT_TRUE(stream) << stream.error().message;
    server_ = *std::move(stream);
    agent_ = std::move(host_.fake().agent_ends.at(0));
  }

  // The loop runs in between, as it does for whoever uses such a socket.
  template <class Done>
  [[nodiscard]] bool RunUntil(Done done) {
    const auto give_up = Deadline::After(kPatience);
    while (!done()) {
      if (give_up.Passed()) {
        return false;
      }
      host_.RunFor(milliseconds(1));
    }
    return true;
  }
  // What comes out at `to` when `bytes` go in at `from`; the first `pushed` of them are in already.
  std::string Move(const UniqueFd& from,
                   const UniqueFd& to,
                   std::string_view bytes,
                   std::size_t pushed = 0) {
    std::string received;
    EXPECT_TRUE(RunUntil([&] {
      pushed += Push(from, bytes.substr(pushed));
      received += Pull(to);
      return received.size() >= bytes.size();
    }));
    return received;
  }
  static std::size_t Push(const UniqueFd& to, std::string_view bytes) {
    const auto count = send(to.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  static std::string Pull(const UniqueFd& from) {
    std::string all;
    std::string buffer(65'536, '\0');
    for (;;) {
      const auto count = recv(from.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count <= 0) {
        return all;
      }
      all.append(buffer, 0, static_cast<std::size_t>(count));
    }
  }
  static bool IsAtEnd(const UniqueFd& stream) {
    char byte = 0;
    return recv(stream.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
  }
  // How much `to` takes while nobody reads at the other end.
  std::size_t PushUntilFull(const UniqueFd& to, const std::string& bytes) {
    constexpr int kQuietRounds = 100;
    std::size_t taken = 0;
    for (int quiet = 0; quiet < kQuietRounds && taken < bytes.size(); ++quiet) {
      const auto count = Push(to, std::string_view(bytes).substr(taken));
      taken += count;
      quiet = count > 0 ? -1 : quiet;
      host_.RunFor(milliseconds(2));
    }
    return taken;
  }

  RemoteHost host_;
  SandboxId id_;
  UniqueFd server_;
  UniqueFd agent_;
};

TEST_F(RemoteStreamTest, BytesPassInBothDirections) {
  EXPECT_EQ(Move(server_, agent_, "ping"), "ping");
  EXPECT_EQ(Move(agent_, server_, "pong"), "pong");
}

TEST_F(RemoteStreamTest, MegabytesPassUnchangedInBothDirections) {
  const auto bytes = Pattern(8 * kMebibyte);
  EXPECT_EQ(Move(server_, agent_, bytes), bytes);
  EXPECT_EQ(Move(agent_, server_, bytes), bytes);
}

TEST_F(RemoteStreamTest, AnAgentThatDoesNotReadStopsTheServerAndLosesNothing) {
  const auto bytes = Pattern(kFlood);
  const auto taken = PushUntilFull(server_, bytes);
  EXPECT_LT(taken, kBuffersMax);
  EXPECT_TRUE(Move(server_, agent_, bytes, taken) == bytes);
}

TEST_F(RemoteStreamTest, AServerThatDoesNotReadStopsTheAgentAndLosesNothing) {
  const auto bytes = Pattern(kFlood);
  const auto taken = PushUntilFull(agent_, bytes);
  EXPECT_LT(taken, kBuffersMax);
  EXPECT_TRUE(Move(agent_, server_, bytes, taken) == bytes);
}

TEST_F(RemoteStreamTest, AFullStreamDoesNotHoldUpAnother) {
  PushUntilFull(server_, Pattern(kFlood));
  auto other = host_.Await(host_.driver().Connect(id_, RemoteHost::Soon()));
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(Move(*other, host_.fake().agent_ends.at(1), "keystroke"), "keystroke");
  auto listed = host_.Await(host_.driver().List(RemoteHost::Soon()));
  EXPECT_TRUE(listed) << listed.error().message;
}

TEST_F(RemoteStreamTest, TheServerMayEndItsHalfAndStillRead) {
  ASSERT_EQ(Push(server_, "last words"), 10U);
  ASSERT_EQ(shutdown(server_.get(), SHUT_WR), 0);
  std::string received;
  EXPECT_TRUE(RunUntil([&] {
    received += Pull(agent_);
    return IsAtEnd(agent_);
  }));
  EXPECT_EQ(received, "last words");
  EXPECT_EQ(Move(agent_, server_, "answer"), "answer");
  agent_.Reset();
  EXPECT_TRUE(RunUntil([&] { return IsAtEnd(server_); }));
}

TEST_F(RemoteStreamTest, TheAgentMayEndItsHalfAndStillRead) {
  ASSERT_EQ(Push(agent_, "last words"), 10U);
  ASSERT_EQ(shutdown(agent_.get(), SHUT_WR), 0);
  std::string received;
  EXPECT_TRUE(RunUntil([&] {
    received += Pull(server_);
    return IsAtEnd(server_);
  }));
  EXPECT_EQ(received, "last words");
  EXPECT_EQ(Move(server_, agent_, "more"), "more");
  server_.Reset();
  EXPECT_TRUE(RunUntil([&] { return IsAtEnd(agent_); }));
}

TEST_F(RemoteStreamTest, WhatWasWrittenBeforeACloseStillArrives) {
  const auto bytes = Pattern(100'000);
  ASSERT_EQ(Push(server_, bytes), bytes.size());
  server_.Reset();
  std::string received;
  EXPECT_TRUE(RunUntil([&] {
    received += Pull(agent_);
    return IsAtEnd(agent_);
  }));
  EXPECT_TRUE(received == bytes);
}

TEST_F(RemoteStreamTest, WhatAnAgentWroteBeforeItDiedStillArrives) {
  const auto bytes = Pattern(100'000);
  ASSERT_EQ(Push(agent_, bytes), bytes.size());
  agent_.Reset();
  std::string received;
  EXPECT_TRUE(RunUntil([&] {
    received += Pull(server_);
    return IsAtEnd(server_);
  }));
  EXPECT_TRUE(received == bytes);
}

TEST_F(RemoteStreamTest, AStreamEndsWithItsNodeAndTheNextOneIsOfTheNewNode) {
  host_.StopServing();
  EXPECT_TRUE(RunUntil([&] { return IsAtEnd(server_); }));
  EXPECT_TRUE(RunUntil([&] { return IsAtEnd(agent_); }));
  host_.Serve();
  auto again = host_.Await(host_.driver().Connect(id_, RemoteHost::Soon()));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(Move(*again, host_.fake().agent_ends.at(1), "back"), "back");
}

TEST_F(RemoteStreamTest, AStreamEndsWithItsServer) {
  std::optional<NodeClient> second;
  second.emplace(host_.loop().get_executor(),
                 RemoteService{.address = host_.address(), .files = host_.FilesOf("own", "web")});
  auto stream = host_.Await(second->Connect(id_, RemoteHost::Soon()));
  ASSERT_TRUE(stream) << stream.error().message;
  const UniqueFd agent = std::move(host_.fake().agent_ends.at(1));
  ASSERT_EQ(Move(*stream, agent, "word"), "word");
  second.reset();
  EXPECT_TRUE(RunUntil([&] { return IsAtEnd(agent); }));
  EXPECT_TRUE(IsAtEnd(*stream));
}

TEST_F(RemoteStreamTest, AnAgentThatTakesNothingDoesNotKeepTheStreamOfAServerThatIsGone) {
  std::optional<NodeClient> second;
  second.emplace(host_.loop().get_executor(),
                 RemoteService{.address = host_.address(), .files = host_.FilesOf("own", "web")});
  auto stream = host_.Await(second->Connect(id_, RemoteHost::Soon()));
  ASSERT_TRUE(stream) << stream.error().message;
  const UniqueFd agent = std::move(host_.fake().agent_ends.at(1));
  PushUntilFull(*stream, Pattern(kFlood));
  second.reset();
  EXPECT_TRUE(RunUntil([&] {
    Pull(agent);
    return IsAtEnd(agent);
  }));
}

TEST_F(RemoteStreamTest, AConnectThatIsTooLateFailsAndLeavesNoStream) {
  auto late = host_.Await(host_.driver().Connect(id_, Deadline::At({})));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kDeadlineExceeded);
  EXPECT_TRUE(host_.fake().agent_ends.size() == 1);
}

aio::Task<void> ConnectInto(sandbox::Driver& driver, SandboxId id, std::optional<Code>& code) {
  auto connected = co_await driver.Connect(std::move(id), RemoteHost::Soon());
  if (!connected) {
    code = connected.error().code;
  }
}

TEST_F(RemoteStreamTest, ACancelledConnectReturnsAtOnceAndLeavesNoStream) {
  std::optional<Code> code;
  aio::TaskScope scope(host_.loop().get_executor());
  scope.Spawn(ConnectInto(host_.driver(), id_, code));
  host_.loop().restart();
  host_.loop().poll_one();
  scope.Cancel();
  EXPECT_TRUE(RunUntil([&] { return scope.running_count() == 0; }));
  EXPECT_EQ(code, Code::kCancelled);
  // A connection that the node has made all the same is closed again.
  EXPECT_TRUE(RunUntil([&] {
    return host_.fake().agent_ends.size() < 2 || IsAtEnd(host_.fake().agent_ends.at(1));
  }));
}

// TLS takes several ways there and back before the first call.
TEST_F(RemoteStreamTest, ANodeThatIsFarAwayIsReached) {
  SlowRelay far(host_.loop(), host_.port(), std::chrono::milliseconds(150));
  std::optional<NodeClient> second;
  second.emplace(host_.loop().get_executor(),
                 RemoteService{.address = far.address(), .files = host_.FilesOf("own", "web")});
  const auto listed = host_.Await(second->List(RemoteHost::Soon()));
  EXPECT_TRUE(listed) << listed.error().message;
  second.reset();
  host_.Await(far.Stop());
}

}  // namespace
}  // namespace paddock::rpc
