#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing/loopback_server.h"
#include "agent/testing/test_agent.h"

namespace paddock::agent {
namespace {

// An image's boot program in a directory of the test's own.
class BootTest : public ::testing::Test {
 protected:
  ServerConfig ConfigOf(const std::string& script) {
    std::ofstream(directory_ / "boot") << "#!/bin/sh\n" << script;
    EXPECT_EQ(chmod((directory_ / "boot").c_str(), 0755), 0);
    ServerConfig config;
    config.boot_path = directory_ / "boot";
    return config;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(BootTest, TheGreetingWaitsUntilTheServicesAreUp) {
  const testing::TestAgent agent(ConfigOf("sleep 0.3; echo up > " + (directory_ / "up")));
  const auto client = agent.Connect();
  EXPECT_TRUE(std::ifstream(directory_ / "up").good());
}

TEST_F(BootTest, ServicesOutliveTheBootProgramAndEndInOrderWithTheSandbox) {
  testing::TestAgent agent(ConfigOf("setsid sh -c 'trap \"echo saved > " + (directory_ / "saved") +
                                    "; exit\" TERM; echo $$ > " + (directory_ / "pid") +
                                    "; while :; do sleep 0.02; done' > /dev/null 2>&1 &"));
  const auto client = agent.Connect();
  const auto pid = static_cast<pid_t>(std::atoi(testing::ReadSoon(directory_ / "pid").c_str()));
  ASSERT_EQ(kill(pid, 0), 0);
  agent.Stop();
  EXPECT_EQ(testing::ReadSoon(directory_ / "saved"), "saved\n");
  EXPECT_TRUE(testing::IsGoneSoon(pid));
}

TEST_F(BootTest, ABootProgramThatFailsStillGivesASandbox) {
  const testing::TestAgent agent(ConfigOf("exit 3"));
  auto client = agent.Connect();
  EXPECT_EQ(client.Ask(testing::Shell("echo alive")).data, "alive\n");
}

TEST_F(BootTest, AtTheEndTerminalsHearAHangUpAndExecsATermination) {
  testing::TestAgent agent;
  auto client = agent.Connect();
  const auto script = [this](const std::string& signal, const std::string& name) {
    return "trap 'echo saved > " + (directory_ / name) + "; exit 3' " + signal + "; echo up > " +
           (directory_ / (name + "-up")) + "; while :; do sleep 0.02; done";
  };
  const auto exec = client.Open(testing::Shell(script("TERM", "exec")));
  protocol::TerminalOpenRequest terminal;
  terminal.uid = getuid();
  terminal.id = NewId<TerminalId>();
  terminal.cwd = "/";
  terminal.argv = {"/bin/sh", "-c", script("HUP", "terminal")};
  (void)client.Open(terminal);
  (void)testing::ReadSoon(directory_ / "exec-up");
  (void)testing::ReadSoon(directory_ / "terminal-up");
  ASSERT_EQ(kill(agent.pid(), SIGTERM), 0);
  const auto answer = client.Finish(exec);
  ASSERT_TRUE(answer.result);
  EXPECT_EQ(protocol::DecodeOutcome(*answer.result)->value, 3U);
  agent.Stop();
  EXPECT_EQ(testing::ReadSoon(directory_ / "exec"), "saved\n");
  EXPECT_EQ(testing::ReadSoon(directory_ / "terminal"), "saved\n");
}

TEST_F(BootTest, WhatIgnoresTheEndOfTheSandboxIsKilled) {
  testing::TestAgent agent;
  auto client = agent.Connect();
  (void)client.Open(testing::Shell("trap '' TERM HUP; echo $$ > " + (directory_ / "pid") +
                                   "; while :; do sleep 0.02; done"));
  const auto pid = static_cast<pid_t>(std::atoi(testing::ReadSoon(directory_ / "pid").c_str()));
  const auto before = std::chrono::steady_clock::now();
  agent.Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
  EXPECT_TRUE(testing::IsGoneSoon(pid));
}

TEST(ServerTest, AForwardReachesAServerOnTheLoopback) {
  const testing::LoopbackServer server;
  const testing::TestAgent agent;
  auto client = agent.Connect();
  const auto channel = client.Open(protocol::ForwardRequest{
      .family = protocol::ForwardFamily::kTcp, .port = server.port(), .path = {}});
  client.SendData(channel, "question");
  client.SendDataEnd(channel);
  {
    const UniqueFd accepted = server.Accept();
    std::string question;
    std::array<char, 64> bytes{};
    for (ssize_t got = 0; (got = recv(accepted.get(), bytes.data(), bytes.size(), 0)) > 0;) {
      question.append(bytes.data(), static_cast<std::size_t>(got));
    }
    EXPECT_EQ(question, "question");
    ASSERT_EQ(send(accepted.get(), "answer", 6, 0), 6);
  }
  const auto answer = client.Finish(channel);
  EXPECT_TRUE(answer.result);
  EXPECT_EQ(answer.data, "answer");
}

TEST(ServerTest, AForwardToNobodyIsUnavailable) {
  const testing::TestAgent agent;
  auto client = agent.Connect();
  const auto answer = client.Ask(protocol::ForwardRequest{
      .family = protocol::ForwardFamily::kUnix, .port = 0, .path = "/no/such/socket"});
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Code::kUnavailable);
}

TEST(ServerTest, StatsCountProcessesAndTheDisk) {
  const testing::TestAgent agent;
  auto client = agent.Connect();
  const auto answer = client.Ask(protocol::StatsRequest{});
  const auto stats = protocol::DecodeStats(answer.result.value());
  ASSERT_TRUE(stats);
  EXPECT_GE(stats->process_count, 2U);
  EXPECT_GT(stats->disk_total.count, stats->disk_used.count);
}

TEST(ServerTest, SeveralConnectionsWorkAtOnce) {
  const testing::TestAgent agent;
  auto first = agent.Connect();
  auto second = agent.Connect();
  const auto slow = first.Open(testing::Shell("sleep 0.2; echo slow"));
  EXPECT_EQ(second.Ask(testing::Shell("echo quick")).data, "quick\n");
  EXPECT_EQ(first.Finish(slow).data, "slow\n");
}

TEST(ServerTest, GarbageEndsOnlyItsOwnConnection) {
  const testing::TestAgent agent;
  auto bad = agent.Connect();
  auto good = agent.Connect();
  bad.Send(std::string(100, '\xff'));
  auto frame = bad.Next();
  while (frame) {
    frame = bad.Next();
  }
  EXPECT_EQ(good.Ask(testing::Shell("echo fine")).data, "fine\n");
}

}  // namespace
}  // namespace paddock::agent
