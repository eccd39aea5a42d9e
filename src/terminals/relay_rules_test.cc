#include "terminals/relay_rules.h"

#include <string>

#include <gtest/gtest.h>

#include "protocol/limits.h"
#include "protocol/terminal_messages.h"

namespace paddock::terminals {
namespace {

namespace wire = protocol::terminal;
using AgentAction = RelayRules::AgentAction;
using ViewerAction = RelayRules::ViewerAction;

template <class Message>
std::string Bytes(const Message& message) {
  std::string bytes;
  wire::Append(bytes, message);
  return bytes;
}

class RelayRulesTest : public ::testing::Test {
 protected:
  ViewerAction Viewer(std::string message) { return rules_.OnViewer(message); }

  template <class Message>
  AgentAction Agent(const Message& message) {
    return rules_.OnAgent(Bytes(message));
  }

  void AttachAt(std::uint64_t offset, std::uint64_t limit) {
    ASSERT_EQ(Viewer(Bytes(wire::Attach{.limit = limit})), ViewerAction::kForward);
    ASSERT_EQ(Agent(wire::Attached{.offset = offset, .live = offset}), AgentAction::kForward);
  }

  RelayRules rules_;
};

TEST_F(RelayRulesTest, AttachComesFirstAndOnce) {
  EXPECT_EQ(Viewer(Bytes(wire::Own{})), ViewerAction::kBroken);
  EXPECT_EQ(Viewer(Bytes(wire::Attach{})), ViewerAction::kForward);
  EXPECT_EQ(Viewer(Bytes(wire::Attach{})), ViewerAction::kBroken);
}

TEST_F(RelayRulesTest, WhatIsNoMessageBreaksTheProtocol) {
  EXPECT_EQ(Viewer(""), ViewerAction::kBroken);
  EXPECT_EQ(Viewer("\x81"), ViewerAction::kBroken);
  AttachAt(0, 100);
  EXPECT_EQ(Viewer("\x02"), ViewerAction::kBroken);
  EXPECT_EQ(rules_.OnAgent("\x01"), AgentAction::kBroken);
  EXPECT_EQ(rules_.OnAgent(""), AgentAction::kBroken);
}

TEST_F(RelayRulesTest, TheLimitOfAnAttachIsLoweredToTheServersOwn) {
  std::string attach = Bytes(wire::Attach{.limit = protocol::kOffsetEnd - 1});
  ASSERT_EQ(rules_.OnViewer(attach), ViewerAction::kForward);
  EXPECT_EQ(std::get<wire::Attach>(*wire::ParseFromViewer(attach)).limit,
            protocol::kViewerAheadBytesMax);
}

TEST_F(RelayRulesTest, CreditFollowsWhatTheSocketHasTaken) {
  AttachAt(1'000'000, protocol::kOffsetEnd - 1);
  EXPECT_FALSE(rules_.TakeCreditDue().has_value()) << "ATTACH said so already";
  const std::string bytes(65'536, 'x');
  EXPECT_EQ(Agent(wire::Output{.offset = 1'000'000, .bytes = bytes}), AgentAction::kOutput);
  EXPECT_FALSE(rules_.TakeCreditDue().has_value()) << "the socket has not taken it";
  rules_.OnDelivered(1'065'536);
  EXPECT_EQ(rules_.TakeCreditDue(), 1'065'536 + protocol::kViewerAheadBytesMax);
}

TEST_F(RelayRulesTest, AViewersSmallGrantIsPassedOnAndALowerOneIgnored) {
  AttachAt(0, 100);
  EXPECT_EQ(Viewer(Bytes(wire::Credit{.limit = 150})), ViewerAction::kNone);
  EXPECT_EQ(rules_.TakeCreditDue(), 150U);
  EXPECT_EQ(Viewer(Bytes(wire::Credit{.limit = 120})), ViewerAction::kNone);
  EXPECT_FALSE(rules_.TakeCreditDue().has_value());
}

TEST_F(RelayRulesTest, AnAgentThatIgnoresCreditIsBroken) {
  AttachAt(0, 10);
  EXPECT_EQ(Agent(wire::Output{.offset = 0, .bytes = "0123456789"}), AgentAction::kOutput);
  EXPECT_EQ(Agent(wire::Output{.offset = 10, .bytes = "x"}), AgentAction::kBroken);
}

TEST_F(RelayRulesTest, OutputHasToBeContiguousUnlessAResetSkips) {
  AttachAt(100, 1'000);
  EXPECT_EQ(Agent(wire::Output{.offset = 101, .bytes = "x"}), AgentAction::kBroken);
  EXPECT_EQ(Agent(wire::Output{.offset = 99, .bytes = "x"}), AgentAction::kBroken);
  EXPECT_EQ(Agent(wire::Reset{.offset = 5'000, .bytes = "\x1b[m"}), AgentAction::kForward);
  EXPECT_EQ(Agent(wire::Output{.offset = 5'000, .bytes = std::string(1'000, 'x')}),
            AgentAction::kOutput)
      << "what is skipped counts as taken";
  EXPECT_EQ(Agent(wire::Output{.offset = 6'000, .bytes = "x"}), AgentAction::kBroken);
  EXPECT_EQ(Agent(wire::Reset{.offset = 10, .bytes = {}}), AgentAction::kBroken);
}

TEST_F(RelayRulesTest, ExitEndsTheConversationAndOnlyBehindTheLastByte) {
  AttachAt(0, 10);
  EXPECT_EQ(Agent(wire::Output{.offset = 0, .bytes = "abc"}), AgentAction::kOutput);
  EXPECT_EQ(Agent(wire::Exit{.offset = 3}), AgentAction::kForwardLast);
  EXPECT_EQ(rules_.close_code(), 1000);
  EXPECT_EQ(Agent(wire::Pong{}), AgentAction::kBroken) << "nothing comes after it";

  RelayRules early;
  std::string attach = Bytes(wire::Attach{.limit = 10});
  ASSERT_EQ(early.OnViewer(attach), ViewerAction::kForward);
  ASSERT_EQ(early.OnAgent(Bytes(wire::Attached{})), AgentAction::kForward);
  EXPECT_EQ(early.OnAgent(Bytes(wire::Exit{.offset = 3})), AgentAction::kBroken);
}

TEST_F(RelayRulesTest, AnErrorNamesTheCloseCodeAlsoBeforeAttached) {
  ASSERT_EQ(Viewer(Bytes(wire::Attach{})), ViewerAction::kForward);
  EXPECT_EQ(Agent(wire::Error{.code = wire::Failure::kTooManyViewers, .text = "full"}),
            AgentAction::kForwardLast);
  EXPECT_EQ(rules_.close_code(), 4005);
}

TEST_F(RelayRulesTest, NothingComesFromTheAgentBeforeAttach) {
  EXPECT_EQ(Agent(wire::Attached{}), AgentAction::kBroken);
}

}  // namespace
}  // namespace paddock::terminals
