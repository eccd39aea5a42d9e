#include "sandbox/manager.h"

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "sandbox/system_owner.h"
#include "sandbox/testing/fake_agent.h"
#include "sandbox/testing/manager_fixture.h"

namespace paddock::sandbox {
namespace {

using testing::FakeAgent;
using testing::Keep;
using testing::ManagerTest;
using testing::Soon;

TEST_F(ManagerTest, ASandboxBelongsToItsOwnerAndToNobodyElse) {
  StartManager();
  const auto created = Create(ann_);
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(created->state, State::kRunning);
  EXPECT_TRUE(manager_->Find(ann_, created->id));
  EXPECT_EQ(manager_->Find(bob_, created->id).error().code, Code::kNotFound);
  EXPECT_EQ(manager_->Peek(ann_, created->id).value()->image, created->image);
  EXPECT_EQ(manager_->Peek(bob_, created->id).error().code, Code::kNotFound);
  EXPECT_EQ(Await(manager_->Agent(bob_, created->id, Soon())).error().code, Code::kNotFound);
  EXPECT_EQ(Await(manager_->Destroy(bob_, created->id, Soon())).error().code, Code::kNotFound);
  EXPECT_EQ(Await(manager_->Stats(bob_, created->id, Soon())).error().code, Code::kNotFound);
  EXPECT_EQ(Await(manager_->Logs(bob_, created->id, Soon())).error().code, Code::kNotFound);
  EXPECT_TRUE(manager_->List(bob_)->empty());
  EXPECT_TRUE(driver_.machines.contains(created->id));
}

TEST_F(ManagerTest, WhatTheServerHasForItselfIsInNoListAndInNoQuota) {
  Spec spec{.id = NewId<SandboxId>(),
            .owner = NewSystemOwner(),
            .image = "base",
            .limits = {},
            .env = {}};
  const SandboxId id = spec.id;
  ASSERT_TRUE(Await(driver_.Create(std::move(spec), Soon())));
  config_.live_count_max = 1;
  StartManager();
  EXPECT_EQ(manager_->live_count(), 0U);
  EXPECT_EQ(manager_->CountIn(State::kRunning), 0);
  EXPECT_EQ(manager_->Find(ann_, id).error().code, Code::kNotFound);
  EXPECT_EQ(Await(manager_->Destroy(ann_, id, Soon())).error().code, Code::kNotFound);
  EXPECT_TRUE(Create(ann_)) << "the server is not full";
  EXPECT_TRUE(driver_.machines.contains(id));
}

TEST_F(ManagerTest, TheQuotaCountsWhatIsStillBeingCreated) {
  StartManager();
  driver_.is_blocked = true;
  std::optional<Result<Info>> first;
  std::optional<Result<Info>> second;
  SandboxRequest request{.image = "base", .limits = {}, .env = {}};
  scope_.Spawn(Keep(manager_->Create(ann_, request, manager_->ServerAllowance(), Soon()), first));
  scope_.Spawn(Keep(manager_->Create(ann_, request, manager_->ServerAllowance(), Soon()), second));
  Settle();
  EXPECT_EQ(manager_->List(ann_)->front().state, State::kCreating);
  EXPECT_EQ(Create(ann_).error().code, Code::kExhausted);
  driver_.Unblock();
  Settle();
  EXPECT_TRUE(first.value() && second.value());
  EXPECT_TRUE(Create(bob_)) << "another user has a quota of their own";
}

TEST_F(ManagerTest, AFailedCreateFreesItsPlace) {
  StartManager();
  for (int i = 0; i < 5; ++i) {
    SandboxRequest request{.image = "nothing", .limits = {}, .env = {}};
    const auto failed =
        Await(manager_->Create(ann_, std::move(request), manager_->ServerAllowance(), Soon()));
    EXPECT_EQ(failed.error().code, Code::kNotFound);
  }
  EXPECT_TRUE(manager_->List(ann_)->empty());
  EXPECT_TRUE(Create(ann_));
}

TEST_F(ManagerTest, ACreateThatNobodyWaitsForKeepsItsPlaceUntilItIsUndone) {
  StartManager();
  driver_.is_blocked = true;
  std::optional<Result<Info>> first;
  SandboxRequest request{.image = "base", .limits = {}, .env = {}};
  aio::TaskScope caller(loop_.get_executor());
  caller.Spawn(Keep(manager_->Create(ann_, request, manager_->ServerAllowance(), Soon()), first));
  Settle();
  driver_.fail_at = driver_.call_count;  // the first try to undo it
  boost::asio::post(loop_, [&caller] { caller.Cancel(); });
  Settle();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->error().code, Code::kCancelled);
  EXPECT_EQ(manager_->live_count(), 1U) << "its place was free before it was undone";
  driver_.Unblock();
  const auto give_up = Soon();
  while (manager_->live_count() > 0 && !give_up.Passed()) {
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(manager_->live_count(), 0U);
  EXPECT_GE(driver_.destroy_count, 2);
}

TEST_F(ManagerTest, LimitsOutsideThePolicyAreRefused) {
  StartManager();
  const auto refused = [this](auto change) {
    SandboxRequest request{.image = "base", .limits = {}, .env = {}};
    change(request.limits);
    const auto created =
        Await(manager_->Create(ann_, std::move(request), manager_->ServerAllowance(), Soon()));
    return !created && created.error().code == Code::kInvalid;
  };
  EXPECT_TRUE(refused([](Limits& limits) { limits.memory = {0}; }));
  EXPECT_TRUE(refused([](Limits& limits) { limits.memory = 1024_GiB; }));
  EXPECT_TRUE(refused([](Limits& limits) { limits.cpu = {0}; }));
  EXPECT_TRUE(refused([](Limits& limits) { limits.process_count_max = -1; }));
  EXPECT_TRUE(refused([](Limits& limits) { limits.disk = {0}; }));
  EXPECT_TRUE(refused([](Limits& limits) { limits.inode_count_max = 0; }));
  EXPECT_TRUE(refused([](Limits& limits) { limits.lifetime_max = std::chrono::seconds(0); }));
  EXPECT_TRUE(driver_.machines.empty());
}

TEST_F(ManagerTest, AnAllowanceLowersTheServersCeilingsAndNeverRaisesThem) {
  StartManager();
  const auto create = [this](const Limits& limits, const Allowance& allowance) {
    SandboxRequest request{.image = "base", .limits = limits, .env = {}};
    return Await(manager_->Create(ann_, std::move(request), allowance, Soon()));
  };
  Allowance small = manager_->ServerAllowance();
  small.max.memory = 128_MiB;
  const auto refused = create({.memory = 256_MiB}, small);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_EQ(refused.error().message, "limits.memory_bytes must be from 33554432 to 134217728");
  const Limits initial = manager_->PolicyFor(small).initial;
  EXPECT_EQ(initial.memory, 128_MiB);
  EXPECT_TRUE(create(initial, small));
  Allowance large = manager_->ServerAllowance();
  large.max.memory = 1024_GiB;
  large.sandboxes_max = 100;
  EXPECT_EQ(create({.memory = 8_GiB}, large).error().code, Code::kInvalid);
  EXPECT_TRUE(create({}, large));
  EXPECT_EQ(create({}, large).error().code, Code::kExhausted) << "the server allows two";
}

TEST_F(ManagerTest, WhoseQuotaIsUsedUpIsToldHowManyItIsAndWhatToDo) {
  config_.per_user_max = 3;
  StartManager();
  const auto refusal = [this](int sandboxes_max) {
    Allowance allowance = manager_->ServerAllowance();
    allowance.sandboxes_max = sandboxes_max;
    SandboxRequest request{.image = "base", .limits = {}, .env = {}};
    return Await(manager_->Create(ann_, std::move(request), allowance, Soon())).error();
  };
  EXPECT_EQ(refusal(0).code, Code::kDenied);
  EXPECT_EQ(refusal(-1).code, Code::kDenied);
  ASSERT_TRUE(Create(ann_));
  EXPECT_EQ(refusal(1).code, Code::kExhausted);
  EXPECT_EQ(refusal(1).message, "your one sandbox is in use; delete it");
  ASSERT_TRUE(Create(ann_));
  EXPECT_EQ(refusal(1).message, "you have 2 sandboxes and may have 1; delete 2");
  ASSERT_TRUE(Create(ann_));
  EXPECT_EQ(refusal(3).message, "your 3 sandboxes are in use; delete one");
  EXPECT_EQ(driver_.machines.size(), 3U);
}

TEST_F(ManagerTest, ARestartedServerFindsWhatTheDriverHas) {
  StartManager();
  const auto created = Create(ann_);
  End();
  StartManager();
  ASSERT_TRUE(manager_->Find(ann_, created->id));
  EXPECT_EQ(manager_->Find(ann_, created->id)->image, created->image);
}

TEST_F(ManagerTest, UntilTheDriverHasAnsweredNothingIsSaidToBeMissing) {
  driver_.is_down = true;
  StartManager();
  EXPECT_EQ(manager_->Find(ann_, NewId<SandboxId>()).error().code, Code::kUnavailable);
  EXPECT_EQ(manager_->List(ann_).error().code, Code::kUnavailable);
  EXPECT_EQ(Create(ann_).error().code, Code::kUnavailable);
  EXPECT_FALSE(manager_->Ready());
  driver_.is_down = false;
  EXPECT_TRUE(Await(manager_->WaitUntilReady(Soon())));
  EXPECT_TRUE(manager_->List(ann_));
  Settle();
  EXPECT_TRUE(manager_->Ready());
}

TEST_F(ManagerTest, ASandboxThatEndsByItselfIsNoticed) {
  StartManager();
  const auto created = Create(ann_);
  auto subscription = manager_->events().Subscribe(ann_);
  auto foreign = manager_->events().Subscribe(bob_);
  driver_.machines.at(created->id).state = State::kFailed;
  const auto failed = Await(subscription->Next(Soon()));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->type, EventType::kState);
  EXPECT_EQ(failed->info.state, State::kFailed);
  EXPECT_EQ(Await(manager_->Agent(ann_, created->id, Soon())).error().code, Code::kConflict);
  driver_.machines.clear();
  const auto gone = Await(subscription->Next(Soon()));
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->type, EventType::kDestroyed);
  const auto nothing = Await(foreign->Next(Deadline::After(std::chrono::milliseconds(1))));
  EXPECT_EQ(nothing.error().code, Code::kDeadlineExceeded);
}

TEST_F(ManagerTest, AnExecWaitsUntilItsSandboxRuns) {
  StartManager();
  driver_.is_blocked = true;
  std::optional<Result<Info>> created;
  SandboxRequest request{.image = "base", .limits = {}, .env = {}};
  scope_.Spawn(Keep(manager_->Create(ann_, std::move(request), manager_->ServerAllowance(), Soon()),
                    created));
  Settle();
  const auto id = manager_->List(ann_)->front().id;
  std::optional<Result<AgentRef>> agent;
  scope_.Spawn(Keep(manager_->Agent(ann_, id, Soon()), agent));
  Settle();
  EXPECT_FALSE(agent);
  driver_.Unblock();
  Settle();
  ASSERT_TRUE(agent.has_value());
  EXPECT_TRUE(*agent);
}

TEST_F(ManagerTest, OneConnectionServesEverybodyUntilItEnds) {
  StartManager();
  const auto id = Create(ann_)->id;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Await(manager_->Agent(ann_, id, Soon())));
  }
  EXPECT_EQ(driver_.agent_ends.size(), 1U);
  agent_->open = false;
  agent_ = std::make_shared<FakeAgent>();
  EXPECT_EQ(Await(manager_->Agent(ann_, id, Soon())).value(), agent_);
  EXPECT_EQ(driver_.agent_ends.size(), 2U);
}

TEST_F(ManagerTest, AnAgentThatDoesNotAnswerIsAskedAgainNextTime) {
  StartManager();
  const auto id = Create(ann_)->id;
  opener_failure_ = Error{.code = Code::kUnavailable, .message = "no greeting"};
  EXPECT_EQ(Await(manager_->Agent(ann_, id, Soon())).error().code, Code::kUnavailable);
  opener_failure_.reset();
  EXPECT_TRUE(Await(manager_->Agent(ann_, id, Soon())));
}

TEST_F(ManagerTest, ADestroyedSandboxIsGoneAtOnceAndAnUnansweredDestroyKeepsIt) {
  StartManager();
  const auto id = Create(ann_)->id;
  driver_.is_down = true;
  EXPECT_EQ(Await(manager_->Destroy(ann_, id, Soon())).error().code, Code::kUnavailable);
  EXPECT_TRUE(manager_->Find(ann_, id));
  driver_.is_down = false;
  EXPECT_TRUE(Await(manager_->Destroy(ann_, id, Soon())));
  EXPECT_EQ(manager_->Find(ann_, id).error().code, Code::kNotFound);
  EXPECT_EQ(Await(manager_->Destroy(ann_, id, Soon())).error().code, Code::kNotFound);
}

TEST_F(ManagerTest, ASubscriberThatDoesNotReadIsToldThatItLagsAndBoundsItsQueue) {
  StartManager();
  auto subscription = manager_->events().Subscribe(ann_);
  for (std::size_t i = 0; i < EventFeed::kQueuedMax; ++i) {
    const auto id = Create(ann_)->id;
    ASSERT_TRUE(Await(manager_->Destroy(ann_, id, Soon())));
  }
  std::size_t received = 0;
  while (true) {
    const auto event = Await(subscription->Next(Soon()));
    if (!event) {
      EXPECT_EQ(event.error().code, Code::kExhausted);
      break;
    }
    ++received;
  }
  EXPECT_EQ(received, EventFeed::kQueuedMax);
}

}  // namespace
}  // namespace paddock::sandbox
