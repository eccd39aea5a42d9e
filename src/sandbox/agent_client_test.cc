// AgentClient against agents that keep the protocol.

#include "sandbox/agent_client.h"

#include <future>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "protocol/terminal_messages.h"
#include "sandbox/testing/scripted_agent.h"

namespace paddock::sandbox {
namespace {

using aio::Task;
using aio::testing::RunOn;
using protocol::FrameType;
using testing::ScriptedAgent;
using testing::ScriptThread;

using Client = std::shared_ptr<AgentClient>;
using Body = std::function<Task<bool>(Client)>;

Deadline Soon() { return Deadline::After(std::chrono::seconds(5)); }

Task<bool> OpenAndRun(boost::asio::io_context& loop, UniqueFd stream, Body body) {
  auto client = co_await AgentClient::Open(loop.get_executor(), std::move(stream), Soon());
  EXPECT_TRUE(client) << client.error().message;
  if (!client) {
    co_return false;
  }
  auto running = body(*std::move(client));
  const bool done = co_await std::move(running);
  co_return done;
}

// Opens a client against `script` and runs `body`, which says true at its end.
void Play(std::function<void(ScriptedAgent&)> script, const Body& body) {
  boost::asio::io_context loop;
  ScriptThread thread([run = std::move(script)](ScriptedAgent& agent) {
    agent.Greet();
    run(agent);
  });
  EXPECT_TRUE(RunOn(loop, OpenAndRun(loop, thread.TakeClientEnd(), body)));
}

void EndExec(ScriptedAgent& agent, protocol::ChannelId channel, std::uint32_t exit_code) {
  std::string out;
  protocol::ExecOutcome outcome;
  outcome.value = exit_code;
  outcome.wall_time = std::chrono::milliseconds(12);
  outcome.cpu_time = std::chrono::milliseconds(3);
  outcome.memory_peak = 2_MiB;
  protocol::AppendOutcome(out, channel, outcome);
  agent.Send(out);
}

ExecSpec Shell(std::string command) {
  ExecSpec spec;
  spec.shell = std::move(command);
  return spec;
}

TEST(AgentClientTest, AnExecReturnsOutputAndFigures) {
  const auto script = [](ScriptedAgent& agent) {
    const auto open = agent.Await(FrameType::kOpen);
    const auto request = protocol::DecodeOpen(open.payload);
    ASSERT_TRUE(request);
    const auto& exec = std::get<protocol::ExecRequest>(request->request);
    EXPECT_EQ(exec.argv, (std::vector<std::string>{"/bin/sh", "-c", "echo hi"}));
    EXPECT_FALSE(exec.has_stdin);
    std::string out;
    protocol::AppendProcessId(out, open.channel, 7);
    protocol::AppendFrame(out, open.channel, FrameType::kData, "hi\n");
    protocol::AppendFrame(out, open.channel, FrameType::kErrorData, "oh\n");
    agent.Send(out);
    EndExec(agent, open.channel, 3);
  };
  const auto body = [](Client client) -> Task<bool> {
    auto result = co_await client->Exec(Shell("echo hi"), Soon());
    EXPECT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->exit_code, 3);
    EXPECT_FALSE(result->signal);
    EXPECT_EQ(result->stdout_data, "hi\n");
    EXPECT_EQ(result->stderr_data, "oh\n");
    EXPECT_FALSE(result->stdout_truncated || result->stderr_truncated || result->timed_out);
    EXPECT_EQ(result->wall_time, std::chrono::milliseconds(12));
    EXPECT_EQ(result->cpu_time, std::chrono::milliseconds(3));
    EXPECT_EQ(result->memory_peak, 2_MiB);
    co_return true;
  };
  Play(script, body);
}

TEST(AgentClientTest, OutputBeyondTheLimitIsDroppedEvenWhenTheAgentSendsIt) {
  const auto script = [](ScriptedAgent& agent) {
    const auto open = agent.Await(FrameType::kOpen);
    std::string out;
    protocol::AppendProcessId(out, open.channel, 7);
    protocol::AppendFrame(out, open.channel, FrameType::kData, std::string(1000, 'a'));
    protocol::AppendFrame(out, open.channel, FrameType::kData, std::string(1000, 'b'));
    agent.Send(out);
    EndExec(agent, open.channel, 0);
  };
  const auto body = [](Client client) -> Task<bool> {
    auto spec = Shell("x");
    spec.output_max = Bytes{1500};
    auto result = co_await client->Exec(std::move(spec), Soon());
    EXPECT_TRUE(result);
    EXPECT_EQ(result->stdout_data, std::string(1000, 'a') + std::string(500, 'b'));
    EXPECT_TRUE(result->stdout_truncated);
    EXPECT_FALSE(result->stderr_truncated);
    co_return true;
  };
  Play(script, body);
}

TEST(AgentClientTest, StdinWaitsForCreditAndIsClosed) {
  const std::string input(1U << 20U, 'i');
  std::string received;
  bool ended = false;
  const auto script = [&](ScriptedAgent& agent) {
    const auto open = agent.Await(FrameType::kOpen);
    std::string out;
    protocol::AppendProcessId(out, open.channel, 7);
    agent.Send(out);
    std::uint64_t granted = protocol::kAgentCreditInitial;
    for (auto frame = agent.Next(); frame; frame = agent.Next()) {
      ended = frame->type == FrameType::kDataEnd;
      if (ended) {
        break;
      }
      received += frame->payload;
      EXPECT_LE(received.size(), granted);
      if (received.size() == granted) {
        out.clear();
        protocol::AppendWindow(out, open.channel, 100'000);
        granted += 100'000;
        agent.Send(out);
      }
    }
    EndExec(agent, open.channel, 0);
  };
  const auto body = [&input](Client client) -> Task<bool> {
    auto spec = Shell("cat");
    spec.stdin_data = input;
    auto result = co_await client->Exec(std::move(spec), Soon());
    co_return result.has_value();
  };
  Play(script, body);
  EXPECT_TRUE(received == input);
  EXPECT_TRUE(ended);
}

TEST(AgentClientTest, AProgramThatEndsWithoutReadingStdinEndsTheCall) {
  const auto script = [](ScriptedAgent& agent) {
    const auto open = agent.Await(FrameType::kOpen);
    std::string out;
    protocol::AppendProcessId(out, open.channel, 7);
    agent.Send(out);
    static_cast<void>(agent.Await(FrameType::kData));
    EndExec(agent, open.channel, 0);
    while (agent.Next()) {
    }
  };
  const auto body = [](Client client) -> Task<bool> {
    auto spec = Shell("true");
    spec.stdin_data = std::string(4U << 20U, 'i');
    auto result = co_await client->Exec(std::move(spec), Soon());
    co_return (result.has_value() && client->is_open());
  };
  Play(script, body);
}

TEST(AgentClientTest, AnErrorOfTheAgentKeepsItsCodeAndMessage) {
  const auto script = [](ScriptedAgent& agent) {
    const auto open = agent.Await(FrameType::kOpen);
    std::string out;
    protocol::AppendError(out, open.channel,
                          {.code = Code::kNotFound, .message = "/x: no such file"});
    agent.Send(out);
    while (agent.Next()) {
    }
  };
  const auto body = [](Client client) -> Task<bool> {
    auto info = co_await client->Stat("/x", Soon());
    EXPECT_FALSE(info);
    EXPECT_EQ(info.error().code, Code::kNotFound);
    EXPECT_EQ(info.error().message, "/x: no such file");
    co_return client->is_open();
  };
  Play(script, body);
}

TEST(AgentClientTest, APassedDeadlineClosesTheChannelAndTheConnectionLivesOn) {
  const auto script = [](ScriptedAgent& agent) {
    const auto open = agent.Await(FrameType::kOpen);
    std::string out;
    protocol::AppendProcessId(out, open.channel, 7);
    agent.Send(out);
    const auto close = agent.Await(FrameType::kClose);
    EXPECT_EQ(close.channel, open.channel);
    // Under way when CLOSE came: dropped without harm.
    agent.Send(open.channel, FrameType::kData, "late");
    out.clear();
    protocol::AppendError(out, open.channel, {.code = Code::kCancelled, .message = "closed"});
    agent.Send(out);
    const auto second = agent.Await(FrameType::kOpen);
    EXPECT_GT(second.channel, open.channel);
    out.clear();
    protocol::AppendProcessId(out, second.channel, 8);
    agent.Send(out);
    EndExec(agent, second.channel, 0);
  };
  const auto body = [](Client client) -> Task<bool> {
    const auto deadline = Deadline::After(std::chrono::milliseconds(20));
    auto late = co_await client->Exec(Shell("sleep 1"), deadline);
    EXPECT_FALSE(late);
    EXPECT_EQ(late.error().code, Code::kDeadlineExceeded);
    auto next = co_await client->Exec(Shell("true"), Soon());
    EXPECT_TRUE(next) << next.error().message;
    co_return client->is_open();
  };
  Play(script, body);
}

Task<void> ExecInto(Client client, std::optional<Result<ExecResult>>& out) {
  auto result = co_await client->Exec(Shell("sleep 100"), Deadline::Never());
  out = std::move(result);
}

TEST(AgentClientTest, CancellingAnExecClosesItsChannel) {
  boost::asio::io_context loop;
  aio::TaskScope scope(loop.get_executor());
  ScriptThread thread([&](ScriptedAgent& agent) {
    agent.Greet();
    const auto open = agent.Await(FrameType::kOpen);
    boost::asio::post(loop, [&scope] { scope.Cancel(); });
    const auto close = agent.Await(FrameType::kClose);
    EXPECT_EQ(close.type, FrameType::kClose);
    EXPECT_EQ(close.channel, open.channel);
  });
  std::optional<Result<ExecResult>> result;
  const auto body = [&](Client client) -> Task<bool> {
    scope.Spawn(ExecInto(client, result));
    co_await scope.Join();
    co_return true;
  };
  EXPECT_TRUE(RunOn(loop, OpenAndRun(loop, thread.TakeClientEnd(), body)));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->error().code, Code::kCancelled);
}

TEST(AgentClientTest, AFileArrivesWholeUnderItsCreditAndListsAreSorted) {
  const std::string content(1'000'000, 'f');
  const auto script = [&content](ScriptedAgent& agent) {
    auto open = agent.Await(FrameType::kOpen);
    protocol::FileRecord record;
    record.kind = protocol::EntryKind::kFile;
    record.size = Bytes{content.size()};
    std::string out;
    protocol::AppendFile(out, open.channel, FrameType::kReady, record);
    agent.Send(out);
    std::uint64_t credit = protocol::DecodeOpen(open.payload)->credit;
    for (std::string_view rest = content; !rest.empty();) {
      while (credit == 0) {
        const auto window = agent.Await(FrameType::kWindow);
        credit += protocol::DecodeWindow(window.payload).value_or(0);
      }
      const auto piece = rest.substr(0, std::min<std::uint64_t>(credit, 50'000));
      agent.Send(open.channel, FrameType::kData, piece);
      credit -= piece.size();
      rest.remove_prefix(piece.size());
    }
    agent.Send(open.channel, FrameType::kResult);

    open = agent.Await(FrameType::kOpen);
    out.clear();
    for (const char* name : {"b", "c", "a"}) {
      record.name = name;
      protocol::PutRecord(out, record);
    }
    agent.Send(open.channel, FrameType::kData, out);
    out.clear();
    protocol::AppendListEnd(out, open.channel, true);
    agent.Send(out);
  };
  const auto body = [&content](Client client) -> Task<bool> {
    auto file = co_await client->ReadFile("/f", 0, content.size(), Soon());
    EXPECT_TRUE(file) << file.error().message;
    std::string read;
    for (;;) {
      auto piece = co_await file->bytes->Read(Soon());
      EXPECT_TRUE(piece) << piece.error().message;
      if (!piece || piece->empty()) {
        break;
      }
      EXPECT_LE(piece->size(), 256U << 10U);
      read += *piece;
    }
    EXPECT_TRUE(read == content);
    auto directory = co_await client->ListDirectory("/", 10, Soon());
    EXPECT_TRUE(directory);
    EXPECT_TRUE(directory->truncated);
    EXPECT_EQ(directory->entries.at(0).name, "a");
    EXPECT_EQ(directory->entries.at(2).name, "c");
    co_return true;
  };
  Play(script, body);
}

TEST(AgentClientTest, AnUnreadFileNeitherBlocksOthersNorGetsMoreCredit) {
  const auto script = [](ScriptedAgent& agent) {
    const auto file = agent.Await(FrameType::kOpen);
    std::uint64_t credit = protocol::DecodeOpen(file.payload)->credit;
    protocol::FileRecord record;
    record.size = 1_GiB;
    std::string out;
    protocol::AppendFile(out, file.channel, FrameType::kReady, record);
    agent.Send(out);
    while (credit > 0) {
      const std::string piece(std::min<std::uint64_t>(credit, 65'536), 'x');
      agent.Send(file.channel, FrameType::kData, piece);
      credit -= piece.size();
    }
    const auto exec = agent.Next();  // and no WINDOW before it
    ASSERT_TRUE(exec);
    EXPECT_EQ(exec->type, FrameType::kOpen);
    out.clear();
    protocol::AppendProcessId(out, exec->channel, 9);
    agent.Send(out);
    EndExec(agent, exec->channel, 0);
    const auto close = agent.Next();
    ASSERT_TRUE(close);
    EXPECT_EQ(close->type, FrameType::kClose);
    EXPECT_EQ(close->channel, file.channel);
  };
  const auto body = [](Client client) -> Task<bool> {
    auto file = co_await client->ReadFile("/f", 0, 1U << 30U, Soon());
    EXPECT_TRUE(file);
    auto result = co_await client->Exec(Shell("true"), Soon());
    EXPECT_TRUE(result);
    file->bytes.reset();  // cancels the rest
    co_return true;
  };
  Play(script, body);
}

TEST(AgentClientTest, AWriteIsDroppedOrFinishedOrToldWhyNot) {
  const auto script = [](ScriptedAgent& agent) {
    auto open = agent.Await(FrameType::kOpen);
    agent.Send(open.channel, FrameType::kReady);
    EXPECT_EQ(agent.Await(FrameType::kClose).channel, open.channel);
    open = agent.Await(FrameType::kOpen);
    agent.Send(open.channel, FrameType::kReady);
    EXPECT_EQ(agent.Await(FrameType::kData).payload, "abc");
    EXPECT_EQ(agent.Await(FrameType::kDataEnd).channel, open.channel);
    agent.Send(open.channel, FrameType::kResult);
    open = agent.Await(FrameType::kOpen);
    agent.Send(open.channel, FrameType::kReady);
    std::string out;
    protocol::AppendError(out, open.channel, {.code = Code::kDiskFull, .message = "disk full"});
    agent.Send(out);
    while (agent.Next()) {
    }
  };
  const auto body = [](Client client) -> Task<bool> {
    auto dropped = co_await client->WriteFile("/f", 0644, Soon());
    EXPECT_TRUE(dropped);
    dropped->reset();
    auto finished = co_await client->WriteFile("/f", 0644, Soon());
    EXPECT_TRUE(finished);
    auto wrote = co_await (*finished)->Write("abc", Soon());
    EXPECT_TRUE(wrote);
    auto end = co_await (*finished)->Finish(Soon());
    EXPECT_TRUE(end);
    auto full = co_await client->WriteFile("/f", 0644, Soon());
    EXPECT_TRUE(full);
    wrote = co_await (*full)->Write(std::string(1U << 20U, 'x'), Soon());
    EXPECT_FALSE(wrote);
    EXPECT_EQ(wrote.error().code, Code::kDiskFull);
    co_return true;
  };
  Play(script, body);
}

}  // namespace
}  // namespace paddock::sandbox
