#include "identity/quotas.h"

#include <gtest/gtest.h>

#include "identity/testing/people_fixture.h"

namespace paddock::identity::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Grant kServer{.sandboxes_max = 5, .memory_max_bytes = 1000, .lifetime_max_s = 100};

TEST(EffectiveGrant, ARoleThatSaysNothingGivesWhatTheServerAllows) {
  EXPECT_EQ(EffectiveGrant({}, {}, kServer), kServer);
  EXPECT_EQ(EffectiveGrant({}, {{.sandboxes_max = 1}}, kServer), kServer);
}

TEST(EffectiveGrant, TheGreatestOfRoleAndClassesCountsPerField) {
  const store::Quota role{.sandboxes_max = 1, .memory_max_bytes = 500, .lifetime_max_s = 10};
  const std::vector<store::Quota> classes{{.sandboxes_max = 3, .memory_max_bytes = 400},
                                          {.sandboxes_max = 2, .lifetime_max_s = 50},
                                          {}};
  EXPECT_EQ(EffectiveGrant(role, classes, kServer),
            (Grant{.sandboxes_max = 3, .memory_max_bytes = 500, .lifetime_max_s = 50}));
}

TEST(EffectiveGrant, NothingGivesMoreThanTheServerAllows) {
  const store::Quota much{
      .sandboxes_max = 900, .memory_max_bytes = 1 << 30, .lifetime_max_s = 1 << 30};
  EXPECT_EQ(EffectiveGrant(much, {much}, kServer), kServer);
}

TEST(EffectiveGrant, NoneAtAllIsAQuota) {
  EXPECT_EQ(EffectiveGrant({.sandboxes_max = 0}, {}, kServer).sandboxes_max, 0);
}

TEST_P(PeopleTest, AGrantIsInMemoryFromTheFirstQuestionToTheNextChange) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto learner = AddUser(Role::kLearner, "liu");
  const auto admin = AddUser(Role::kAdmin, "ada");
  const auto set = [&](Role role, store::Quota quota) {
    return Await(quotas_->SetOfRole(
        role, quota, audit_->Entry(By(admin), AuditAction::kQuotaChanged, {}), Soon()));
  };
  const auto find = [&] { return Await(quotas_->Find(learner.user, learner.role, Soon())); };
  const auto is_known = [&] { return quotas_->Peek(learner, Clock::now()).has_value(); };
  ASSERT_TRUE(set(Role::kLearner, {.sandboxes_max = 1}));
  EXPECT_FALSE(is_known());
  EXPECT_EQ(find()->sandboxes_max, 1);
  EXPECT_TRUE(is_known());

  const auto made = AddClass(teacher, "Linux 1");
  AddMember(made, learner);
  EXPECT_FALSE(is_known()) << "joined";
  EXPECT_EQ(find()->sandboxes_max, 1) << "the class says nothing";

  const store::ClassChange more{.quota = store::Quota{.sandboxes_max = 3}};
  ASSERT_TRUE(Await(classes_->Change(By(teacher), made, more, Soon())));
  EXPECT_FALSE(is_known()) << "the class's quota";
  EXPECT_EQ(find()->sandboxes_max, 3);

  ASSERT_TRUE(set(Role::kLearner, {.sandboxes_max = 4}));
  EXPECT_FALSE(is_known()) << "the role's quota";
  EXPECT_EQ(find()->sandboxes_max, 4);

  ASSERT_TRUE(Await(classes_->RemoveMember(By(teacher), made, learner.user, Soon())));
  EXPECT_FALSE(is_known()) << "removed";
  ASSERT_TRUE(Await(classes_->Delete(By(teacher), made, Soon())));
  ASSERT_TRUE(set(Role::kLearner, {}));
  EXPECT_EQ(find()->sandboxes_max, kCeiling.sandboxes_max);
}

TEST_P(PeopleTest, WhatIsInMemoryGrowsOld) {
  const auto learner = AddUser(Role::kLearner, "liu");
  const Principal guest{.user = NewId<UserId>()};
  EXPECT_FALSE(quotas_->Peek(guest, Clock::now()));
  ASSERT_TRUE(Await(quotas_->Find(learner.user, learner.role, Soon())));
  ASSERT_TRUE(quotas_->Peek(learner, Clock::now()));
  EXPECT_TRUE(quotas_->Peek(guest, Clock::now())) << "a guest needs no look-up of their own";
  EXPECT_FALSE(quotas_->Peek(learner, Clock::now() + Quotas::kAgeMax));
  EXPECT_FALSE(quotas_->Peek(guest, Clock::now() + Quotas::kAgeMax));
}

TEST_P(PeopleTest, AGrantOfAnotherRoleIsNotUsed) {
  auto user = AddUser(Role::kLearner, "liu");
  ASSERT_TRUE(Await(quotas_->Find(user.user, user.role, Soon())));
  user.role = Role::kTeacher;
  EXPECT_FALSE(quotas_->Peek(user, Clock::now()));
}

}  // namespace
}  // namespace paddock::identity::testing
