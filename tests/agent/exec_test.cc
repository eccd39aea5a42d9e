// Execs through AgentClient in the real agent.

#include <sys/socket.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <random>

#include <boost/asio/steady_timer.hpp>

#include "agent_test.h"
#include "aio/task_scope.h"

namespace paddock::sandbox {
namespace {

using ExecTest = AgentTest;

pid_t PidIn(const std::string& path) {
  pid_t pid = 0;
  std::ifstream(path) >> pid;
  return pid;
}

TEST_F(ExecTest, OutputExitCodeAndFiguresComeBack) {
  const auto result = Shell("echo out; echo err >&2; exit 3");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->stdout_data, "out\n");
  EXPECT_EQ(result->stderr_data, "err\n");
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_FALSE(result->signal);
  EXPECT_GT(result->wall_time.count(), 0);
}

TEST_F(ExecTest, ASignalThatEndedItIsNamed) {
  const auto result = Shell("kill -9 $$");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->signal, 9);
  EXPECT_FALSE(result->exit_code);
}

TEST_F(ExecTest, ArgumentsEnvironmentAndDirectoryReachTheProgram) {
  ExecSpec spec;
  spec.argv = {"sh", "-c", R"(printf '%s|%s|%s' "$1" "$NAME" "$PWD")", "sh", "a b\n\"c"};
  spec.env = {{"NAME", "välue"}};
  spec.cwd = agent_.directory();
  const auto result = Wait(client_->Exec(std::move(spec), Soon()));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->stdout_data, "a b\n\"c|välue|" + agent_.directory());
}

TEST_F(ExecTest, NoSuchProgramOrDirectoryIsInvalidAndSaysWhich) {
  ExecSpec spec;
  spec.argv = {"no-such-program"};
  auto result = Wait(client_->Exec(spec, Soon()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kInvalid);
  EXPECT_NE(result.error().message.find("no-such-program"), std::string::npos);
  spec.argv = {"true"};
  spec.cwd = "/no/such/directory";
  result = Wait(client_->Exec(spec, Soon()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kInvalid) << result.error().message;
}

TEST_F(ExecTest, OutputIsCutAtItsLimitAndTheProgramRunsToItsEnd) {
  ExecSpec spec;
  spec.shell = "head -c 20000000 /dev/zero; echo done >&2";
  spec.output_max = Bytes{1000};
  const auto result = Wait(client_->Exec(std::move(spec), Soon()));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->stdout_data, std::string(1000, '\0'));
  EXPECT_TRUE(result->stdout_truncated);
  EXPECT_EQ(result->stderr_data, "done\n");
  EXPECT_FALSE(result->stderr_truncated);
}

TEST_F(ExecTest, MegabytesGoInAndComeBackUnchanged) {
  std::string input(5U << 20U, '\0');
  std::mt19937 random(1);
  std::ranges::generate(input, [&random] { return static_cast<char>(random()); });
  ExecSpec spec;
  spec.argv = {"cat"};
  spec.stdin_data = input;
  spec.output_max = 8_MiB;
  const auto result = Wait(client_->Exec(std::move(spec), Soon()));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->stdout_data == input) << result->stdout_data.size();
  EXPECT_FALSE(result->stdout_truncated);
}

TEST_F(ExecTest, AProgramThatReadsNoStdinStillEnds) {
  ExecSpec spec;
  spec.argv = {"true"};
  spec.stdin_data = std::string(4U << 20U, 'x');
  const auto result = Wait(client_->Exec(std::move(spec), Soon()));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 0);
}

TEST_F(ExecTest, ATimeoutKillsAlsoWhatCalledSetsid) {
  ExecSpec spec;
  spec.shell = "setsid sh -c 'echo $$ > escaped; sleep 1000' & sleep 1000";
  spec.cwd = agent_.directory();
  spec.timeout = std::chrono::milliseconds(2'500);
  const auto result = Wait(client_->Exec(std::move(spec), Soon()));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->timed_out);
  EXPECT_EQ(result->signal, 9);
  const auto escaped = PidIn(Path("escaped"));
  ASSERT_GT(escaped, 0);
  EXPECT_TRUE(IsGone(escaped));
}

TEST_F(ExecTest, WhatIsLeftBehindByADoubleForkEndsWithTheExec) {
  const auto command = "cd " + agent_.directory() +
                       "; (setsid sh -c 'echo $$ > left; sleep 1000' &) ; "
                       "while ! [ -s left ]; do sleep 0.01; done; echo over";
  const auto result = Shell(command);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->stdout_data, "over\n");
  const auto left = PidIn(Path("left"));
  ASSERT_GT(left, 0);
  EXPECT_TRUE(IsGone(left));
}

TEST_F(ExecTest, ADeadlineOfTheCallerKillsTheCommand) {
  ExecSpec spec;
  spec.shell = "echo $$ > running; exec sleep 1000";
  spec.cwd = agent_.directory();
  const auto deadline = Deadline::After(std::chrono::milliseconds(2'500));
  const auto result = Wait(client_->Exec(std::move(spec), deadline));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kDeadlineExceeded);
  const auto running = PidIn(Path("running"));
  ASSERT_GT(running, 0);
  EXPECT_TRUE(IsGone(running));
  EXPECT_TRUE(Shell("true")) << "the connection lives on";
}

TEST_F(ExecTest, ALostConnectionKillsItsCommands) {
  aio::TaskScope scope(loop_.get_executor());
  auto other = Open();
  ExecSpec spec;
  spec.shell = "echo $$ > orphan; exec sleep 1000";
  spec.cwd = agent_.directory();
  scope.Spawn([](std::shared_ptr<AgentClient> client, ExecSpec what) -> aio::Task<void> {
    auto result = co_await client->Exec(std::move(what), Deadline::Never());
    EXPECT_EQ(result.error().code, Code::kCancelled);
  }(std::move(other), std::move(spec)));
  EXPECT_TRUE(Shell("while ! [ -s " + Path("orphan") + " ]; do sleep 0.01; done"));
  scope.Cancel();  // and with its last call the connection goes
  loop_.poll();
  EXPECT_TRUE(IsGone(PidIn(Path("orphan"))));
}

aio::Task<void> RunInto(std::shared_ptr<AgentClient> client,
                        ExecSpec spec,
                        std::optional<Result<ExecResult>>& out) {
  auto result = co_await client->Exec(std::move(spec), Deadline::Never());
  out.emplace(std::move(result));
}

aio::Task<bool> Join(aio::TaskScope& scope) {
  co_await scope.Join();
  co_return true;
}

TEST_F(ExecTest, ASignalReachesTheCommandOrEverythingThatItStarted) {
  using Scope = ExecControl::Scope;
  aio::TaskScope scope(loop_.get_executor());
  ExecSpec spec;
  spec.control = std::make_shared<ExecControl>();
  const auto control = spec.control;
  EXPECT_EQ(control->Signal(SIGUSR1, Scope::kProcess).error().code, Code::kNotFound);
  spec.cwd = agent_.directory();
  spec.shell =
      "setsid sh -c \"trap 'echo child > child; exit' USR1; echo > ready; "
      "while :; do sleep 0.02; done\" & "
      "trap 'echo caught' USR1; trap 'echo ended; exit 4' USR2; "
      "while ! [ -s ready ]; do sleep 0.01; done; echo > all; while :; do sleep 0.02; done";
  std::optional<Result<ExecResult>> result;
  scope.Spawn(RunInto(client_, std::move(spec), result));
  EXPECT_TRUE(Shell("while ! [ -s " + Path("all") + " ]; do sleep 0.01; done"));
  EXPECT_EQ(control->Signal(65, Scope::kProcess).error().code, Code::kInvalid);
  EXPECT_TRUE(control->Signal(SIGUSR1, Scope::kEverything));
  EXPECT_TRUE(Shell("while ! [ -s " + Path("child") + " ]; do sleep 0.01; done"));
  EXPECT_TRUE(control->Signal(SIGUSR2, Scope::kProcess));
  EXPECT_TRUE(Wait(Join(scope)));
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->exit_code, 4);
  EXPECT_EQ((*result)->stdout_data, "caught\nended\n");
  EXPECT_EQ(control->Signal(SIGUSR1, Scope::kProcess).error().code, Code::kNotFound);
}

aio::Task<void> CountOk(std::shared_ptr<AgentClient> client, int number, int& ok_count) {
  ExecSpec spec;
  spec.shell = "echo " + std::to_string(number);
  auto result = co_await client->Exec(std::move(spec), Deadline::After(std::chrono::minutes(1)));
  EXPECT_TRUE(result) << result.error().message;
  if (result && result->stdout_data == std::to_string(number) + "\n") {
    ++ok_count;
  }
}

TEST_F(ExecTest, AHundredAtOnceEachGetTheirOwnOutput) {
  aio::TaskScope scope(loop_.get_executor());
  int ok_count = 0;
  for (int i = 0; i < 100; ++i) {
    scope.Spawn(CountOk(client_, i, ok_count));
  }
  EXPECT_TRUE(Wait(Join(scope)));
  EXPECT_EQ(ok_count, 100);
}

TEST_F(ExecTest, AFloodOfOneCommandDoesNotDelayAnother) {
  aio::TaskScope scope(loop_.get_executor());
  ExecSpec flood;
  flood.shell = "yes";
  flood.timeout = std::chrono::seconds(60);
  flood.output_max = 1_GiB;
  scope.Spawn([](std::shared_ptr<AgentClient> client, ExecSpec what) -> aio::Task<void> {
    auto result = co_await client->Exec(std::move(what), Deadline::Never());
    EXPECT_FALSE(result);
  }(client_, std::move(flood)));
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto result = Shell("echo here");
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->stdout_data, "here\n");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  }
  scope.Cancel();
  EXPECT_TRUE(Wait(Join(scope)));
}

TEST_F(ExecTest, GarbageOnAConnectionHarmsNoOther) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    const auto stream = agent_.Connect();
    std::string bytes(random() % 3000, '\0');
    std::ranges::generate(bytes, [&random] { return static_cast<char>(random() % 40); });
    EXPECT_GE(send(stream.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
  }
  const auto result = Shell("echo alive");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->stdout_data, "alive\n");
}

}  // namespace
}  // namespace paddock::sandbox
