// Terminals through AgentClient in the real agent.

#include "agent_test.h"
#include "protocol/terminal_messages.h"

namespace paddock::sandbox {
namespace {

namespace terminal = protocol::terminal;

class TerminalTest : public AgentTest {
 protected:
  [[nodiscard]] TerminalId OpenShell(std::string command) {
    TerminalSpec spec{.id = NewId<TerminalId>(),
                      .argv = {"sh", "-c", std::move(command)},
                      .env = {},
                      .cwd = agent_.directory()};
    const auto id = spec.id;
    const auto info = Wait(client_->OpenTerminal(std::move(spec), Soon()));
    EXPECT_TRUE(info) << info.error().message;
    return id;
  }
  [[nodiscard]] std::unique_ptr<TerminalChannel> Attach(AgentClient& client,
                                                        const TerminalId& id,
                                                        std::uint64_t from) {
    auto channel = Wait(client.AttachTerminal(id, Soon()));
    EXPECT_TRUE(channel) << channel.error().message;
    terminal::Attach attach;
    attach.resume = from > 0;
    attach.offset = from;
    attach.limit = 1U << 30U;
    Send(**channel, attach);
    return *std::move(channel);
  }
  template <class Message>
  void Send(TerminalChannel& channel, const Message& message) {
    std::string bytes;
    terminal::Append(bytes, message);
    const auto sent = Wait(channel.Send(std::move(bytes)));
    EXPECT_TRUE(sent) << sent.error().message;
  }
  // Takes messages until `stop` says so, or the channel ends. Collects output, checks its address.
  template <class Stop>
  void Follow(TerminalChannel& channel, Stop stop) {
    for (;;) {
      const auto message = Wait(channel.Receive());
      if (!message) {
        end_ = message.error().code;
        return;
      }
      const auto parsed = terminal::ParseFromTerminal(*message);
      ASSERT_TRUE(parsed);
      if (const auto* output = std::get_if<terminal::Output>(&*parsed)) {
        EXPECT_EQ(output->offset, offset_);
        offset_ += output->bytes.size();
        output_ += output->bytes;
      } else if (const auto* exit = std::get_if<terminal::Exit>(&*parsed)) {
        exit_ = *exit;
      }
      if (stop()) {
        return;
      }
    }
  }

  std::string output_;
  std::uint64_t offset_ = 0;
  std::optional<terminal::Exit> exit_;
  std::optional<Code> end_;
};

TEST_F(TerminalTest, TypedInputIsEchoedAndTheExitComesLast) {
  const auto id = OpenShell("read line; echo got $line; exit 5");
  const auto channel = Attach(*client_, id, 0);
  Send(*channel, terminal::Input{.sequence = 0, .bytes = "keys\r"});
  Follow(*channel, [] { return false; });
  EXPECT_NE(output_.find("got keys"), std::string::npos) << output_;
  ASSERT_TRUE(exit_);
  EXPECT_EQ(exit_->value, 5U);
  EXPECT_EQ(exit_->offset, offset_);
  EXPECT_EQ(end_, Code::kCancelled);
}

TEST_F(TerminalTest, ItRunsOnWithoutConnectionsAndIsResumedByOffset) {
  const auto id = OpenShell("echo one; read x; echo two; read y");
  auto channel = Attach(*client_, id, 0);
  Follow(*channel, [this] { return output_.ends_with("one\r\n"); });
  channel.reset();
  client_ = Open();  // the old connection goes
  const auto list = Wait(client_->ListTerminals(Soon()));
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(list->front().id, id);
  EXPECT_FALSE(list->front().exited);
  channel = Attach(*client_, id, offset_);
  Send(*channel, terminal::Input{.sequence = 0, .bytes = "\r"});
  Follow(*channel, [this] { return output_.ends_with("two\r\n"); });
  EXPECT_EQ(output_, "one\r\n\r\ntwo\r\n");
  EXPECT_TRUE(Wait(client_->CloseTerminal(id, Soon())));
  EXPECT_EQ(Wait(client_->CloseTerminal(id, Soon())).error().code, Code::kNotFound);
  EXPECT_EQ(Wait(client_->AttachTerminal(id, Soon())).error().code, Code::kNotFound);
}

TEST_F(TerminalTest, NoByteOfAMegabyteIsLostBeforeTheExit) {
  for (int round = 0; round < 20; ++round) {
    output_.clear();
    offset_ = 0;
    const auto id = OpenShell("stty raw; seq 1 150000");
    const auto channel = Attach(*client_, id, 0);
    Follow(*channel, [] { return false; });
    std::string expected;
    for (int i = 1; i <= 150'000; ++i) {
      expected += std::to_string(i) + "\n";
    }
    ASSERT_TRUE(output_ == expected) << "round " << round << ": " << output_.size();
    EXPECT_TRUE(Wait(client_->CloseTerminal(id, Soon())));
  }
}

TEST_F(TerminalTest, AViewerThatTakesNothingBlocksNoExec) {
  const auto id = OpenShell("yes");
  const auto channel = Attach(*client_, id, 0);
  for (int i = 0; i < 5; ++i) {
    const auto result = Shell("echo here");
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->stdout_data, "here\n");
  }
  EXPECT_TRUE(Wait(client_->CloseTerminal(id, Soon())));
}

}  // namespace
}  // namespace paddock::sandbox
