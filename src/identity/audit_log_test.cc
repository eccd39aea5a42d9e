#include "identity/audit_log.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/testing/people_fixture.h"

namespace paddock::identity::testing {
namespace {

using ::testing::ElementsAre;

TEST(AuditAction, EveryNameIsReadBackAndNoTwoAreTheSame) {
  std::set<std::string_view> names;
  for (int number = 0; number <= static_cast<int>(kLastAuditAction); ++number) {
    const auto action = static_cast<AuditAction>(number);
    names.insert(Name(action));
    EXPECT_EQ(ParseAuditAction(Name(action)), action);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kLastAuditAction) + 1);
  EXPECT_EQ(ParseAuditAction("user.promoted"), std::nullopt);
}

TEST_P(PeopleTest, AnEntrySaysWhoDidWhatToWhomFromWhere) {
  const auto admin = AddUser(Role::kAdmin, "ada");
  const auto user = AddUser(Role::kLearner, "liu");
  ASSERT_TRUE(Write({audit_->Entry(
      By(admin), AuditAction::kUserRoleChanged,
      {.kind = SubjectKind::kUser, .id = user.user.value(), .name = "liu \"the\" learner"},
      {{"to", "teacher"}, {"odd", "\"\\\n\u00e9"}})}));
  const auto rows = Audited();
  ASSERT_EQ(rows.size(), 1U);
  const store::AuditEntry& entry = rows.front().entry;
  EXPECT_EQ(entry.actor_id, admin.user.value());
  EXPECT_EQ(entry.actor_name, "ada");
  EXPECT_EQ(entry.acting_as_id, std::nullopt);
  EXPECT_EQ(entry.action, "user.role_changed");
  EXPECT_EQ(entry.subject_kind, "user");
  EXPECT_EQ(entry.subject_id, user.user.value());
  EXPECT_EQ(entry.subject_name, "liu \"the\" learner");
  EXPECT_EQ(entry.address, "192.0.2.7");
  EXPECT_EQ(entry.detail, (AuditDetail{{"to", "teacher"}, {"odd", "\"\\\n\u00e9"}}));
}

TEST_P(PeopleTest, WhatAnAdminDoesAsSomebodyIsTheAdmins) {
  const auto admin = AddUser(Role::kAdmin, "ada");
  auto user = AddUser(Role::kLearner, "liu");
  user.acting_admin = admin.user;
  user.acting_admin_name = "ada";
  ASSERT_TRUE(Write({audit_->Entry(By(user), AuditAction::kClassJoined, {})}));
  const auto rows = Audited();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.front().entry.actor_id, admin.user.value());
  EXPECT_EQ(rows.front().entry.actor_name, "ada");
  EXPECT_EQ(rows.front().entry.acting_as_id, user.user.value());
  EXPECT_EQ(rows.front().acting_as_name, "liu");
  EXPECT_EQ(Audited({.actor_id = user.user.value()}).size(), 1U) << "found under both";
  EXPECT_EQ(Audited({.actor_id = admin.user.value()}).size(), 1U);
}

TEST_P(PeopleTest, NobodyKnownMayBeTheActor) {
  ASSERT_TRUE(Write({audit_->Entry({.principal = std::nullopt, .address = "192.0.2.9"},
                                   AuditAction::kSessionRefused, {})}));
  EXPECT_EQ(Audited().front().entry.actor_id, "");
  EXPECT_EQ(Audited().front().entry.address, "192.0.2.9");
}

TEST_P(PeopleTest, AnEntryIsThereExactlyWhenItsChangeIs) {
  const auto admin = AddUser(Role::kAdmin, "ada");
  store::Transaction transaction{
      audit_->Entry(By(admin), AuditAction::kUserDeleted, {}),
      {.sql = "DELETE FROM users WHERE namespace = 'nowhere'",
       .if_none = Error{.code = Code::kNotFound, .message = "no such user"}}};
  EXPECT_EQ(CodeOf(Write(std::move(transaction))), Code::kNotFound);
  EXPECT_TRUE(Audited().empty());
}

TEST_P(PeopleTest, LongTextsAreCutAtACharactersEnd) {
  const auto admin = AddUser(Role::kAdmin, "ada");
  std::string name = "x";
  while (name.size() < 2 * store::kAuditTextBytesMax) {
    name += "\u4e16";
  }
  ASSERT_TRUE(Write({audit_->Entry(By(admin), AuditAction::kUserChanged,
                                   {.kind = SubjectKind::kUser, .id = "", .name = name})}));
  const std::string kept = Audited().front().entry.subject_name;
  EXPECT_EQ(kept.size(), store::kAuditTextBytesMax);
  EXPECT_TRUE(name.starts_with(kept));
}

TEST_P(PeopleTest, TheLogIsReadNewestFirstInPagesAndFiltered) {
  const auto admin = AddUser(Role::kAdmin, "ada");
  const auto other = AddUser(Role::kAdmin, "eve");
  for (int i = 0; i < 5; ++i) {
    const auto action = i % 2 == 0 ? AuditAction::kUserChanged : AuditAction::kUserDisabled;
    ASSERT_TRUE(Write({audit_->Entry(By(i < 3 ? admin : other), action,
                                     {.id = fmt::format("s{}", i), .name = ""})}));
  }
  std::vector<std::string> subjects;
  store::AuditQuery query{.limit = 2};
  for (int page = 0; page < 4; ++page) {
    for (const auto& row : Audited(query)) {
      subjects.push_back(row.entry.subject_id);
      query.before = row.entry.id;
    }
  }
  std::ranges::sort(subjects);
  EXPECT_THAT(subjects, ElementsAre("s0", "s1", "s2", "s3", "s4")) << "none twice, none missing";
  EXPECT_EQ(Audited({.actor_id = admin.user.value()}).size(), 3U);
  EXPECT_EQ(Audited({.action = "user.disabled"}).size(), 2U);
  EXPECT_EQ(Audited({.actor_id = other.user.value(), .action = "user.disabled"}).size(), 1U);
  EXPECT_EQ(Audited({.subject_id = "s4"}).size(), 1U);
  EXPECT_TRUE(Audited({.before = "nothing"}).empty());
}

TEST_P(PeopleTest, TheOrderIsThatInWhichThingsHappened) {
  store::Transaction transaction;
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    expected.push_back(fmt::format("s{}", i));
    transaction.push_back(audit_->Entry({.principal = std::nullopt, .address = ""},
                                        AuditAction::kUserChanged,
                                        {.id = expected.back(), .name = ""}));
  }
  ASSERT_TRUE(Write(std::move(transaction)));
  std::vector<std::string> subjects;
  for (const auto& row : Audited()) {
    subjects.insert(subjects.begin(), row.entry.subject_id);
  }
  EXPECT_EQ(subjects, expected);
}

TEST_P(PeopleTest, OldEntriesGoInBatchesAndNewOnesStay) {
  const auto admin = AddUser(Role::kAdmin, "ada");
  store::Transaction transaction;
  constexpr int kOld = 1203;
  for (int i = 0; i < kOld; ++i) {
    store::AuditEntry entry{.id = NewIdText(),
                            .at = store::SystemTime(std::chrono::hours(i)),
                            .actor_id = "",
                            .actor_name = "",
                            .action = "user.changed",
                            .subject_kind = "user",
                            .subject_id = "",
                            .subject_name = "",
                            .address = ""};
    transaction.push_back(store::InsertAudit(kNameSpace, entry));
  }
  transaction.push_back(audit_->Entry(By(admin), AuditAction::kUserChanged, {}));
  ASSERT_TRUE(Write(std::move(transaction)));
  const auto one = Await(store::PruneAudit(
      database(), kNameSpace, store::SystemTime(std::chrono::hours(10'000)), 3, Soon()));
  ASSERT_TRUE(one);
  EXPECT_EQ(*one, 3) << "a batch is bounded";
  const auto pruned = Await(audit_->Prune(store::SystemTime(std::chrono::hours(10'000)), Soon()));
  ASSERT_TRUE(pruned);
  EXPECT_EQ(*pruned, kOld - 3);
  EXPECT_EQ(Audited().size(), 1U);
}

}  // namespace
}  // namespace paddock::identity::testing
