// AgentClient's long-lived channels: terminals and forwards.

#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "protocol/terminal_messages.h"
#include "sandbox/agent_client.h"
#include "sandbox/testing/scripted_agent.h"

namespace paddock::sandbox {
namespace {

namespace terminal = protocol::terminal;
using aio::Task;
using aio::testing::RunOn;
using protocol::FrameType;
using testing::ScriptedAgent;
using testing::ScriptThread;

Deadline Soon() { return Deadline::After(std::chrono::seconds(5)); }

template <class Message>
std::string Built(const Message& message) {
  std::string out;
  terminal::Append(out, message);
  return out;
}

TEST(AttachTest, MessagesAreRelayedAsTheyAreAndTheLastOnesBeforeTheEnd) {
  const std::string output = Built(terminal::Output{.offset = 5, .bytes = "hello"});
  const std::string exit = Built(terminal::Exit{.offset = 10, .signalled = false, .value = 0});
  const std::string attach = Built(terminal::Attach{});
  boost::asio::io_context loop;
  ScriptThread thread([&](ScriptedAgent& agent) {
    agent.Greet();
    const auto open = agent.Await(FrameType::kOpen);
    agent.Send(open.channel, FrameType::kReady);
    EXPECT_EQ(agent.Await(FrameType::kData).payload, attach);
    agent.Send(open.channel, FrameType::kData, output);
    agent.Send(open.channel, FrameType::kData, exit);
    agent.Send(open.channel, FrameType::kResult);
    EXPECT_FALSE(agent.Next());
  });
  const auto body = [&](UniqueFd stream) -> Task<bool> {
    auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
    EXPECT_TRUE(client);
    auto channel = co_await (*client)->AttachTerminal(NewId<TerminalId>(), Soon());
    EXPECT_TRUE(channel);
    client->reset();  // the channel keeps the connection
    auto refused = co_await (*channel)->Send("nonsense");
    EXPECT_EQ(refused.error().code, Code::kInvalid);
    auto sent = co_await (*channel)->Send(attach);
    EXPECT_TRUE(sent);
    auto first = co_await (*channel)->Receive();
    auto second = co_await (*channel)->Receive();
    auto third = co_await (*channel)->Receive();
    EXPECT_EQ(first, output);
    EXPECT_EQ(second, exit);
    EXPECT_EQ(third.error().code, Code::kCancelled);
    const std::string own = Built(terminal::Own{});
    auto late = co_await (*channel)->Send(own);
    EXPECT_EQ(late.error().code, Code::kCancelled);
    co_return true;
  };
  EXPECT_TRUE(RunOn(loop, body(thread.TakeClientEnd())));
}

TEST(AttachTest, AMessageThatIsNotOneEndsTheConnection) {
  boost::asio::io_context loop;
  ScriptThread thread([](ScriptedAgent& agent) {
    agent.Greet();
    const auto open = agent.Await(FrameType::kOpen);
    agent.Send(open.channel, FrameType::kReady);
    agent.Send(open.channel, FrameType::kData, Built(terminal::Own{}));  // of the wrong direction
    while (agent.Next()) {
    }
  });
  const auto body = [&](UniqueFd stream) -> Task<Code> {
    auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
    auto channel = co_await (*client)->AttachTerminal(NewId<TerminalId>(), Soon());
    EXPECT_TRUE(channel);
    auto message = co_await (*channel)->Receive();
    EXPECT_FALSE((*client)->is_open());
    co_return (message ? Code::kInternal : message.error().code);
  };
  EXPECT_EQ(RunOn(loop, body(thread.TakeClientEnd())), Code::kUnavailable);
}

TEST(AttachTest, ALongInputOfTheLargestSizePassesTwiceUnderItsCredit) {
  const std::string bytes(protocol::kTerminalBytesMax, 'k');
  boost::asio::io_context loop;
  ScriptThread thread([&](ScriptedAgent& agent) {
    agent.Greet();
    const auto open = agent.Await(FrameType::kOpen);
    agent.Send(open.channel, FrameType::kReady);
    for (std::uint64_t sequence = 0; sequence < 4 * bytes.size(); sequence += bytes.size()) {
      const auto data = agent.Await(FrameType::kData);
      const auto parsed = terminal::ParseFromViewer(data.payload);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(std::get<terminal::Input>(*parsed).sequence, sequence);
      std::string out;
      protocol::AppendWindow(out, open.channel, static_cast<std::uint32_t>(data.payload.size()));
      agent.Send(out);
    }
    agent.Send(open.channel, FrameType::kResult);
  });
  const auto body = [&](UniqueFd stream) -> Task<bool> {
    auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
    auto channel = co_await (*client)->AttachTerminal(NewId<TerminalId>(), Soon());
    for (std::uint64_t sequence = 0; sequence < 4 * bytes.size(); sequence += bytes.size()) {
      auto message = Built(terminal::Input{.sequence = sequence, .bytes = bytes});
      auto sent = co_await (*channel)->Send(std::move(message));
      EXPECT_TRUE(sent) << sent.error().message;
    }
    auto end = co_await (*channel)->Receive();
    co_return (end.error().code == Code::kCancelled);
  };
  EXPECT_TRUE(RunOn(loop, body(thread.TakeClientEnd())));
}

// Plays an echo server behind the forward: gives credit back, echoes, and ends after both ends.
void EchoForward(ScriptedAgent& agent) {
  agent.Greet();
  const auto open = agent.Await(FrameType::kOpen);
  agent.Send(open.channel, FrameType::kReady);
  std::uint64_t credit = protocol::DecodeOpen(open.payload)->credit;
  std::string waiting;
  bool ended = false;
  while (!ended || !waiting.empty()) {
    const auto piece =
        waiting.substr(0, std::min({credit, std::uint64_t{waiting.size()}, std::uint64_t{50'000}}));
    if (!piece.empty()) {
      agent.Send(open.channel, FrameType::kData, piece);
      credit -= piece.size();
      waiting.erase(0, piece.size());
      continue;
    }
    const auto frame = agent.Next();
    if (!frame) {
      return;
    }
    ended = ended || frame->type == FrameType::kDataEnd;
    if (frame->type == FrameType::kWindow) {
      credit += protocol::DecodeWindow(frame->payload).value_or(0);
    } else if (frame->type == FrameType::kData) {
      waiting += frame->payload;
      std::string out;
      protocol::AppendWindow(out, open.channel, static_cast<std::uint32_t>(frame->payload.size()));
      agent.Send(out);
    }
  }
  agent.Send(open.channel, FrameType::kDataEnd);
  agent.Send(open.channel, FrameType::kResult);
}

Task<bool> OpenForward(boost::asio::io_context& loop,
                       UniqueFd stream,
                       std::string target,
                       std::promise<UniqueFd>& out) {
  auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
  EXPECT_TRUE(client);
  auto forward = co_await (*client)->Forward(std::move(target), Soon());
  EXPECT_TRUE(forward) << forward.error().message;
  const bool opened = forward.has_value();
  out.set_value(opened ? *std::move(forward) : UniqueFd());
  co_return opened;
}

// A forward to `script`, and the loop that carries it on a thread of its own: Join returns once
// nothing of the forward is left.
class RunningForward {
 public:
  RunningForward(ScriptThread& script, std::string target) {
    thread_ = std::thread([this, stream = script.TakeClientEnd(),
                           name = std::move(target)]() mutable {
      EXPECT_TRUE(RunOn(loop_, OpenForward(loop_, std::move(stream), std::move(name), promise_)));
    });
    caller_end_ = promise_.get_future().get();
  }
  RunningForward(const RunningForward&) = delete;
  RunningForward& operator=(const RunningForward&) = delete;
  ~RunningForward() { Join(); }

  [[nodiscard]] UniqueFd& caller_end() { return caller_end_; }
  void Join() {
    caller_end_.Reset();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  boost::asio::io_context loop_;
  std::promise<UniqueFd> promise_;
  std::thread thread_;
  UniqueFd caller_end_;
};

TEST(ForwardTest, FourMegabytesComeBackWholeThroughASlowReader) {
  ScriptThread script(EchoForward);
  RunningForward running(script, "tcp:80");
  auto& forward = running.caller_end();
  ASSERT_TRUE(forward);
  std::string sent(4U << 20U, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) {
    sent[i] = static_cast<char>(i * 7 + i / 251);
  }
  std::thread writer([&] {
    std::string_view rest = sent;
    while (!rest.empty()) {
      const auto count = send(forward.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      ASSERT_GT(count, 0);
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    shutdown(forward.get(), SHUT_WR);
  });
  std::string received;
  char buffer[30'000];
  for (ssize_t count = 1; count > 0;) {
    count = recv(forward.get(), buffer, sizeof(buffer), 0);
    received.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  writer.join();
  running.Join();
  EXPECT_TRUE(received == sent) << received.size();
}

TEST(ForwardTest, ACallerThatClosesItsEndClosesTheChannel) {
  bool closed = false;
  ScriptThread script([&closed](ScriptedAgent& agent) {
    agent.Greet();
    const auto open = agent.Await(FrameType::kOpen);
    agent.Send(open.channel, FrameType::kReady);
    EXPECT_EQ(agent.Await(FrameType::kData).payload, "last words");
    EXPECT_EQ(agent.Await(FrameType::kDataEnd).channel, open.channel);
    agent.Send(open.channel, FrameType::kData, "nobody listens");
    closed = agent.Await(FrameType::kClose).type == FrameType::kClose;
  });
  RunningForward running(script, "unix:/run/x");
  ASSERT_EQ(write(running.caller_end().get(), "last words", 10), 10);
  running.Join();
  script.Join();
  EXPECT_TRUE(closed);
}

TEST(ForwardTest, ATargetThatIsNoneIsRefused) {
  boost::asio::io_context loop;
  ScriptThread script([](ScriptedAgent& agent) {
    agent.Greet();
    while (agent.Next()) {
    }
  });
  const auto body = [&](UniqueFd stream) -> Task<bool> {
    auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
    EXPECT_TRUE(client);
    for (std::string target : {"", "tcp:", "tcp:0", "tcp:65536", "tcp:80x", "unix:x", "80"}) {
      auto forward = co_await (*client)->Forward(target, Soon());
      EXPECT_FALSE(forward) << target;
      EXPECT_EQ(forward.error().code, Code::kInvalid);
    }
    co_return (*client)->is_open();
  };
  EXPECT_TRUE(RunOn(loop, body(script.TakeClientEnd())));
}

TEST(ListTest, AListingOfVeryLongNamesIsCutAndSaysSo) {
  static constexpr int kCount = 1000;
  boost::asio::io_context loop;
  ScriptThread thread([](ScriptedAgent& agent) {
    agent.Greet();
    const auto open = agent.Await(FrameType::kOpen);
    protocol::FileRecord record;
    record.kind = protocol::EntryKind::kSymlink;
    record.name = std::string(200, 'n');
    record.link_target = std::string(4000, 't');
    std::string one;
    protocol::PutRecord(one, record);
    std::uint64_t credit = protocol::DecodeOpen(open.payload)->credit;
    for (int count = 0; count < kCount; ++count) {
      while (credit < one.size()) {
        const auto window = agent.Await(FrameType::kWindow);
        credit += protocol::DecodeWindow(window.payload).value_or(0);
      }
      agent.Send(open.channel, FrameType::kData, one);
      credit -= one.size();
    }
    std::string end;
    protocol::AppendListEnd(end, open.channel, false);
    agent.Send(end);
    while (agent.Next()) {  // credit that was under way
    }
  });
  const auto body = [&](UniqueFd stream) -> Task<bool> {
    auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
    EXPECT_TRUE(client);
    auto directory = co_await (*client)->ListDirectory("/", kCount, Soon());
    EXPECT_TRUE(directory) << directory.error().message;
    EXPECT_TRUE(directory->truncated);
    EXPECT_EQ(directory->entries.size(), (1U << 20U) / 4200U);
    co_return true;
  };
  EXPECT_TRUE(RunOn(loop, body(thread.TakeClientEnd())));
}

}  // namespace
}  // namespace paddock::sandbox
