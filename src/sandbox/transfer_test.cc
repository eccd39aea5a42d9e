// Manager::TransferAll: a guest who signs in keeps their sandboxes.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sandbox/manager.h"
#include "sandbox/testing/manager_fixture.h"

namespace paddock::sandbox {
namespace {

using testing::Keep;
using testing::ManagerTest;
using testing::Soon;

class TransferTest : public ManagerTest {
 protected:
  TransferTest() { config_.per_user_max = 4; }

  Result<void> TransferAll() { return Await(manager_->TransferAll(ann_, bob_, Soon())); }

  std::size_t CountOf(const UserId& owner) { return manager_->List(owner)->size(); }

  std::size_t DriverCountOf(const UserId& owner) {
    return static_cast<std::size_t>(std::ranges::count_if(
        driver_.machines, [&](const auto& entry) { return entry.second.owner == owner; }));
  }

  /// What has already happened for a subscriber.
  std::vector<Event> EventsOf(EventFeed::Subscription& subscription) {
    std::vector<Event> events;
    while (true) {
      auto event = Await(subscription.Next(Deadline::At({})));
      if (!event) {
        return events;
      }
      events.push_back(*std::move(event));
    }
  }
};

TEST_F(TransferTest, AllSandboxesAreTheNewOwnersAndNoneIsTheOldOnes) {
  StartManager();
  const auto first = Create(ann_);
  const auto second = Create(ann_);
  const auto own = Create(bob_);
  driver_.machines.at(second->id).state = State::kStopped;
  ASSERT_TRUE(TransferAll());
  EXPECT_EQ(CountOf(ann_), 0U);
  EXPECT_EQ(CountOf(bob_), 3U);
  EXPECT_EQ(DriverCountOf(bob_), 3U);
  for (const SandboxId& id : {first->id, second->id, own->id}) {
    EXPECT_TRUE(manager_->Find(bob_, id));
    EXPECT_EQ(manager_->Find(ann_, id).error().code, Code::kNotFound);
  }
  EXPECT_EQ(Await(manager_->Destroy(ann_, first->id, Soon())).error().code, Code::kNotFound);
  EXPECT_TRUE(Await(manager_->Destroy(bob_, first->id, Soon())));
}

TEST_F(TransferTest, TheOldOwnersSubscribersSeeItGoAndTheNewOnesSeeItCome) {
  StartManager();
  const auto created = Create(ann_);
  auto anns = manager_->events().Subscribe(ann_);
  auto bobs = manager_->events().Subscribe(bob_);
  ASSERT_TRUE(TransferAll());
  ASSERT_TRUE(TransferAll()) << "once more changes nothing";
  Settle();
  const auto gone = EventsOf(*anns);
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].type, EventType::kDestroyed);
  EXPECT_EQ(gone[0].info.id, created->id);
  EXPECT_EQ(gone[0].info.state, State::kDestroyed);
  const auto come = EventsOf(*bobs);
  ASSERT_EQ(come.size(), 1U);
  EXPECT_EQ(come[0].type, EventType::kCreated);
  EXPECT_EQ(come[0].info.id, created->id);
  EXPECT_EQ(come[0].info.state, State::kRunning);
}

TEST_F(TransferTest, AConnectionToAnAgentGoesOn) {
  StartManager();
  const auto id = Create(ann_)->id;
  const auto before = Await(manager_->Agent(ann_, id, Soon()));
  ASSERT_TRUE(before);
  ASSERT_TRUE(TransferAll());
  EXPECT_TRUE((*before)->is_open());
  EXPECT_EQ(Await(manager_->Agent(bob_, id, Soon())).value(), *before);
  EXPECT_EQ(driver_.agent_ends.size(), 1U) << "nothing was opened anew";
  EXPECT_EQ(Await(manager_->Agent(ann_, id, Soon())).error().code, Code::kNotFound);
}

TEST_F(TransferTest, ASandboxThatIsStillBeingCreatedFollowsWhenItRuns) {
  StartManager();
  driver_.is_blocked = true;
  std::optional<Result<Info>> created;
  std::optional<Result<void>> transferred;
  const SandboxRequest request{.image = "base", .limits = {}, .env = {}};
  scope_.Spawn(Keep(manager_->Create(ann_, request, manager_->ServerAllowance(), Soon()), created));
  Settle();
  scope_.Spawn(Keep(manager_->TransferAll(ann_, bob_, Soon()), transferred));
  Settle();
  EXPECT_FALSE(transferred);
  driver_.Unblock();
  Settle();
  ASSERT_TRUE(created.has_value() && created->has_value());
  ASSERT_TRUE(transferred.has_value() && transferred->has_value());
  EXPECT_EQ(CountOf(ann_), 0U);
  EXPECT_TRUE(manager_->Find(bob_, (*created)->id));
  EXPECT_EQ(DriverCountOf(bob_), 1U);
}

TEST_F(TransferTest, ASandboxWhoseCreationFailsIsNoFailure) {
  StartManager();
  driver_.is_blocked = true;
  std::optional<Result<Info>> created;
  std::optional<Result<void>> transferred;
  const SandboxRequest request{.image = "nothing", .limits = {}, .env = {}};
  scope_.Spawn(Keep(manager_->Create(ann_, request, manager_->ServerAllowance(), Soon()), created));
  Settle();
  scope_.Spawn(Keep(manager_->TransferAll(ann_, bob_, Soon()), transferred));
  Settle();
  driver_.Unblock();
  Settle();
  ASSERT_TRUE(transferred.has_value() && transferred->has_value());
  EXPECT_EQ(CountOf(bob_), 0U);
}

TEST_F(TransferTest, ASandboxThatIsGoneMeanwhileIsNoFailure) {
  StartManager();
  ASSERT_TRUE(Create(ann_));
  driver_.machines.clear();
  EXPECT_TRUE(TransferAll());
}

TEST_F(TransferTest, WhereverItFailsTheRestIsToldAndTheNextCallFinishesIt) {
  config_.reconcile_interval = std::chrono::minutes(1);  // its calls would be counted too
  StartManager();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Create(ann_));
  }
  for (int step = 0; step < 3; ++step) {
    driver_.fail_at = driver_.call_count + step;
    const auto failed = TransferAll();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Code::kUnavailable);
    EXPECT_EQ(failed.error().message, "1 of 3 sandboxes keep their owner: fake engine is down");
    EXPECT_EQ(CountOf(ann_), 1U);
    EXPECT_EQ(DriverCountOf(bob_), 2U);
    driver_.fail_at = -1;
    ASSERT_TRUE(TransferAll());
    EXPECT_EQ(CountOf(bob_), 3U);
    EXPECT_EQ(DriverCountOf(bob_), 3U);
    ASSERT_TRUE(Await(manager_->TransferAll(bob_, ann_, Soon())));  // for the next step
  }
}

TEST_F(TransferTest, AServerKilledInTheMiddleIsFinishedByTheNextOne) {
  config_.reconcile_interval = std::chrono::minutes(1);
  StartManager();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Create(ann_));
  }
  driver_.fail_at = driver_.call_count + 1;
  ASSERT_FALSE(TransferAll());
  End();
  StartManager();  // knows nothing but what the driver has
  EXPECT_EQ(CountOf(ann_), 1U);
  EXPECT_EQ(CountOf(bob_), 2U);
  ASSERT_TRUE(TransferAll());
  EXPECT_EQ(CountOf(ann_), 0U);
  EXPECT_EQ(CountOf(bob_), 3U);
}

TEST_F(TransferTest, AListFromBeforeDoesNotTakeTheSandboxBack) {
  StartManager();
  const auto id = Create(ann_)->id;
  auto bobs = manager_->events().Subscribe(bob_);
  driver_.is_blocked = true;
  // Until a list is under way that was true before.
  const int calls = driver_.call_count;
  const auto give_up = Soon();
  while (driver_.call_count == calls && !give_up.Passed()) {
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds(5));
  }
  ASSERT_TRUE(TransferAll());
  driver_.Unblock();
  Settle();
  EXPECT_TRUE(manager_->Find(bob_, id));
  EXPECT_EQ(EventsOf(*bobs).size(), 1U) << "it came once, and did not go";
}

TEST_F(TransferTest, WhoHasBeenGivenMoreThanTheirQuotaCreatesNoMore) {
  StartManager();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Create(ann_));
    ASSERT_TRUE(Create(bob_));
  }
  ASSERT_TRUE(TransferAll());
  const auto refused = Create(bob_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kExhausted);
  EXPECT_EQ(refused.error().message, "you have 6 sandboxes and may have 4; delete 3");
}

TEST_F(TransferTest, UntilTheDriverHasAnsweredNothingIsSaidToBeTransferred) {
  driver_.is_down = true;
  StartManager();
  EXPECT_EQ(TransferAll().error().code, Code::kUnavailable);
}

TEST_F(TransferTest, ATransferToOneselfChangesNothing) {
  StartManager();
  const auto id = Create(ann_)->id;
  auto anns = manager_->events().Subscribe(ann_);
  ASSERT_TRUE(Await(manager_->TransferAll(ann_, ann_, Soon())));
  EXPECT_TRUE(manager_->Find(ann_, id));
  EXPECT_TRUE(EventsOf(*anns).empty());
}

}  // namespace
}  // namespace paddock::sandbox
