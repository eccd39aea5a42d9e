#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing/test_agent.h"
#include "protocol/terminal_messages.h"

namespace paddock::agent {
namespace {

using protocol::FrameType;

constexpr std::uint64_t kAll = 1ULL << 40U;

class TerminalsTest : public ::testing::Test {
 protected:
  protocol::TerminalOpenRequest Request(std::string script) {
    protocol::TerminalOpenRequest request;
    request.uid = getuid();
    request.id = NewId<TerminalId>();
    request.cwd = "/";
    request.argv = {"/bin/sh", "-c", std::move(script)};
    return request;
  }

  // Opens a terminal and returns its id.
  TerminalId Start(std::string script) {
    auto request = Request(std::move(script));
    const auto id = request.id;
    const auto answer = client_.Ask(std::move(request));
    EXPECT_TRUE(answer.result) << answer.error->message;
    return id;
  }

  protocol::ChannelId Attach(testing::TestClient& client,
                             const TerminalId& id,
                             std::uint64_t limit = kAll) {
    const auto channel = client.Open(protocol::TerminalAttachRequest{.id = id});
    std::string message;
    protocol::terminal::Attach attach;
    attach.own = true;
    attach.column_count = 80;
    attach.row_count = 24;
    attach.limit = limit;
    protocol::terminal::Append(message, attach);
    client.SendData(channel, message);
    return channel;
  }

  void Type(testing::TestClient& client, protocol::ChannelId channel, std::string_view keys) {
    std::string message;
    protocol::terminal::Append(message, protocol::terminal::Input{.sequence = 0, .bytes = keys});
    client.SendData(channel, message);
  }

  struct Seen {
    std::string output;
    bool exited = false;
    std::uint32_t value = 0;
  };

  // All output until the program's exit, or until it ends with `until`.
  Seen Watch(testing::TestClient& client,
             protocol::ChannelId channel,
             std::string_view until = {}) {
    Seen seen;
    while (const auto frame = client.Next()) {
      if (frame->channel != channel || frame->type != FrameType::kData) {
        if (frame->channel == channel && frame->type != FrameType::kReady) {
          break;
        }
        continue;
      }
      std::string window;
      protocol::AppendWindow(window, channel, static_cast<std::uint32_t>(frame->payload.size()));
      client.Send(window);
      const auto message = protocol::terminal::ParseFromTerminal(frame->payload);
      EXPECT_TRUE(message);
      if (const auto* output = std::get_if<protocol::terminal::Output>(&*message)) {
        seen.output += output->bytes;
      } else if (const auto* exit = std::get_if<protocol::terminal::Exit>(&*message)) {
        seen.exited = true;
        seen.value = exit->value;
      }
      if (!until.empty() && seen.output.find(until) != std::string::npos) {
        break;
      }
    }
    return seen;
  }

  testing::TemporaryDirectory directory_;
  testing::TestAgent agent_;
  testing::TestClient client_ = agent_.Connect();
};

TEST_F(TerminalsTest, AllOutputArrivesBeforeTheExitHoweverShortTheLife) {
  for (int run = 0; run < 30; ++run) {
    const auto id = Start("head -c 300000 /dev/zero | tr '\\0' x; exit 7");
    const auto seen = Watch(client_, Attach(client_, id));
    ASSERT_EQ(seen.output.size(), 300'000U);
    ASSERT_TRUE(seen.exited);
    EXPECT_EQ(seen.value, 7U);
    ASSERT_TRUE(client_.Ask(protocol::TerminalCloseRequest{.id = id}).result);
  }
}

// What the program prints last fits into what the kernel holds, and nobody may read it yet.
TEST_F(TerminalsTest, TheLastOutputIsKeptForAViewerThatGrantsItsCreditLate) {
  const auto printed = directory_ / "printed";
  const auto go = directory_ / "go";
  const auto over = directory_ / "over";
  const auto wait_for = [](const std::string& file) {
    for (int waits = 0; waits < 1000 && !std::filesystem::exists(file); ++waits) {
      usleep(10'000);
    }
    usleep(100'000);  // the agent has read what there was, or has heard of the end
  };
  const auto id = Start("head -c 600000 /dev/zero | tr '\\0' x; echo > " + printed +
                        "; while ! [ -e " + go + " ]; do sleep 0.01; done; " +
                        "head -c 8000 /dev/zero | tr '\\0' y; echo > " + over + "; exit 7");
  wait_for(printed);
  const auto channel = Attach(client_, id, 0);
  ASSERT_TRUE(client_.Ask(protocol::TerminalListRequest{}).result);  // the viewer is there
  std::ofstream(go) << "go";
  wait_for(over);
  std::string message;
  protocol::terminal::Append(message, protocol::terminal::Credit{.limit = kAll});
  client_.SendData(channel, message);
  const auto seen = Watch(client_, channel);
  EXPECT_EQ(seen.output.size(), 608'000U);
  EXPECT_TRUE(seen.exited);
  EXPECT_EQ(seen.value, 7U);
}

TEST_F(TerminalsTest, KeystrokesReachAProgramThatHasATerminalOfItsOwn) {
  const auto id = Start(
      "tty > /dev/null && stty size && stty -echo && echo ready && read line && "
      "echo got $line");
  const auto channel = Attach(client_, id);
  EXPECT_THAT(Watch(client_, channel, "ready").output, ::testing::StartsWith("24 80\r\n"));
  Type(client_, channel, "hello\r");
  EXPECT_THAT(Watch(client_, channel).output, ::testing::EndsWith("got hello\r\n"));
}

TEST_F(TerminalsTest, ATerminalLivesOnWithoutAnyConnection) {
  TerminalId id("");
  {
    auto first = agent_.Connect();
    auto request = Request("echo before; read line; echo after");
    id = request.id;
    ASSERT_TRUE(first.Ask(request).result);
    EXPECT_THAT(Watch(first, Attach(first, id), "before").output, ::testing::HasSubstr("before"));
  }
  const auto channel = Attach(client_, id);
  EXPECT_THAT(Watch(client_, channel, "before").output, ::testing::HasSubstr("before"));
  Type(client_, channel, "\r");
  const auto seen = Watch(client_, channel);
  EXPECT_THAT(seen.output, ::testing::HasSubstr("after"));
  EXPECT_TRUE(seen.exited);
}

TEST_F(TerminalsTest, ClosingKillsEverythingThatItEverStartedAndTellsTheViewers) {
  const auto id = Start("setsid sh -c 'trap \"\" TERM HUP; echo $$ > " + (directory_ / "pid") +
                        "; sleep 1000; sleep 1000' & sleep 1000");
  const auto pid = static_cast<pid_t>(std::atoi(testing::ReadSoon(directory_ / "pid").c_str()));
  auto viewer = agent_.Connect();
  const auto channel = Attach(viewer, id);
  ASSERT_TRUE(client_.Ask(protocol::TerminalCloseRequest{.id = id}).result);
  EXPECT_TRUE(testing::IsGoneSoon(pid));
  EXPECT_TRUE(Watch(viewer, channel).exited);
  const auto again = client_.Ask(protocol::TerminalCloseRequest{.id = id});
  ASSERT_TRUE(again.error);
  EXPECT_EQ(again.error->code, Code::kNotFound);
}

TEST_F(TerminalsTest, AHangUpComesBeforeTheKillAlsoForWhatIsStopped) {
  // `wait` is over as soon as the signal comes, so that what is saved is saved well within the
  // grace.
  const auto id = Start("(trap 'echo saved > " + (directory_ / "saved") +
                        "; exit' HUP; echo $$ > " + (directory_ / "ready") +
                        "; while :; do sleep 1000 & wait; done) & exec sh -c 'kill -STOP $$'");
  (void)testing::ReadSoon(directory_ / "ready");
  ASSERT_TRUE(client_.Ask(protocol::TerminalCloseRequest{.id = id}).result);
  EXPECT_EQ(testing::ReadSoon(directory_ / "saved"), "saved\n");
}

TEST_F(TerminalsTest, ViewersThatShareAConnectionMayAllBeThereWhenTheAgentStops) {
  const auto id = Start("echo ready; sleep 1000");
  std::vector<protocol::ChannelId> channels;
  for (int count = 0; count < 4; ++count) {
    auto channel = client_.Open(protocol::TerminalAttachRequest{.id = id});
    std::string message;
    protocol::terminal::Attach attach;
    attach.client[0] = static_cast<char>('a' + count);
    attach.own = true;  // so whoever goes first makes another one the owner, which is told
    attach.limit = kAll;
    protocol::terminal::Append(message, attach);
    client_.SendData(channel, message);
    channels.push_back(channel);
  }
  (void)Watch(client_, channels.back(), "ready");
  agent_.Stop();
}

TEST_F(TerminalsTest, TheListNamesTheProgramInTheForeground) {
  const auto id = Start("echo ready; sleep 1000; :");
  (void)Watch(client_, Attach(client_, id), "ready");
  const auto answer = client_.Ask(protocol::TerminalListRequest{});
  const auto records = protocol::DecodeTerminals(answer.data);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 1U);
  EXPECT_EQ(records->front().id, id);
  EXPECT_EQ(records->front().title, "sh");
  EXPECT_EQ(records->front().viewer_count, 1U);
  EXPECT_FALSE(records->front().exited);
}

TEST_F(TerminalsTest, AnIdInUseIsAConflictAndAFailedStartLeavesNone) {
  auto request = Request("sleep 1000");
  ASSERT_TRUE(client_.Ask(request).result);
  EXPECT_EQ(client_.Ask(request).error->code, Code::kConflict);
  auto missing = Request("");
  missing.argv = {"/no/such/program"};
  EXPECT_EQ(client_.Ask(missing).error->code, Code::kInvalid);
  missing.argv = {"/bin/true"};
  EXPECT_TRUE(client_.Ask(missing).result);
}

}  // namespace
}  // namespace paddock::agent
