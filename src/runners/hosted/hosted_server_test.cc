#include "runners/hosted/hosted_server.h"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "challenges/testing/scripted_runner.h"
#include "runners/hosted/hosted_runner.h"
#include "runners/hosted/testing/hosted_server_fixture.h"
#include "sandbox/system_owner.h"

namespace paddock::runners::hosted {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

using HostedServerTest = testing::HostedServerFixture;

TEST_F(HostedServerTest, ItIsStartedWhenSomebodyNeedsItAndOnceForAll) {
  Settle();
  EXPECT_EQ(driver_.create_count, 0);
  driver_.is_blocked = true;
  std::optional<Result<void>> first;
  std::optional<Result<void>> second;
  scope_.Spawn(Keep(server_->Await(Soon()), first));
  scope_.Spawn(Keep(server_->Await(Soon()), second));
  Settle();
  EXPECT_FALSE(first || second);
  driver_.Unblock();
  Settle();
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(*first && *second);
  EXPECT_TRUE(AwaitServer());
  EXPECT_EQ(driver_.create_count, 1);
}

TEST_F(HostedServerTest, ItBelongsToNobodyAndHasLimits) {
  ASSERT_TRUE(AwaitServer());
  ASSERT_EQ(driver_.machines.size(), 1U);
  const sandbox::Info& info = driver_.machines.begin()->second;
  EXPECT_EQ(info.owner, owner_);
  EXPECT_TRUE(sandbox::IsSystemOwner(info.owner));
  EXPECT_EQ(info.limits, PostgresRecipe().limits);
  EXPECT_TRUE(info.env.empty());
}

TEST_F(HostedServerTest, ItsPasswordIsSetUpAndInNoCommandLine) {
  ASSERT_TRUE(AwaitServer());
  const std::string& password = server_->recipe().password;
  EXPECT_THAT(agent().last_exec.stdin_data, HasSubstr(password));
  EXPECT_THAT(agent().last_exec.shell.value_or(""), Not(HasSubstr(password)));
  EXPECT_NE(password, PostgresRecipe().password);
}

TEST_F(HostedServerTest, WithoutTheImageTheCommandThatBuildsItIsSaid) {
  driver_.images = {"base"};
  const auto missing = AwaitServer();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kConflict);
  EXPECT_THAT(std::string(missing.error().reason()), StartsWith("this server runs no challenges"));
  EXPECT_THAT(missing.error().message, HasSubstr("`paddock images build postgres`"));
  EXPECT_THAT(missing.error().message, HasSubstr("--challenge-postgres"));
  driver_.images.insert("postgres");
  EXPECT_TRUE(AwaitServer());
}

TEST_F(HostedServerTest, WhoWaitsTooLongIsToldAndTheStartGoesOn) {
  Restart(1ms);
  driver_.is_blocked = true;
  const auto late = AwaitServer();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kDeadlineExceeded);
  EXPECT_THAT(late.error().message, HasSubstr("still being started"));
  driver_.Unblock();
  Settle();
  EXPECT_TRUE(AwaitServer());
  EXPECT_EQ(driver_.create_count, 1);
}

TEST_F(HostedServerTest, OneThatIsGoneIsMadeAnew) {
  ASSERT_TRUE(AwaitServer());
  const SandboxId first = driver_.machines.begin()->first;
  agent().open = false;
  EXPECT_TRUE(Await(server_->Dial(Soon())));
  EXPECT_EQ(driver_.create_count, 2);
  EXPECT_FALSE(driver_.machines.contains(first));
}

TEST_F(HostedServerTest, OneInWhichNobodyAnswersIsMadeAnew) {
  ASSERT_TRUE(AwaitServer());
  agent().forward = &Refused;
  EXPECT_TRUE(Await(server_->Dial(Soon())));
  EXPECT_EQ(driver_.create_count, 2);
  EXPECT_EQ(driver_.machines.size(), 1U);
}

TEST_F(HostedServerTest, ItIsLeftAloneWhenOnlyADialFails) {
  ASSERT_TRUE(AwaitServer());
  agent().forward = [](const std::string&) -> Result<UniqueFd> {
    return Fail(Code::kExhausted, "too many streams");
  };
  EXPECT_EQ(Await(server_->Dial(Soon())).error().code, Code::kExhausted);
  EXPECT_EQ(driver_.create_count, 1);
}

TEST_F(HostedServerTest, AFailedSetUpIsAFaultWithoutThePasswordAndLeavesNothing) {
  exec_ = [](const sandbox::ExecSpec&) {
    sandbox::ExecResult result;
    result.exit_code = 1;
    result.stderr_data = "psql: no such file";
    return result;
  };
  const auto failed = AwaitServer();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kUnavailable);
  EXPECT_THAT(failed.error().message, HasSubstr("psql: no such file"));
  EXPECT_THAT(failed.error().message, Not(HasSubstr(server_->recipe().password)));
  EXPECT_TRUE(driver_.machines.empty());
}

TEST_F(HostedServerTest, WhateverFailsTheNextOneSucceedsAndNothingIsLeftBeside) {
  for (int step = 0;; ++step) {
    Restart();
    driver_.call_count = 0;
    driver_.fail_at = step;
    const auto outcome = AwaitServer();
    const bool was_reached = driver_.call_count > step;
    driver_.fail_at = -1;
    EXPECT_TRUE(outcome || outcome.error().code == Code::kUnavailable);
    EXPECT_TRUE(AwaitServer()) << "after a failure of call " << step;
    EXPECT_EQ(driver_.machines.size(), 1U) << "after a failure of call " << step;
    if (!was_reached) {
      break;
    }
  }
}

TEST_F(HostedServerTest, WhatAKilledServerLeftGoesAndWhatOthersHaveStays) {
  const SandboxId left = MakeMachine(owner_);
  const SandboxId of_other_server = MakeMachine(sandbox::NewSystemOwner());
  const SandboxId of_learner = MakeMachine(NewId<UserId>());
  ASSERT_TRUE(AwaitServer());
  EXPECT_FALSE(driver_.machines.contains(left));
  EXPECT_TRUE(driver_.machines.contains(of_other_server)) << "it may be running";
  EXPECT_TRUE(driver_.machines.contains(of_learner));
  ASSERT_TRUE(Await(leftovers_->Remove(Soon()))) << "the server's start, after that";
  EXPECT_EQ(driver_.machines.size(), 3U) << "its own stays";
}

TEST_F(HostedServerTest, StoppingRemovesIt) {
  ASSERT_TRUE(AwaitServer());
  Stop();
  EXPECT_TRUE(driver_.machines.empty());
}

TEST_F(HostedServerTest, StoppingWhileItStartsLeavesNothing) {
  driver_.is_blocked = true;
  std::optional<Result<void>> waiting;
  scope_.Spawn(Keep(server_->Await(Soon()), waiting));
  Settle();
  driver_.is_blocked = false;
  Stop();
  Settle();
  ASSERT_TRUE(waiting);
  EXPECT_FALSE(*waiting);
  EXPECT_TRUE(driver_.machines.empty());
}

TEST_F(HostedServerTest, ARunGoesOnOnceTheServerIsThere) {
  challenges::testing::ScriptedRunner runner;
  HostedRunner hosted(*server_, runner);
  challenges::RunRequest request{.schema = challenges::MakeSchema(sql::Dialect::kPostgres, ""),
                                 .query = "SELECT 1"};
  driver_.images.clear();
  EXPECT_EQ(Await(hosted.Run(request, Soon())).error().code, Code::kConflict);
  EXPECT_EQ(runner.run_count, 0);
  driver_.images.insert("postgres");
  EXPECT_TRUE(Await(hosted.Run(request, Soon())));
  EXPECT_EQ(runner.run_count, 1);
}

}  // namespace
}  // namespace paddock::runners::hosted
