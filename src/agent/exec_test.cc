#include <chrono>
#include <cstdlib>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/file_text.h"
#include "agent/testing/test_agent.h"

namespace paddock::agent {
namespace {

using protocol::FrameType;
using testing::Shell;

class ExecTest : public ::testing::Test {
 protected:
  protocol::ExecOutcome Outcome(const testing::Answer& answer) {
    EXPECT_TRUE(answer.result) << (answer.error ? answer.error->message : "");
    return answer.result ? protocol::DecodeOutcome(*answer.result).value()
                         : protocol::ExecOutcome{};
  }
  pid_t ReadPid(std::string_view name) {
    return static_cast<pid_t>(std::atoi(testing::ReadSoon(directory_ / name).c_str()));
  }

  testing::TemporaryDirectory directory_;
  testing::TestAgent agent_;
  testing::TestClient client_ = agent_.Connect();
};

TEST_F(ExecTest, OutputErrorsAndTheExitCodeArriveApart) {
  const auto answer = client_.Ask(Shell("echo out; echo err >&2; exit 3"));
  const auto outcome = Outcome(answer);
  EXPECT_EQ(answer.data, "out\n");
  EXPECT_EQ(answer.error_data, "err\n");
  EXPECT_FALSE(outcome.signalled);
  EXPECT_EQ(outcome.value, 3U);
  EXPECT_GT(outcome.wall_time.count(), 0);
  EXPECT_GT(outcome.memory_peak.count, 100'000U);
}

TEST_F(ExecTest, InputReachesTheProgramAndItsEndToo) {
  auto request = Shell("cat; echo end");
  request.has_stdin = true;
  const auto channel = client_.Open(request);
  client_.SendData(channel, "some input\n");
  client_.SendDataEnd(channel);
  EXPECT_EQ(client_.Finish(channel).data, "some input\nend\n");
}

TEST_F(ExecTest, InputThatNobodyReadsIsDroppedAndItsCreditComesBack) {
  auto request = Shell("exec <&-; sleep 0.2; echo done");
  request.has_stdin = true;
  const auto channel = client_.Open(request);
  client_.SendData(channel, std::string(60'000, 'x'));
  client_.SendData(channel, std::string(60'000, 'x'));
  EXPECT_EQ(client_.Finish(channel).data, "done\n");
}

TEST_F(ExecTest, AProgramThatDoesNotExistIsInvalid) {
  auto request = Shell("");
  request.argv = {"no-such-program"};
  const auto answer = client_.Ask(request);
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Code::kInvalid);
  EXPECT_THAT(answer.error->message, ::testing::HasSubstr("no-such-program"));
}

TEST_F(ExecTest, ADirectoryThatDoesNotExistIsInvalid) {
  auto request = Shell("true");
  request.cwd = "/no/such/directory";
  const auto answer = client_.Ask(request);
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Code::kInvalid);
}

TEST_F(ExecTest, ASignalThatEndsTheProgramIsTold) {
  const auto outcome = Outcome(client_.Ask(Shell("kill -KILL $$")));
  EXPECT_TRUE(outcome.signalled);
  EXPECT_EQ(outcome.value, static_cast<std::uint32_t>(SIGKILL));
}

TEST_F(ExecTest, AtTheTimeoutEverythingDiesAlsoWhatCalledSetsidAndIgnoresSignals) {
  auto request = Shell("trap '' TERM HUP INT; setsid sh -c 'trap \"\" TERM HUP; echo $$ > " +
                       (directory_ / "pid") + "; sleep 1000; sleep 1000' & sleep 1000");
  request.timeout = std::chrono::seconds(2);
  const auto outcome = Outcome(client_.Ask(request));
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_TRUE(testing::IsGoneSoon(ReadPid("pid")));
}

TEST_F(ExecTest, WhoKillsItsShepherdDoesNotEscape) {
  const auto outcome =
      Outcome(client_.Ask(Shell("setsid sh -c 'echo $$ > " + (directory_ / "pid") +
                                "; sleep 1000; sleep 1000' & while ! [ -s " + (directory_ / "pid") +
                                " ]; do sleep 0.01; done; kill -KILL $PPID; sleep 1000")));
  EXPECT_TRUE(outcome.signalled);
  EXPECT_EQ(outcome.value, static_cast<std::uint32_t>(SIGKILL));
  EXPECT_FALSE(outcome.timed_out);
  const auto pid = ReadPid("pid");
  ASSERT_GT(pid, 0);
  EXPECT_TRUE(testing::IsGoneSoon(pid));
}

TEST_F(ExecTest, WhoStopsEveryShepherdHindersNoExec) {
  auto hindrance = Shell("while :; do pkill -STOP -P " + std::to_string(agent_.pid()) +
                         "; echo > " + (directory_ / "stopped") + "; done");
  hindrance.timeout = std::chrono::seconds(1);
  const auto hindering = client_.Open(hindrance);
  (void)testing::ReadSoon(directory_ / "stopped");
  auto other = agent_.Connect();
  for (int count = 0; count < 5; ++count) {
    auto request = Shell("true");
    request.timeout = std::chrono::milliseconds(100);
    const auto answer = other.Ask(request);  // whether it ran or not
    EXPECT_TRUE(answer.result || answer.error->code == Code::kExhausted);
  }
  EXPECT_TRUE(Outcome(client_.Finish(hindering)).timed_out);
}

TEST_F(ExecTest, AnEndInTimeIsNoTimeoutAlsoWhenItIsHeardOfLate) {
  auto request = Shell("echo $$ > " + (directory_ / "pid") + "; sleep 0.2");
  request.timeout = std::chrono::milliseconds(800);
  const auto channel = client_.Open(request);
  const auto pid = ReadPid("pid");
  ASSERT_GT(pid, 0);
  ASSERT_EQ(kill(agent_.pid(), SIGSTOP), 0);
  EXPECT_TRUE(testing::IsGoneSoon(pid));
  std::this_thread::sleep_for(request.timeout);
  ASSERT_EQ(kill(agent_.pid(), SIGCONT), 0);
  EXPECT_FALSE(Outcome(client_.Finish(channel)).timed_out);
}

TEST_F(ExecTest, AGrandchildThatHoldsThePipeDoesNotDelayTheEnd) {
  const auto before = std::chrono::steady_clock::now();
  const auto answer =
      client_.Ask(Shell("(setsid sleep 1000 & echo $! > " + (directory_ / "pid") + "); echo done"));
  EXPECT_EQ(answer.data, "done\n");
  EXPECT_EQ(Outcome(answer).value, 0U);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  EXPECT_TRUE(testing::IsGoneSoon(ReadPid("pid")));
}

TEST_F(ExecTest, WhatAskedToLeaveProcessesLeavesThem) {
  auto request = Shell("sleep 1000 > /dev/null 2>&1 & echo $!");
  request.leaves_processes = true;
  const auto answer = client_.Ask(request);
  const auto pid = static_cast<pid_t>(std::atoi(answer.data.c_str()));
  ASSERT_GT(pid, 0);
  EXPECT_EQ(kill(pid, 0), 0);
  EXPECT_EQ(kill(pid, SIGKILL), 0);
}

TEST_F(ExecTest, OutputBeyondTheLimitIsReadAndDroppedAndToldAsCut) {
  auto request = Shell("head -c 300000 /dev/zero; echo err >&2");
  request.output_max = Bytes{1000};
  const auto answer = client_.Ask(request);
  const auto outcome = Outcome(answer);
  EXPECT_EQ(answer.data.size(), 1000U);
  EXPECT_TRUE(outcome.stdout_cut);
  EXPECT_FALSE(outcome.stderr_cut);
  EXPECT_EQ(outcome.value, 0U);
}

TEST_F(ExecTest, OutputOfTheLastMomentIsNotLost) {
  for (int run = 0; run < 50; ++run) {
    auto request = Shell("head -c 1000000 /dev/zero");
    const auto answer = client_.Ask(request);
    ASSERT_EQ(answer.data.size(), 1'000'000U);
  }
}

TEST_F(ExecTest, AClientWithoutCreditStopsTheProgramAndNothingElse) {
  const auto stuck = client_.Open(Shell("head -c 500000 /dev/zero; echo x"), 1000);
  for (std::size_t seen = 0; seen < 1000;) {
    const auto frame = client_.Next();
    ASSERT_TRUE(frame);
    seen += frame->type == FrameType::kData ? frame->payload.size() : 0;
  }
  EXPECT_EQ(client_.Ask(Shell("echo other")).data, "other\n");
  std::string window;
  protocol::AppendWindow(window, stuck, 1U << 20U);
  client_.Send(window);
  EXPECT_EQ(client_.Finish(stuck).data.size(), 500'002U - 1000U);
}

TEST_F(ExecTest, NoOutputOvertakesTheNewsThatTheProgramRuns) {
  std::set<protocol::ChannelId> open;
  std::set<protocol::ChannelId> ready;
  for (int count = 0; count < 100; ++count) {
    open.insert(client_.Open(Shell("echo here")));
  }
  while (!open.empty()) {
    const auto frame = client_.Next();
    ASSERT_TRUE(frame);
    if (frame->type == FrameType::kReady) {
      ready.insert(frame->channel);
    } else if (frame->type == FrameType::kData) {
      EXPECT_TRUE(ready.contains(frame->channel)) << "channel " << frame->channel;
    } else if (frame->type == FrameType::kResult) {
      open.erase(frame->channel);
    }
  }
  EXPECT_EQ(ready.size(), 100U);
}

TEST_F(ExecTest, TheProgramHasThreeDescriptorsAndCanGainNoPrivileges) {
  const auto answer =
      client_.Ask(Shell("ls /proc/self/fd | tr '\\n' ' '; grep NoNewPrivs /proc/self/status"));
  EXPECT_EQ(answer.data, "0 1 2 3 NoNewPrivs:\t1\n");  // 3 is the directory that ls reads
}

TEST_F(ExecTest, TheEnvironmentIsTheSandboxesThenTheUsersThenTheRequests) {
  auto request = Shell("echo $LOGNAME:$EXTRA:$HOME");
  request.env = {{"EXTRA", "extra"}, {"HOME", "/elsewhere"}};
  const auto answer = client_.Ask(request);
  EXPECT_EQ(answer.data, FindUser(getuid()).name + ":extra:/elsewhere\n");
}

TEST_F(ExecTest, ASignalReachesTheProcessOrEverything) {
  const auto channel =
      client_.Open(Shell("trap 'echo caught; exit 0' USR1; echo ready; "
                         "while :; do sleep 0.05; done"));
  while (client_.Next()->type != FrameType::kData) {
  }
  std::string signal;
  protocol::AppendSignal(signal, channel,
                         {.signal = SIGUSR1, .scope = protocol::SignalScope::kProcess});
  client_.Send(signal);
  EXPECT_EQ(client_.Finish(channel).data, "caught\n");
}

TEST_F(ExecTest, AClosedChannelEndsAsCancelledAndItsProcessesDie) {
  const auto channel = client_.Open(Shell("echo $$ > " + (directory_ / "pid") + "; sleep 1000"));
  const auto pid = ReadPid("pid");
  std::string close;
  protocol::AppendClose(close, channel);
  client_.Send(close);
  const auto answer = client_.Finish(channel);
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Code::kCancelled);
  EXPECT_TRUE(testing::IsGoneSoon(pid));
}

TEST_F(ExecTest, ALostConnectionKillsWhatItStarted) {
  pid_t pid = 0;
  {
    auto other = agent_.Connect();
    (void)other.Open(Shell("echo $$ > " + (directory_ / "pid") + "; sleep 1000"));
    pid = ReadPid("pid");
  }
  EXPECT_TRUE(testing::IsGoneSoon(pid));
}

TEST_F(ExecTest, DataBeyondTheCreditEndsTheConnection) {
  auto request = Shell("sleep 1000");
  request.has_stdin = true;
  const auto channel = client_.Open(request);
  for (int frame = 0; frame < 10; ++frame) {
    client_.SendData(channel, std::string(60'000, 'x'));
  }
  const auto answer = client_.Finish(channel);
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Code::kUnavailable);
}

TEST_F(ExecTest, AChannelIdUsedTwiceEndsTheConnection) {
  const auto channel = client_.Open(Shell("sleep 1000"));
  std::string frame;
  ASSERT_TRUE(protocol::AppendOpen(frame, channel, {.credit = 0, .request = Shell("true")}));
  client_.Send(frame);
  EXPECT_EQ(client_.Finish(channel).error->code, Code::kUnavailable);
}

}  // namespace
}  // namespace paddock::agent
