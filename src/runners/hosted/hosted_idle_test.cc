#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "challenges/testing/scripted_runner.h"
#include "runners/hosted/hosted_runner.h"
#include "runners/hosted/hosted_server.h"
#include "runners/hosted/testing/hosted_server_fixture.h"

namespace paddock::runners::hosted {
namespace {

using namespace std::chrono_literals;

using HostedIdleTest = testing::HostedServerFixture;

TEST_F(HostedIdleTest, OneThatNobodyUsesIsRemovedAndStartedAgain) {
  Restart(5s, 0ms);
  ASSERT_TRUE(Use());
  Settle();
  EXPECT_TRUE(driver_.machines.empty());
  ASSERT_TRUE(Use());
  EXPECT_EQ(driver_.create_count, 2);
  Settle();
  EXPECT_TRUE(driver_.machines.empty());
}

TEST_F(HostedIdleTest, OneThatWasUsedAMomentAgoStays) {
  ASSERT_TRUE(Use());
  Settle();
  ASSERT_TRUE(Use());
  EXPECT_EQ(driver_.create_count, 1);
}

TEST_F(HostedIdleTest, OneInUseStaysHoweverLongThatIs) {
  Restart(5s, 0ms);
  std::optional<HostedServer::Use> first(*server_);
  {
    const HostedServer::Use second(*server_);
    ASSERT_TRUE(AwaitServer());
  }
  Settle();
  EXPECT_EQ(driver_.machines.size(), 1U);
  first.reset();
  Settle();
  EXPECT_TRUE(driver_.machines.empty());
}

TEST_F(HostedIdleTest, WhatIsInItIsLetGoOfBeforeItIsRemoved) {
  Restart(5s, 0ms);
  int busy_count = 2;
  server_->AskBeforeRemoval([&] {
    EXPECT_EQ(driver_.machines.size(), 1U);
    return busy_count-- == 0;
  });
  ASSERT_TRUE(Use());
  Settle();
  EXPECT_EQ(busy_count, -1);
  EXPECT_TRUE(driver_.machines.empty());
}

TEST_F(HostedIdleTest, WhoComesWhileItIsRemovedWaitsAndHasANewOne) {
  Restart(5s, 0ms);
  ASSERT_TRUE(Use());
  const SandboxId first = driver_.machines.begin()->first;
  driver_.is_blocked = true;
  Settle();
  EXPECT_EQ(driver_.destroy_count, 1);
  std::optional<Result<void>> waiting;
  std::optional<HostedServer::Use> next(*server_);
  scope_.Spawn(Keep(server_->Await(Soon()), waiting));
  Settle();
  EXPECT_FALSE(waiting);
  driver_.Unblock();
  Settle();
  ASSERT_TRUE(waiting);
  EXPECT_TRUE(*waiting);
  EXPECT_EQ(driver_.machines.size(), 1U);
  EXPECT_FALSE(driver_.machines.contains(first));
  next.reset();
  Settle();
}

TEST_F(HostedIdleTest, OneThatNobodyWaitsForAnyMoreIsRemovedOnceItIsStarted) {
  Restart(1ms, 0ms);
  driver_.is_blocked = true;
  EXPECT_EQ(Use().error().code, Code::kDeadlineExceeded);
  Settle();
  driver_.Unblock();
  Settle();
  EXPECT_EQ(driver_.create_count, 1);
  EXPECT_TRUE(driver_.machines.empty());
}

TEST_F(HostedIdleTest, WhatCouldNotBeRemovedIsTriedAgain) {
  Restart(5s, 0ms);
  int removal_count = 0;
  server_->AskBeforeRemoval([&] {
    driver_.fail_at = removal_count++ == 0 ? driver_.call_count : -1;
    return true;
  });
  ASSERT_TRUE(Use());
  Settle();
  EXPECT_EQ(removal_count, 2);
  EXPECT_TRUE(driver_.machines.empty());
}

TEST_F(HostedIdleTest, ARunIsAUseToItsEnd) {
  Restart(5s, 0ms);
  challenges::testing::ScriptedRunner runner;
  runner.is_held = true;
  HostedRunner hosted(*server_, runner);
  challenges::RunRequest request{.schema = challenges::MakeSchema(sql::Dialect::kPostgres, ""),
                                 .query = "SELECT 1"};
  std::optional<Result<challenges::RunOutcomeRef>> outcome;
  scope_.Spawn(Keep(hosted.Run(request, Soon()), outcome));
  Settle();
  EXPECT_EQ(driver_.machines.size(), 1U);
  runner.is_held = false;
  runner.released.NotifyAll();
  Settle();
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(*outcome);
  EXPECT_TRUE(driver_.machines.empty());
}

}  // namespace
}  // namespace paddock::runners::hosted
