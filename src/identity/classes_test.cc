#include "identity/classes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "identity/join_code.h"
#include "identity/testing/people_fixture.h"

namespace paddock::identity::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(JoinCode, IsReadHoweverItIsTyped) {
  const std::string code = NewJoinCode();
  EXPECT_EQ(code.size(), 8U);
  const std::string shown = FormatJoinCode(code);
  std::string lower = shown;
  std::ranges::transform(lower, lower.begin(), [](char c) { return std::tolower(c); });
  for (const std::string& typed :
       {code, shown, lower, " " + code + " ", code.substr(0, 4) + " " + code.substr(4)}) {
    EXPECT_EQ(ParseJoinCode(typed), code) << typed;
  }
}

TEST(JoinCode, WhatCannotBeOneIsNone) {
  for (const std::string& typed :
       {std::string(), std::string("ACDE-FGH"), std::string("ACDEFGHJK"), std::string("ACDE-FGH0"),
        std::string("ACDEFGH\0", 8), std::string(100, '-'), std::string("ACDEFGHI")}) {
    EXPECT_EQ(ParseJoinCode(typed), std::nullopt) << typed;
  }
}

TEST(JoinCode, NoTwoAreTheSame) {
  std::set<std::string> codes;
  for (int i = 0; i < 2000; ++i) {
    codes.insert(NewJoinCode());
  }
  EXPECT_EQ(codes.size(), 2000U);
}

TEST_P(PeopleTest, ATeacherMakesAClassAndLearnersJoinByItsCode) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto learner = AddUser(Role::kLearner, "liu");
  const auto made = AddClass(teacher, "Linux 1");
  EXPECT_EQ(made.teacher_name, "tess");
  EXPECT_TRUE(made.joinable);
  EXPECT_EQ(made.member_count, 0);
  const auto joined = Await(classes_->Join(By(learner), FormatJoinCode(made.join_code), Soon()));
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(joined->id, made.id);
  EXPECT_EQ(joined->member_count, 1);
  EXPECT_TRUE(joined->is_member);
  const auto members = Await(classes_->Members(made.id, {}, Soon()));
  ASSERT_TRUE(members);
  ASSERT_EQ(members->size(), 1U);
  EXPECT_EQ(members->front().display_name, "liu");
  for (const auto& who : {teacher, learner}) {
    const auto mine = Await(classes_->ListMine(who.user, Soon()));
    ASSERT_TRUE(mine);
    EXPECT_EQ(mine->size(), 1U);
  }
  EXPECT_THAT(Actions(), ElementsAre("class.made", "class.joined"));
}

TEST_P(PeopleTest, JoiningAgainChangesNothing) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto learner = AddUser(Role::kLearner, "liu");
  const auto made = AddClass(teacher, "Linux 1");
  AddMember(made, learner);
  AddMember(made, learner);
  EXPECT_THAT(Actions(), ElementsAre("class.made", "class.joined"));
}

TEST_P(PeopleTest, AWrongOrClosedCodeLetsNobodyIn) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto learner = AddUser(Role::kLearner, "liu");
  const auto made = AddClass(teacher, "Linux 1");
  EXPECT_EQ(CodeOf(Await(classes_->Join(By(learner), "nonsense", Soon()))), Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(classes_->Join(By(learner), NewJoinCode(), Soon()))), Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(classes_->Join(By(teacher), made.join_code, Soon()))), Code::kConflict);
  ASSERT_TRUE(Await(classes_->Change(By(teacher), made, {.joinable = false}, Soon())));
  EXPECT_EQ(CodeOf(Await(classes_->Join(By(learner), made.join_code, Soon()))), Code::kNotFound);
  ASSERT_TRUE(Await(classes_->Change(By(teacher), made, {.joinable = true}, Soon())));
  const auto renewed = Await(classes_->RenewCode(By(teacher), made, Soon()));
  ASSERT_TRUE(renewed);
  EXPECT_NE(renewed->join_code, made.join_code);
  EXPECT_EQ(CodeOf(Await(classes_->Join(By(learner), made.join_code, Soon()))), Code::kNotFound);
  EXPECT_TRUE(Await(classes_->Join(By(learner), renewed->join_code, Soon())));
}

TEST_P(PeopleTest, AClassOfAnotherNamespaceDoesNotExist) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto made = AddClass(teacher, "Linux 1");
  AuditLog audit(database(), "other");
  Quotas quotas(database(), "other", kCeiling);
  Classes others(database(), "other", audit, quotas);
  const auto stranger = AddUser(Role::kAdmin, "olga", "other");
  EXPECT_EQ(CodeOf(Await(others.Find(stranger, made.id, Action::kReadClass, Soon()))),
            Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(others.Join(By(stranger), made.join_code, Soon()))), Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(others.Delete(By(stranger), made, Soon()))), Code::kNotFound);
  EXPECT_TRUE(Await(others.ListAll(stranger.user, Soon()))->empty());
  EXPECT_TRUE(Await(classes_->Find(teacher, made.id, Action::kManageClass, Soon())));
}

TEST_P(PeopleTest, AClassExistsOnlyForWhoMayKnowOfIt) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto other = AddUser(Role::kTeacher, "otto");
  const auto learner = AddUser(Role::kLearner, "liu");
  const auto stranger = AddUser(Role::kLearner, "sam");
  const auto admin = AddUser(Role::kAdmin, "ada");
  const auto made = AddClass(teacher, "Linux 1");
  AddMember(made, learner);
  const auto find = [&](const Principal& who, Action action) {
    return Await(classes_->Find(who, made.id, action, Soon()));
  };
  EXPECT_TRUE(find(teacher, Action::kManageClass));
  EXPECT_TRUE(find(admin, Action::kManageClass));
  EXPECT_TRUE(find(learner, Action::kReadClass));
  EXPECT_EQ(CodeOf(find(learner, Action::kManageClass)), Code::kDenied);
  EXPECT_EQ(CodeOf(find(learner, Action::kReadMembers)), Code::kDenied);
  for (const auto& who : {other, stranger}) {
    EXPECT_EQ(CodeOf(find(who, Action::kReadClass)), Code::kNotFound);
    EXPECT_EQ(CodeOf(find(who, Action::kManageClass)), Code::kNotFound);
  }
}

TEST_P(PeopleTest, AFullClassAndAFullTeacherSaySo) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto made = AddClass(teacher, "Linux 1");
  const store::ClassTable table(kNameSpace);
  const Error full{.code = Code::kExhausted, .message = "full"};
  const auto now = std::chrono::system_clock::now();
  const auto liu = AddUser(Role::kLearner, "liu");
  const auto sam = AddUser(Role::kLearner, "sam");
  EXPECT_TRUE(Write({table.InsertMember(made.id, liu.user, now, 1, full)}));
  EXPECT_TRUE(Write({table.InsertMember(made.id, liu.user, now, 1, full)})) << "is in it already";
  EXPECT_EQ(CodeOf(Write({table.InsertMember(made.id, sam.user, now, 1, full)})), Code::kExhausted);
  auto second = made;
  second.id = NewId<ClassId>();
  second.join_code = NewJoinCode();
  EXPECT_EQ(CodeOf(Write({table.Insert(second, 1, full)})), Code::kExhausted);
  EXPECT_TRUE(Write({table.Insert(second, 2, full)}));
}

TEST_P(PeopleTest, TheLastPlaceGoesToOneOfManyAtOnce) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto made = AddClass(teacher, "Linux 1");
  const store::ClassTable table(kNameSpace);
  int entered = 0;
  aio::TaskScope scope(loop_.get_executor());
  const auto enter = [](store::Database& database, store::Transaction transaction,
                        int& count) -> aio::Task<void> {
    auto written = co_await database.Write(std::move(transaction), Soon());
    count += written ? 1 : 0;
  };
  for (int i = 0; i < 10; ++i) {
    const auto who = AddUser(Role::kLearner, fmt::format("l{}", i));
    scope.Spawn(
        enter(database(),
              {table.LockFor(made.id, who.user, {.code = Code::kNotFound, .message = "gone"}),
               table.InsertMember(made.id, who.user, std::chrono::system_clock::now(), 3,
                                  {.code = Code::kExhausted, .message = "full"})},
              entered));
  }
  const auto join = [](aio::TaskScope& running) -> aio::Task<bool> {
    co_await running.Join();
    co_return true;
  };
  EXPECT_TRUE(Await(join(scope)));
  EXPECT_EQ(entered, 3);
  EXPECT_EQ(Await(classes_->Members(made.id, {}, Soon()))->size(), 3U);
}

TEST_P(PeopleTest, MembersComeInPages) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto made = AddClass(teacher, "Linux 1");
  for (int i = 0; i < 5; ++i) {
    AddMember(made, AddUser(Role::kLearner, fmt::format("l{}", i)));
  }
  std::vector<std::string> names;
  store::PageQuery page{.limit = 2};
  for (int turn = 0; turn < 4; ++turn) {
    const auto members = Await(classes_->Members(made.id, page, Soon()));
    ASSERT_TRUE(members);
    for (const auto& member : *members) {
      names.push_back(member.display_name);
      page.after = member.id.value();
    }
  }
  std::ranges::sort(names);
  EXPECT_THAT(names, ElementsAre("l0", "l1", "l2", "l3", "l4"));
}

TEST_P(PeopleTest, AMemberLeavesOrIsRemoved) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto liu = AddUser(Role::kLearner, "liu");
  const auto sam = AddUser(Role::kLearner, "sam");
  const auto made = AddClass(teacher, "Linux 1");
  AddMember(made, liu);
  AddMember(made, sam);
  EXPECT_TRUE(Await(classes_->RemoveMember(By(liu), made, liu.user, Soon())));
  EXPECT_TRUE(Await(classes_->RemoveMember(By(teacher), made, sam.user, Soon())));
  EXPECT_EQ(CodeOf(Await(classes_->RemoveMember(By(teacher), made, sam.user, Soon()))),
            Code::kNotFound);
  EXPECT_THAT(Actions(), ElementsAre("class.made", "class.joined", "class.joined", "class.left",
                                     "class.member_removed"));
}

TEST_P(PeopleTest, AClassGoesToAnotherTeacherWhenAnAdminSaysSo) {
  const auto tess = AddUser(Role::kTeacher, "tess");
  const auto otto = AddUser(Role::kTeacher, "otto");
  const auto liu = AddUser(Role::kLearner, "liu");
  const auto admin = AddUser(Role::kAdmin, "ada");
  const auto made = AddClass(tess, "Linux 1");
  AddMember(made, otto);
  EXPECT_EQ(CodeOf(Await(classes_->Change(By(tess), made, {.teacher = otto.user}, Soon()))),
            Code::kDenied);
  EXPECT_EQ(CodeOf(Await(classes_->Change(By(admin), made, {.teacher = liu.user}, Soon()))),
            Code::kInvalid);
  EXPECT_EQ(CodeOf(Await(classes_->Change(By(admin), made, {.teacher = NewId<UserId>()}, Soon()))),
            Code::kInvalid);
  const auto given = Await(classes_->Change(By(admin), made, {.teacher = otto.user}, Soon()));
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_EQ(given->teacher_name, "otto");
  EXPECT_EQ(given->member_count, 0) << "nobody is a learner in their own class";
}

TEST_P(PeopleTest, ADeletedClassTakesItsMembershipsAndItsLinksAlong) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto liu = AddUser(Role::kLearner, "liu");
  const auto made = AddClass(teacher, "Linux 1");
  AddMember(made, liu);
  ASSERT_TRUE(Write({{.sql = "INSERT INTO links (namespace, id, secret_hash, purpose, role, "
                             "class_id, created_at, expires_at, uses_left) VALUES "
                             "(?, 'l', 'h', 'invitation', 'learner', ?, 0, 0, 1)",
                      .values = {kNameSpace, made.id.value()}}}));
  ASSERT_TRUE(Await(classes_->Delete(By(teacher), made, Soon())));
  EXPECT_TRUE(Await(classes_->ListMine(liu.user, Soon()))->empty());
  EXPECT_EQ(ReadValue({.sql = "SELECT COUNT(*) FROM links"}), store::Value(std::int64_t{0}));
  EXPECT_EQ(CodeOf(Await(classes_->Delete(By(teacher), made, Soon()))), Code::kNotFound);
  EXPECT_EQ(Actions().back(), "class.deleted");
}

TEST_P(PeopleTest, ATeacherGivesNoClassMoreThanTheyHave) {
  const auto teacher = AddUser(Role::kTeacher, "tess");
  const auto admin = AddUser(Role::kAdmin, "ada");
  const auto made = AddClass(teacher, "Linux 1");
  ASSERT_TRUE(
      Await(quotas_->SetOfRole(Role::kTeacher, {.sandboxes_max = 4},
                               audit_->Entry(By(admin), AuditAction::kQuotaChanged, {}), Soon())));
  const store::ClassChange more{.quota = store::Quota{.sandboxes_max = 5}};
  const auto refused = Await(classes_->Change(By(teacher), made, more, Soon()));
  EXPECT_EQ(CodeOf(refused), Code::kInvalid);
  EXPECT_THAT(refused.error().message, HasSubstr("quota.sandboxes_max must be at most 4"));
  const store::ClassChange fitting{.quota = store::Quota{.sandboxes_max = 4}};
  EXPECT_TRUE(Await(classes_->Change(By(teacher), made, fitting, Soon())));
  EXPECT_TRUE(Await(classes_->Change(By(admin), made, more, Soon())));
}

}  // namespace
}  // namespace paddock::identity::testing
