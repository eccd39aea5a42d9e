// The whole of a terminal below the server: a real agent, real PTYs, real sockets.
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "model/ids.h"
#include "terminal/agent_process.h"
#include "terminals/testing/client/agent_stream.h"
#include "terminals/testing/client/terminal_client.h"

namespace paddock {
namespace {

using namespace std::chrono_literals;
using terminals::testing::AgentStream;
using terminals::testing::CloseTerminal;
using terminals::testing::OpenTerminal;
using terminals::testing::TerminalClient;

/// PADDOCK_TERMINAL_RUNS=1000 for the long run.
int RunCount() {
  const char* const text = std::getenv("PADDOCK_TERMINAL_RUNS");
  return text == nullptr ? 50 : std::atoi(text);
}

class TerminalTest : public ::testing::Test {
 protected:
  void Open(std::vector<std::string> argv) {
    id_ = NewId<TerminalId>();
    const auto opened = OpenTerminal(agent_.path(), id_, std::move(argv));
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
  }

  void Attach(TerminalClient& client) {
    auto stream = AgentStream::Connect(agent_.path(), id_);
    ASSERT_TRUE(stream.has_value()) << stream.error().message;
    const auto attached = client.Attach(*std::move(stream), Deadline::After(10s));
    ASSERT_TRUE(attached.has_value()) << attached.error().message;
  }

  /// Reads until the program's exit was told, or `deadline` passes.
  void ReadToExit(TerminalClient& client, Deadline deadline = Deadline::After(30s)) {
    while (!client.exit()) {
      const auto step = client.Step(deadline);
      ASSERT_TRUE(step.has_value()) << step.error().message << " at " << client.offset();
    }
  }

  AgentProcess agent_{PADDOCK_AGENT};
  TerminalId id_{""};
  std::string shown_;
  TerminalClient::Sink show_ = [this](std::string_view bytes) { shown_ += bytes; };
};

std::string Numbers(int last) {
  std::string text;
  for (int number = 1; number <= last; ++number) {
    text += std::to_string(number) + "\r\n";
  }
  return text;
}

TEST_F(TerminalTest, AProgramThatPrintsAMegabyteAndExitsLosesNothing) {
  const std::string expected = Numbers(150'000);
  ASSERT_GT(expected.size(), 1'000'000U);
  for (int run = 0; run < RunCount(); ++run) {
    shown_.clear();
    Open({"seq", "1", "150000"});
    TerminalClient client({}, show_);
    Attach(client);
    ReadToExit(client);
    ASSERT_TRUE(client.exit().has_value());
    EXPECT_EQ(client.exit()->value, 0U);
    ASSERT_EQ(client.reset_count(), 0);
    ASSERT_TRUE(shown_ == expected) << "run " << run << ": " << shown_.size() << " bytes";
    const auto closed = CloseTerminal(agent_.path(), id_);
    ASSERT_TRUE(closed.has_value()) << closed.error().message;
  }
}

TEST_F(TerminalTest, AHundredForcedReconnectsInTheMiddleOfOutputLoseNothing) {
  const int last = 1'000'000;
  std::mt19937 random(11);
  Open({"seq", "1", std::to_string(last)});
  TerminalClient client({}, show_);
  for (int cut = 0; cut < 100; ++cut) {
    Attach(client);
    for (auto steps = random() % 20; steps > 0 && !client.exit(); --steps) {
      const auto step = client.Step(Deadline::After(10s));
      ASSERT_TRUE(step.has_value()) << step.error().message;
    }
    client.Cut();
  }
  Attach(client);
  ReadToExit(client);
  EXPECT_EQ(client.reset_count(), 0);
  EXPECT_TRUE(shown_ == Numbers(last)) << shown_.size();
}

TEST_F(TerminalTest, KeysTypedAcrossReconnectsArriveOnceAndInOrder) {
  std::mt19937 random(12);
  Open({"sh", "-c", "stty -echo raw; printf ready; exec head -c 20000"});
  TerminalClient client({}, show_);
  Attach(client);
  while (shown_ != "ready") {
    ASSERT_TRUE(client.Step(Deadline::After(10s)).has_value()) << shown_;
  }
  std::string typed;
  while (typed.size() < 20'000) {
    for (auto keys = random() % 200; keys > 0 && typed.size() < 20'000; --keys) {
      const std::string key(1, static_cast<char>('!' + random() % 90));
      typed += key;
      const auto sent = client.Type(key);
      ASSERT_TRUE(sent.has_value()) << sent.error().message;
    }
    client.Cut();
    Attach(client);
  }
  ReadToExit(client);
  EXPECT_TRUE(shown_ == "ready" + typed) << shown_.size();
}

TEST_F(TerminalTest, AClientThatStopsReadingStopsTheProgramAndControlCStillWorks) {
  Open({"sh", "-c", "yes; echo interrupted"});
  TerminalClient client({}, show_);
  Attach(client);
  while (shown_.size() < 100'000) {
    ASSERT_TRUE(client.Step(Deadline::After(10s)).has_value());
  }
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(client.Type("\x03").has_value());
  ReadToExit(client);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
  EXPECT_TRUE(client.exit().has_value());
}

TEST_F(TerminalTest, WhatIsNoTextIsDeliveredAsItIs) {
  Open({"sh", "-c", R"(stty raw; head -c 100000 /dev/zero; printf '\377\376\303'; printf end)"});
  TerminalClient client({}, show_);
  Attach(client);
  ReadToExit(client);
  EXPECT_TRUE(shown_ == std::string(100'000, '\0') + "\xff\xfe\xc3" + "end") << shown_.size();
}

}  // namespace
}  // namespace paddock
