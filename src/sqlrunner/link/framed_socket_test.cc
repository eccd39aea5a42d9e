#include "sqlrunner/link/framed_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "sqlrunner/link/dial.h"

namespace paddock::sqlrunner {
namespace {

namespace asio = boost::asio;
using namespace std::string_view_literals;

class FramedSocketTest : public ::testing::Test {
 protected:
  FramedSocketTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    raw_.Reset(ends[0]);
    socket_.emplace(loop_.get_executor(), UniqueFd(ends[1]));
  }

  /// What a peer sends that does not keep to the form.
  Result<Frame> ReceiveOf(std::string_view bytes) {
    EXPECT_EQ(write(raw_.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    raw_.Reset();
    return aio::testing::RunUntilDone(loop_, socket_->Receive());
  }

  asio::io_context loop_;
  UniqueFd raw_;
  std::optional<FramedSocket> socket_;
};

TEST_F(FramedSocketTest, AFrameArrivesAsItWasSentWhateverItsSize) {
  FramedSocket peer(loop_.get_executor(), std::move(raw_));
  aio::TaskScope scope(loop_.get_executor());
  const std::string large(std::size_t{3} << 20U, 'x');
  auto send = [](FramedSocket& to, std::string_view text) -> aio::Task<void> {
    auto sent = co_await to.Send(FrameKind::kText, text);
    EXPECT_TRUE(sent);
  };
  for (const std::string_view text : {std::string_view(), "short"sv, std::string_view(large)}) {
    scope.Spawn(send(peer, text));
    const auto frame = aio::testing::RunUntilDone(loop_, socket_->Receive());
    ASSERT_TRUE(frame);
    EXPECT_TRUE(frame->payload == text);
  }
}

TEST_F(FramedSocketTest, ADescriptorComesWithItsFrame) {
  FramedSocket peer(loop_.get_executor(), std::move(raw_));
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  auto sent = aio::testing::RunUntilDone(loop_, peer.Send(FrameKind::kDialled, "{}", null.get()));
  ASSERT_TRUE(sent);
  const auto frame = aio::testing::RunUntilDone(loop_, socket_->Receive());
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->passed);
  EXPECT_NE(fcntl(frame->passed.get(), F_GETFD) & FD_CLOEXEC, 0);
}

/// Both sides keep the bounds of what is written, so that a test sees what left together.
class GatheringTest : public ::testing::Test {
 protected:
  GatheringTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()),
              0);
    raw_.Reset(ends[0]);
    socket_.emplace(loop_.get_executor(), UniqueFd(ends[1]));
  }

  std::string NextWrite() {
    std::string bytes(std::size_t{1} << 20U, '\0');
    const ssize_t count = recv(raw_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }

  asio::io_context loop_;
  UniqueFd raw_;
  std::optional<FramedSocket> socket_;
};

TEST_F(GatheringTest, WhatWasGatheredLeavesWithTheNextMessageAndBeforeIt) {
  auto say = [](FramedSocket& to) -> aio::Task<bool> {
    auto first = co_await to.Gather(FrameKind::kText, "one");
    auto second = co_await to.Gather(FrameKind::kText, "two");
    auto third = co_await to.Send(FrameKind::kText, "three");
    co_return first&& second&& third;
  };
  EXPECT_TRUE(aio::testing::RunUntilDone(loop_, say(*socket_)));
  EXPECT_EQ(NextWrite(), "\0\0\0\4\1one\0\0\0\4\1two\0\0\0\6\1three"sv);
  EXPECT_EQ(NextWrite(), "");
}

TEST_F(GatheringTest, WhatWasGatheredLeavesByItself) {
  const auto gathered = aio::testing::RunOn(loop_, socket_->Gather(FrameKind::kText, "one"));
  EXPECT_TRUE(gathered);
  EXPECT_EQ(NextWrite(), "\0\0\0\4\1one"sv);
}

TEST_F(GatheringTest, WhatWouldBeTooMuchTogetherLeavesAtOnce) {
  const std::string half(kGatheredBytesMax / 2, 'x');
  auto say = [](FramedSocket& to, std::string_view text) -> aio::Task<bool> {
    auto first = co_await to.Gather(FrameKind::kText, text);
    auto second = co_await to.Gather(FrameKind::kText, text);
    co_return first&& second;
  };
  EXPECT_TRUE(aio::testing::RunUntilDone(loop_, say(*socket_, half)));
  EXPECT_GT(NextWrite().size(), kGatheredBytesMax);
}

TEST_F(FramedSocketTest, AGatheredMessageKeepsItsPlaceBehindOneThatStillLeaves) {
  FramedSocket peer(loop_.get_executor(), std::move(raw_));
  aio::TaskScope scope(loop_.get_executor());
  const std::string large(std::size_t{3} << 20U, 'x');
  auto say = [](FramedSocket& to, std::string_view text, bool gathers) -> aio::Task<void> {
    Result<void> said;
    if (gathers) {
      said = co_await to.Gather(FrameKind::kText, text);
    } else {
      said = co_await to.Send(FrameKind::kText, text);
    }
    EXPECT_TRUE(said);
  };
  scope.Spawn(say(peer, large, false));
  scope.Spawn(say(peer, "after", true));
  auto first = aio::testing::RunUntilDone(loop_, socket_->Receive());
  auto second = aio::testing::RunUntilDone(loop_, socket_->Receive());
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->payload.size(), large.size());
  EXPECT_EQ(second->payload, "after");
}

TEST_F(FramedSocketTest, ATextThatIsHereWholeIsKnownBeforeItIsTaken) {
  const auto frames = "\0\0\0\2\1a\0\0\0\4\1bcd\0\0\0\2\2e\0\0\0\4\1f"sv;
  ASSERT_EQ(write(raw_.get(), frames.data(), frames.size()), static_cast<ssize_t>(frames.size()));
  EXPECT_FALSE(socket_->HasText(100));
  EXPECT_EQ(aio::testing::RunUntilDone(loop_, socket_->Receive())->payload, "a");
  EXPECT_FALSE(socket_->HasText(2));
  EXPECT_TRUE(socket_->HasText(3));
  EXPECT_EQ(aio::testing::RunUntilDone(loop_, socket_->Receive())->payload, "bcd");
  EXPECT_FALSE(socket_->HasText(100)) << "of another kind";
  EXPECT_EQ(aio::testing::RunUntilDone(loop_, socket_->Receive())->payload, "e");
  EXPECT_FALSE(socket_->HasText(100)) << "not all of it is here";
}

TEST_F(FramedSocketTest, LengthsAndKindsThatMakeNoSenseAreRefused) {
  EXPECT_EQ(ReceiveOf("\0\0\0\0\1"sv).error().code, Code::kInvalid);
}

TEST_F(FramedSocketTest, ALengthBeyondTheLimitIsRefusedBeforeItsBytes) {
  EXPECT_EQ(ReceiveOf("\xff\xff\xff\xff\1"sv).error().code, Code::kInvalid);
}

TEST_F(FramedSocketTest, AKindThatDoesNotExistIsRefused) {
  EXPECT_EQ(ReceiveOf("\0\0\0\1\x63"sv).error().code, Code::kInvalid);
}

TEST_F(FramedSocketTest, AFrameThatIsCutIsAnEnd) {
  EXPECT_EQ(ReceiveOf("\0\0\0\5\1ab"sv).error().code, Code::kUnavailable);
}

TEST(Dial, MessagesAreReadAsTheyWereWritten) {
  const auto request = DecodeDialRequest(
      EncodeDialRequest({.number = 7, .sandbox = "abc", .target = "tcp:5432", .external = {}}));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->number, 7U);
  EXPECT_EQ(request->target, "tcp:5432");
  const Error refusal{.code = Code::kConflict, .message = "\"stopped\""};
  const auto answer =
      DecodeDialAnswer(EncodeDialAnswer({.number = 7, .refusal = refusal, .address = {}}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->refusal->code, Code::kConflict);
  EXPECT_EQ(answer->refusal->message, "\"stopped\"");
}

TEST(Dial, WhatMakesNoSenseIsRefused) {
  for (const char* text : {"", "[]", "{}", R"({"number":1})", R"({"number":-1,"sandbox":"a"})",
                           R"({"number":1,"sandbox":"a","external":"b"})"}) {
    EXPECT_FALSE(DecodeDialRequest(text)) << text;
  }
  EXPECT_FALSE(DecodeDialAnswer(R"({"number":1,"code":99})"));
  EXPECT_FALSE(DecodeDialAnswer(R"({"number":1,"address":{"port":70000}})"));
}

}  // namespace
}  // namespace paddock::sqlrunner
