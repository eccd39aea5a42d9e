#include "terminals/relay.h"

#include <chrono>
#include <memory>
#include <string>
#include <variant>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "protocol/limits.h"
#include "protocol/terminal_messages.h"
#include "terminals/testing/fakes.h"

namespace paddock::terminals {
namespace {

namespace wire = protocol::terminal;
using namespace std::chrono_literals;

template <class Message>
std::string Bytes(const Message& message) {
  std::string bytes;
  wire::Append(bytes, message);
  return bytes;
}

class RelayTest : public ::testing::Test {
 public:
  ~RelayTest() override {
    tasks_.Cancel();
    socket_.pipe.Fail(Code::kCancelled);
    socket_.pipe.Unblock();
    agent_.Unblock();
    loop_.restart();
    loop_.run_for(5s);
    EXPECT_EQ(tasks_.running_count(), 0U);
  }

 protected:
  RelayTest() {
    tasks_.Spawn(Relay(socket_, std::make_unique<testing::FakeTerminalChannel>(agent_)));
    Settle();
  }

  /// Runs all that can run now.
  void Settle() {
    loop_.restart();
    while (loop_.poll() > 0) {
    }
  }
  /// Runs until the relay is over.
  void Finish() {
    loop_.restart();
    loop_.run_for(5s);
    EXPECT_EQ(tasks_.running_count(), 0U);
  }

  template <class Message>
  void ViewerSends(const Message& message) {
    socket_.pipe.Arrive(Bytes(message));
    Settle();
  }
  template <class Message>
  void AgentSends(const Message& message) {
    agent_.Arrive(Bytes(message));
    Settle();
  }

  void Attach(std::uint64_t limit = 1'000'000) {
    ViewerSends(wire::Attach{.limit = limit});
    AgentSends(wire::Attached{});
    agent_.sent.clear();
    socket_.pipe.sent.clear();
  }

  template <class Message>
  [[nodiscard]] Message LastSeen() const {
    return std::get<Message>(*wire::ParseFromTerminal(socket_.pipe.sent.back()));
  }

  boost::asio::io_context loop_{1};
  aio::TaskScope tasks_{loop_.get_executor()};
  testing::FakeViewerSocket socket_;
  testing::FakePipe agent_;
};

TEST_F(RelayTest, CarriesMessagesBothWays) {
  Attach();
  ViewerSends(wire::Input{.sequence = 0, .bytes = "ls\n"});
  ASSERT_EQ(agent_.sent.size(), 1U);
  EXPECT_EQ(agent_.sent[0], Bytes(wire::Input{.sequence = 0, .bytes = "ls\n"}));
  AgentSends(wire::Output{.offset = 0, .bytes = "a b c"});
  ASSERT_EQ(socket_.pipe.sent.size(), 1U);
  EXPECT_EQ(LastSeen<wire::Output>().bytes, "a b c");
}

TEST_F(RelayTest, JoinsSmallOutputOnlyWhileTheSocketIsBusy) {
  Attach();
  socket_.pipe.blocked = true;
  std::string all;
  for (std::uint64_t offset = 0; offset < 300; offset += 3) {
    AgentSends(wire::Output{.offset = offset, .bytes = "abc"});
    all += "abc";
  }
  socket_.pipe.Unblock();
  Settle();
  ASSERT_EQ(socket_.pipe.sent.size(), 2U) << "the first was on its way, the rest is one message";
  EXPECT_EQ(LastSeen<wire::Output>().offset, 3U);
  EXPECT_EQ(LastSeen<wire::Output>().bytes, all.substr(3));
}

TEST_F(RelayTest, OtherMessagesKeepTheirPlaceBetweenOutput) {
  Attach();
  socket_.pipe.blocked = true;
  AgentSends(wire::Output{.offset = 0, .bytes = "a"});
  AgentSends(wire::Output{.offset = 1, .bytes = "b"});
  AgentSends(wire::Taken{.sequence = 1});
  AgentSends(wire::Output{.offset = 2, .bytes = "c"});
  socket_.pipe.Unblock();
  Settle();
  ASSERT_EQ(socket_.pipe.sent.size(), 4U);
  EXPECT_EQ(LastSeen<wire::Output>().bytes, "c");
}

TEST_F(RelayTest, AViewerThatDoesNotReadCostsABoundedBuffer) {
  Attach(protocol::kOffsetEnd - 1);
  socket_.pipe.blocked = true;
  const std::string piece(65'536, 'x');
  std::uint64_t granted = protocol::kViewerAheadBytesMax;
  std::uint64_t printed = 0;
  while (printed + piece.size() <= granted) {
    AgentSends(wire::Output{.offset = printed, .bytes = piece});
    printed += piece.size();
    for (const std::string& message : agent_.sent) {
      granted = std::max(granted, std::get<wire::Credit>(*wire::ParseFromViewer(message)).limit);
    }
    ASSERT_LE(printed, protocol::kViewerAheadBytesMax);
  }
  EXPECT_EQ(granted, protocol::kViewerAheadBytesMax);
  socket_.pipe.Unblock();
  Settle();
  ASSERT_FALSE(agent_.sent.empty());
  EXPECT_EQ(std::get<wire::Credit>(*wire::ParseFromViewer(agent_.sent.back())).limit,
            printed + protocol::kViewerAheadBytesMax);
}

TEST_F(RelayTest, AViewerWhoseInputIsNotTakenIsNotRead) {
  Attach();
  agent_.blocked = true;
  for (std::uint64_t sequence = 0; sequence < 10; ++sequence) {
    ViewerSends(wire::Input{.sequence = sequence, .bytes = "x"});
  }
  EXPECT_TRUE(agent_.sent.empty());
  agent_.Unblock();
  Settle();
  ASSERT_EQ(agent_.sent.size(), 10U);
  EXPECT_EQ(agent_.sent[9], Bytes(wire::Input{.sequence = 9, .bytes = "x"}));
}

TEST_F(RelayTest, AFloodOfResizesIsCalmedAndTheLastOneCounts) {
  Attach();
  for (std::uint16_t column = 1; column <= 1'000; ++column) {
    socket_.pipe.Arrive(Bytes(wire::Resize{.column_count = column, .row_count = 24}));
  }
  Settle();
  EXPECT_LT(agent_.sent.size(), 100U);
  loop_.restart();
  loop_.run_for(100ms);
  EXPECT_EQ(agent_.sent.back(), Bytes(wire::Resize{.column_count = 1'000, .row_count = 24}));
}

TEST_F(RelayTest, ExitIsDeliveredBehindTheLastByteAndClosesWith1000) {
  Attach();
  socket_.pipe.blocked = true;
  AgentSends(wire::Output{.offset = 0, .bytes = "bye"});
  AgentSends(wire::Exit{.offset = 3, .signalled = false, .value = 7});
  agent_.Fail(Code::kCancelled);
  Settle();
  EXPECT_FALSE(socket_.close_code.has_value());
  socket_.pipe.Unblock();
  Finish();
  ASSERT_EQ(socket_.pipe.sent.size(), 2U);
  EXPECT_EQ(LastSeen<wire::Exit>().value, 7U);
  EXPECT_EQ(socket_.close_code, 1000);
}

TEST_F(RelayTest, AViewerThatBreaksTheProtocolIsClosedWith1002) {
  Attach();
  socket_.pipe.Arrive("nonsense");
  Finish();
  EXPECT_EQ(socket_.close_code, 1002);
  EXPECT_TRUE(agent_.sent.empty());
}

TEST_F(RelayTest, AnAgentThatBreaksTheProtocolReachesNobody) {
  Attach();
  agent_.Arrive(Bytes(wire::Output{.offset = 99, .bytes = "<script>"}));
  Finish();
  ASSERT_EQ(socket_.pipe.sent.size(), 1U);
  EXPECT_EQ(LastSeen<wire::Error>().code, wire::Failure::kProtocol);
  EXPECT_EQ(socket_.close_code, 4006);
}

TEST_F(RelayTest, AnAgentThatIsGoneMeansThatTheSandboxIsGone) {
  Attach();
  agent_.Fail(Code::kUnavailable);
  Finish();
  EXPECT_EQ(LastSeen<wire::Error>().code, wire::Failure::kGone);
  EXPECT_EQ(socket_.close_code, 4004);
}

TEST_F(RelayTest, AStoppingServerTellsTheViewerToAttachAgain) {
  Attach();
  tasks_.Cancel();
  Finish();
  EXPECT_EQ(LastSeen<wire::Error>().code, wire::Failure::kStopping);
  EXPECT_EQ(socket_.close_code, 4007);
}

TEST_F(RelayTest, AStoppingServerDoesNotWaitForAViewerThatDoesNotRead) {
  Attach();
  socket_.pipe.blocked = true;
  AgentSends(wire::Output{.offset = 0, .bytes = "x"});
  tasks_.Cancel();
  Finish();
  EXPECT_FALSE(socket_.close_code.has_value());
}

TEST_F(RelayTest, AViewerThatLeavesEndsTheRelay) {
  Attach();
  socket_.pipe.Fail(Code::kCancelled);
  Finish();
}

}  // namespace
}  // namespace paddock::terminals
