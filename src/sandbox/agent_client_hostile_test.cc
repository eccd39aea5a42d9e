// AgentClient against agents that break the protocol: the connection ends, every call fails with
// kUnavailable, and nothing grows without bound.

#include <future>
#include <random>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "sandbox/agent_client.h"
#include "sandbox/testing/scripted_agent.h"

namespace paddock::sandbox {
namespace {

using aio::Task;
using aio::testing::RunOn;
using protocol::FrameType;
using testing::ScriptedAgent;
using testing::ScriptThread;

Deadline Soon() { return Deadline::After(std::chrono::seconds(5)); }

struct Ending {
  Result<ExecResult> exec = Fail(Code::kInternal, "not run");
  bool open_afterwards = true;
  Code next_code = Code::kInternal;  // of a call on the ended connection
};

Task<Ending> ExecOnce(boost::asio::io_context& loop, UniqueFd stream, Deadline deadline) {
  Ending ending;
  auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
  if (!client) {
    ending.exec = Fail(std::move(client).error());
    co_return ending;
  }
  ExecSpec spec;
  spec.argv = {"true"};
  auto result = co_await (*client)->Exec(std::move(spec), deadline);
  ending.exec = std::move(result);
  ending.open_afterwards = (*client)->is_open();
  auto next = co_await (*client)->Stats(deadline);
  ending.next_code = next ? Code::kInternal : next.error().code;
  co_return ending;
}

using Break = void (*)(ScriptedAgent&, protocol::ChannelId exec);

struct Hostility {
  const char* name;
  Break act;
  friend void PrintTo(const Hostility& hostility, std::ostream* out) { *out << hostility.name; }
};

void Ready(ScriptedAgent& agent, protocol::ChannelId channel) {
  std::string out;
  protocol::AppendProcessId(out, channel, 1);
  agent.Send(out);
}

const Hostility kHostilities[] = {
    {"DataOnAChannelNeverOpened",
     [](ScriptedAgent& agent, protocol::ChannelId exec) {
       agent.Send(exec + 1, FrameType::kData, "x");
     }},
    {"MoreCreditThanThereMayBe",
     [](ScriptedAgent& agent, protocol::ChannelId exec) {
       Ready(agent, exec);
       std::string burst;
       for (int i = 0; i < 40; ++i) {
         protocol::AppendFrame(burst, exec, FrameType::kWindow, std::string("\0\x40\0\0", 4));
       }
       agent.Send(burst);
     }},
    {"DataBeforeReady", [](ScriptedAgent& agent,
                           protocol::ChannelId exec) { agent.Send(exec, FrameType::kData, "x"); }},
    {"ResultBeforeReady",
     [](ScriptedAgent& agent, protocol::ChannelId exec) {
       std::string out;
       protocol::AppendOutcome(out, exec, {});
       agent.Send(out);
     }},
    {"ReadyTwice",
     [](ScriptedAgent& agent, protocol::ChannelId exec) {
       Ready(agent, exec);
       Ready(agent, exec);
     }},
    {"DataAfterItsEnd",
     [](ScriptedAgent& agent, protocol::ChannelId exec) {
       Ready(agent, exec);
       agent.Send(exec, FrameType::kDataEnd);
       agent.Send(exec, FrameType::kData, "x");
     }},
    {"AMalformedOutcome",
     [](ScriptedAgent& agent, protocol::ChannelId exec) {
       Ready(agent, exec);
       agent.Send(exec, FrameType::kResult, "nonsense");
     }},
    {"AFrameThatOnlyTheClientSends",
     [](ScriptedAgent& agent, protocol::ChannelId exec) { agent.Send(exec, FrameType::kClose); }},
    {"ASecondHello", [](ScriptedAgent& agent, protocol::ChannelId /*exec*/) { agent.Greet(); }},
    {"AnEndlessFrame",
     [](ScriptedAgent& agent, protocol::ChannelId /*exec*/) {
       agent.Send(std::string_view("\xff\xff\xff\xff\0\0\0\1\x21", 9));
     }},
    {"AnUnknownType",
     [](ScriptedAgent& agent, protocol::ChannelId exec) {
       agent.Send(exec, static_cast<FrameType>(0x77), "x");
     }},
    {"AGoAway",
     [](ScriptedAgent& agent, protocol::ChannelId /*exec*/) {
       std::string out;
       protocol::AppendGoAway(out, {.code = Code::kInternal, .message = "no"});
       agent.Send(out);
     }},
    {"TheEndOfTheStream",
     [](ScriptedAgent& agent, protocol::ChannelId /*exec*/) { agent.Close(); }},
    {"HalfAFrameAndTheEnd",
     [](ScriptedAgent& agent, protocol::ChannelId /*exec*/) {
       agent.Send(std::string_view("\0\0\0\5\0\0", 6));
       agent.Close();
     }},
};

class HostileAgentTest : public ::testing::TestWithParam<Hostility> {};

TEST_P(HostileAgentTest, EndsTheConnectionAndEveryCall) {
  boost::asio::io_context loop;
  ScriptThread thread([act = GetParam().act](ScriptedAgent& agent) {
    agent.Greet();
    const auto open = agent.Await(FrameType::kOpen);
    act(agent, open.channel);
    while (agent.Next()) {
    }
  });
  const auto ending = RunOn(loop, ExecOnce(loop, thread.TakeClientEnd(), Soon()));
  ASSERT_FALSE(ending.exec);
  EXPECT_EQ(ending.exec.error().code, Code::kUnavailable) << ending.exec.error().message;
  EXPECT_FALSE(ending.open_afterwards);
  EXPECT_EQ(ending.next_code, Code::kUnavailable);
}

INSTANTIATE_TEST_SUITE_P(All,
                         HostileAgentTest,
                         ::testing::ValuesIn(kHostilities),
                         [](const ::testing::TestParamInfo<Hostility>& test) {
                           return std::string(test.param.name);
                         });

TEST(HostileGreetingTest, ASilentAgentIsGivenUpAtTheDeadline) {
  boost::asio::io_context loop;
  ScriptThread thread([](ScriptedAgent& agent) {
    while (agent.Next()) {
    }
  });
  const auto open = [&loop](UniqueFd stream) -> Task<Code> {
    const auto deadline = Deadline::After(std::chrono::milliseconds(20));
    auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), deadline);
    co_return (client ? Code::kInternal : client.error().code);
  };
  EXPECT_EQ(RunOn(loop, open(thread.TakeClientEnd())), Code::kDeadlineExceeded);
}

TEST(HostileGreetingTest, AnotherVersionOrAnotherProtocolIsRefused) {
  std::string other_version;
  protocol::AppendHello(other_version, {.version = 2, .software = "later"});
  std::string no_hello;
  protocol::AppendWindow(no_hello, 1, 1);
  for (const auto& greeting : {other_version, no_hello, std::string("HTTP/1.1 400 Bad Request")}) {
    boost::asio::io_context loop;
    ScriptThread thread([&greeting](ScriptedAgent& agent) {
      agent.Send(greeting);
      while (agent.Next()) {
      }
    });
    const auto ending = RunOn(loop, ExecOnce(loop, thread.TakeClientEnd(), Soon()));
    ASSERT_FALSE(ending.exec);
    EXPECT_EQ(ending.exec.error().code, Code::kUnavailable) << ending.exec.error().message;
  }
}

TEST(HostileDataTest, MoreThanTheCreditOfAFileThatNobodyReadsEndsTheConnection) {
  boost::asio::io_context loop;
  ScriptThread thread([](ScriptedAgent& agent) {
    agent.Greet();
    const auto open = agent.Await(FrameType::kOpen);
    protocol::FileRecord record;
    record.size = 1_GiB;
    std::string out;
    protocol::AppendFile(out, open.channel, FrameType::kReady, record);
    agent.Send(out);
    for (int i = 0; i < 5; ++i) {  // 320 KiB where 256 were granted
      agent.Send(open.channel, FrameType::kData, std::string(65'536, 'x'));
    }
    EXPECT_EQ(agent.Await(FrameType::kGoAway).type, FrameType::kGoAway);
  });
  const auto body = [&loop](UniqueFd stream) -> Task<Code> {
    auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
    EXPECT_TRUE(client);
    auto file = co_await (*client)->ReadFile("/f", 0, 1U << 30U, Soon());
    EXPECT_TRUE(file);
    // Stats waits for an answer that never comes: it ends with the connection.
    auto stats = co_await (*client)->Stats(Soon());
    co_return (stats ? Code::kInternal : stats.error().code);
  };
  EXPECT_EQ(RunOn(loop, body(thread.TakeClientEnd())), Code::kUnavailable);
}

TEST(HostileDataTest, AFileLongerThanToldEndsTheConnection) {
  boost::asio::io_context loop;
  ScriptThread thread([](ScriptedAgent& agent) {
    agent.Greet();
    const auto open = agent.Await(FrameType::kOpen);
    protocol::FileRecord record;
    record.size = Bytes{3};
    std::string out;
    protocol::AppendFile(out, open.channel, FrameType::kReady, record);
    protocol::AppendFrame(out, open.channel, FrameType::kData, "four");
    agent.Send(out);
    while (agent.Next()) {
    }
  });
  const auto body = [&loop](UniqueFd stream) -> Task<Code> {
    auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
    EXPECT_TRUE(client);
    auto file = co_await (*client)->ReadFile("/f", 0, 100, Soon());
    EXPECT_TRUE(file);
    auto piece = co_await file->bytes->Read(Soon());
    EXPECT_FALSE((*client)->is_open());
    co_return (piece ? Code::kInternal : piece.error().code);
  };
  EXPECT_EQ(RunOn(loop, body(thread.TakeClientEnd())), Code::kUnavailable);
}

Task<void> ExecInto(std::shared_ptr<AgentClient> client, std::vector<Code>& codes) {
  ExecSpec spec;
  spec.argv = {"true"};
  auto result = co_await client->Exec(std::move(spec), Soon());
  codes.push_back(result ? Code::kInternal : result.error().code);
}

TEST(HostileDataTest, AnAgentThatDiesFailsAllCallsUnderWayAndTooManyAreRefused) {
  constexpr int kCalls = protocol::kChannelCountMax + 5;
  boost::asio::io_context loop;
  ScriptThread thread([](ScriptedAgent& agent) {
    agent.Greet();
    for (int i = 0; i < protocol::kChannelCountMax; ++i) {
      EXPECT_EQ(agent.Await(FrameType::kOpen).type, FrameType::kOpen);
    }
  });
  std::vector<Code> codes;
  const auto body = [&](UniqueFd stream) -> Task<bool> {
    auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
    EXPECT_TRUE(client);
    aio::TaskScope scope(loop.get_executor());
    for (int i = 0; i < kCalls; ++i) {
      scope.Spawn(ExecInto(*client, codes));
    }
    co_await scope.Join();
    co_return true;
  };
  EXPECT_TRUE(RunOn(loop, body(thread.TakeClientEnd())));
  EXPECT_EQ(std::ranges::count(codes, Code::kExhausted), 5);
  EXPECT_EQ(std::ranges::count(codes, Code::kUnavailable), protocol::kChannelCountMax);
}

Task<void> FeedInto(std::shared_ptr<AgentClient> client, std::vector<Code>& codes) {
  ExecSpec spec;
  spec.argv = {"cat"};
  spec.stdin_data = std::string(protocol::kAgentCreditInitial, 'x');
  const auto deadline = Deadline::After(std::chrono::milliseconds(200));
  auto result = co_await client->Exec(std::move(spec), deadline);
  codes.push_back(result ? Code::kInternal : result.error().code);
}

TEST(HostileDataTest, AnAgentThatReadsNothingIsSentNoMoreThanTheOutboxHolds) {
  constexpr int kCalls = 100;  // 12.8 MB, all of it within the credit
  boost::asio::io_context loop;
  std::promise<void> over;
  ScriptThread thread([done = over.get_future().share()](ScriptedAgent& agent) {
    agent.Greet();
    done.wait();
  });
  std::vector<Code> codes;
  const auto body = [&](UniqueFd stream) -> Task<bool> {
    auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
    EXPECT_TRUE(client);
    aio::TaskScope scope(loop.get_executor());
    for (int i = 0; i < kCalls; ++i) {
      scope.Spawn(FeedInto(*client, codes));
    }
    co_await scope.Join();
    co_return (*client)->is_open();
  };
  EXPECT_TRUE(RunOn(loop, body(thread.TakeClientEnd())));
  over.set_value();
  const auto refused = std::ranges::count(codes, Code::kExhausted);
  EXPECT_GT(refused, kCalls / 2) << "calls beyond the outbox are refused at once";
  EXPECT_EQ(std::ranges::count(codes, Code::kDeadlineExceeded), kCalls - refused);
}

// Frames that are well formed one by one, in an order that no agent would choose.
TEST(HostileDataTest, FramesInAnyOrderNeverHarmTheClient) {
  constexpr FrameType kTypes[] = {FrameType::kWindow,  FrameType::kData,  FrameType::kErrorData,
                                  FrameType::kDataEnd, FrameType::kReady, FrameType::kResult,
                                  FrameType::kError};
  for (unsigned seed = 1; seed <= 200; ++seed) {
    boost::asio::io_context loop;
    ScriptThread thread([&kTypes, seed](ScriptedAgent& agent) {
      std::mt19937 random(seed);
      agent.Greet();
      const auto open = agent.Await(FrameType::kOpen);
      for (int i = 0; i < 20; ++i) {
        const auto type = kTypes[random() % std::size(kTypes)];
        const std::size_t size = random() % 3 == 0 ? 4 : random() % 40;
        std::string payload(size, '\0');
        std::ranges::generate(payload, [&random] { return static_cast<char>(random() % 4); });
        agent.Send(random() % 10 == 0 ? open.channel + 1000 : open.channel, type, payload);
      }
      agent.Close();
    });
    const auto ending = RunOn(loop, ExecOnce(loop, thread.TakeClientEnd(), Soon()));
    // Some of these orders end the call properly; the next one meets the end at the latest.
    EXPECT_EQ(ending.next_code, Code::kUnavailable) << "seed " << seed;
  }
}

}  // namespace
}  // namespace paddock::sandbox
