#include "sandbox/registry.h"

#include <gtest/gtest.h>

namespace paddock::sandbox {
namespace {

class RegistryTest : public testing::Test {
 protected:
  [[nodiscard]] Info NewInfo(State state = State::kRunning) const {
    return {.id = NewId<SandboxId>(),
            .owner = owner_,
            .image = "base",
            .limits = {},
            .env = {},
            .state = state,
            .failure = {},
            .created_at = {}};
  }

  UserId owner_ = NewId<UserId>();
  EventFeed feed_;
  Registry registry_{feed_};
};

TEST_F(RegistryTest, AListBringsWhatIsNewAndTakesWhatIsGone) {
  const Info gone = NewInfo();
  registry_.Merge(registry_.Now(), {gone});
  ASSERT_NE(registry_.Find(gone.id), nullptr);
  Info fresh = NewInfo(State::kPaused);
  registry_.Merge(registry_.Now(), {fresh});
  EXPECT_EQ(registry_.Find(gone.id), nullptr);
  EXPECT_EQ(registry_.Find(fresh.id)->state, State::kPaused);
  EXPECT_EQ(registry_.CountOwnedBy(owner_), 1);
  EXPECT_EQ(registry_.CountOwnedBy(NewId<UserId>()), 0);
}

TEST_F(RegistryTest, WhatWasCreatedAfterTheListWasAskedForStays) {
  const auto asked_at = registry_.Now();
  const Info created = NewInfo();
  registry_.Put(created);
  registry_.Merge(asked_at, {});
  EXPECT_NE(registry_.Find(created.id), nullptr);
  registry_.Merge(registry_.Now(), {});
  EXPECT_EQ(registry_.Find(created.id), nullptr);
}

TEST_F(RegistryTest, WhatWasDestroyedAfterTheListWasAskedForStaysAway) {
  const Info info = NewInfo();
  registry_.Put(info);
  const auto asked_at = registry_.Now();
  registry_.Remove(info.id);
  registry_.Merge(asked_at, {info});
  EXPECT_EQ(registry_.Find(info.id), nullptr);
}

TEST_F(RegistryTest, WhatIsBeingCreatedIsNotTouchedByAnyList) {
  Info pending = NewInfo(State::kCreating);
  registry_.AddPending(pending);
  registry_.Merge(registry_.Now(), {});
  ASSERT_NE(registry_.Find(pending.id), nullptr);
  pending.state = State::kFailed;
  registry_.Merge(registry_.Now(), {pending});
  EXPECT_EQ(registry_.Find(pending.id)->state, State::kCreating);
}

TEST_F(RegistryTest, WhoseOwnerHasChangedGoesFromTheOldOneAndComesToTheNewOne) {
  Info info = NewInfo(State::kPaused);
  registry_.Merge(registry_.Now(), {info});
  const auto heir = NewId<UserId>();
  info.owner = heir;
  registry_.Merge(registry_.Now(), {info});
  EXPECT_EQ(registry_.CountOwnedBy(owner_), 0);
  ASSERT_EQ(registry_.CountOwnedBy(heir), 1);
  EXPECT_EQ(registry_.Find(info.id)->state, State::kPaused);
  registry_.SetOwner(info.id, owner_);
  EXPECT_EQ(registry_.CountOwnedBy(owner_), 1);
  EXPECT_EQ(registry_.CountOwnedBy(heir), 0);
  registry_.SetOwner(NewId<SandboxId>(), owner_);  // nobody knows it
  EXPECT_EQ(registry_.size(), 1U);
}

TEST_F(RegistryTest, AUsersSandboxesComeNewestFirst) {
  Info old = NewInfo();
  Info young = NewInfo();
  old.created_at = std::chrono::system_clock::time_point(std::chrono::seconds(1));
  young.created_at = std::chrono::system_clock::time_point(std::chrono::seconds(2));
  registry_.Merge(registry_.Now(), {old, young});
  const auto owned = registry_.OwnedBy(owner_);
  ASSERT_EQ(owned.size(), 2U);
  EXPECT_EQ(owned.front().id, young.id);
}

}  // namespace
}  // namespace paddock::sandbox
