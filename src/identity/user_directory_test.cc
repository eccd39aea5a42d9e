#include "identity/user_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/testing/people_fixture.h"

namespace paddock::identity::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_P(PeopleTest, UsersAreFoundByNameMailAndRoleInPages) {
  (void)AddUser(Role::kAdmin, "ada");
  (void)AddUser(Role::kLearner, "Liu%");
  const auto tess = AddUser(Role::kTeacher, "tess_1");
  (void)AddUser(Role::kLearner, "stranger", "other");
  const auto names = [&](store::DirectoryQuery query) {
    std::vector<std::string> found;
    for (const auto& user : *Await(directory_->List(std::move(query), Soon()))) {
      found.push_back(user.display_name);
    }
    std::ranges::sort(found);
    return found;
  };
  EXPECT_THAT(names({}), ElementsAre("Liu%", "ada", "tess_1"));
  EXPECT_THAT(names({.text = "LIU"}), ElementsAre("Liu%"));
  EXPECT_THAT(names({.text = "%"}), ElementsAre("Liu%")) << "means itself";
  EXPECT_THAT(names({.text = "_"}), ElementsAre("tess_1")) << "means itself";
  EXPECT_THAT(names({.text = "a@example"}), ElementsAre("ada"));
  EXPECT_THAT(names({.role = Role::kTeacher}), ElementsAre("tess_1"));
  EXPECT_THAT(names({.text = "ada", .role = Role::kTeacher}), ElementsAre());
  const auto first = Await(directory_->List({.limit = 2}, Soon()));
  ASSERT_EQ(first->size(), 2U);
  const auto second =
      Await(directory_->List({.after = first->back().id.value(), .limit = 2}, Soon()));
  EXPECT_EQ(second->size(), 1U);
  (void)AddClass(tess, "Linux 1");
  const auto teacher = Await(directory_->Find(tess.user, Soon()));
  EXPECT_EQ(teacher->class_count, 1);
  EXPECT_EQ(teacher->taught_count, 1);
  EXPECT_FALSE(teacher->has_password);
}

TEST_P(PeopleTest, ARoleIsChangedAuditedAndForgotten) {
  const auto admin = AddUser(Role::kAdmin, "ada");
  const auto liu = AddUser(Role::kLearner, "liu");
  const auto now = std::chrono::steady_clock::now();
  const auto remember = [&](std::string_view secret, const Principal& principal) {
    cache_.Remember(secret, std::make_shared<const Principal>(principal),
                    now + std::chrono::hours(1), cache_.generation());
  };
  Principal acting = AddUser(Role::kLearner, "sam");
  acting.acting_admin = liu.user;
  remember("of liu", liu);
  remember("as sam", acting);
  remember("of ada", admin);
  const auto changed =
      Await(directory_->Change(By(admin), liu.user, {.role = Role::kTeacher}, Soon()));
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(cache_.Find("of liu", now), nullptr);
  EXPECT_EQ(cache_.Find("as sam", now), nullptr) << "whom they were acting as";
  EXPECT_NE(cache_.Find("of ada", now), nullptr);
  EXPECT_EQ(changed->role, Role::kTeacher);
  const auto rows = Audited();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.front().entry.detail, (AuditDetail{{"from", "learner"}, {"to", "teacher"}}));
  ASSERT_TRUE(Await(directory_->Change(By(admin), liu.user, {.role = Role::kTeacher}, Soon())));
  EXPECT_EQ(Audited().size(), 1U) << "nothing has changed";
}

TEST_P(PeopleTest, ADisabledUserLosesTheirSessions) {
  const auto admin = AddUser(Role::kAdmin, "ada");
  const auto liu = AddUser(Role::kLearner, "liu");
  const auto sessions = [&] { return ReadValue({.sql = "SELECT COUNT(*) FROM sessions"}); };
  ASSERT_TRUE(Write({{.sql = "INSERT INTO sessions (namespace, id, secret_hash, user_id, "
                             "created_at, seen_at, expires_at, address, user_agent) "
                             "VALUES (?, 's', 'h', ?, 0, 0, 0, '', '')",
                      .values = {kNameSpace, liu.user.value()}}}));
  ASSERT_TRUE(Await(directory_->Change(By(admin), liu.user, {.disabled = true}, Soon())));
  EXPECT_EQ(sessions(), store::Value(std::int64_t{0}));
  ASSERT_TRUE(Await(directory_->Change(By(admin), liu.user, {.disabled = false}, Soon())));
  EXPECT_THAT(Actions(), ElementsAre("user.disabled", "user.enabled"));
}

TEST_P(PeopleTest, NobodyChangesTheirOwnRoleOrAccess) {
  const auto ada = AddUser(Role::kAdmin, "ada");
  (void)AddUser(Role::kAdmin, "eve");
  for (const UserChange& change :
       {UserChange{.role = Role::kLearner}, UserChange{.disabled = true}}) {
    EXPECT_EQ(CodeOf(Await(directory_->Change(By(ada), ada.user, change, Soon()))),
              Code::kConflict);
  }
  EXPECT_EQ(CodeOf(Await(directory_->PrepareDelete(By(ada), ada.user, Soon()))), Code::kConflict);
  EXPECT_TRUE(Await(directory_->Change(By(ada), ada.user, {.display_name = "Ada"}, Soon())));
  EXPECT_THAT(Actions(), ElementsAre("user.changed"));
}

TEST_P(PeopleTest, TheLastAdminStaysEvenWhenTwoRemoveEachOther) {
  const auto ada = AddUser(Role::kAdmin, "ada");
  const auto eve = AddUser(Role::kAdmin, "eve");
  ASSERT_TRUE(Await(directory_->Change(By(ada), eve.user, {.role = Role::kLearner}, Soon())));
  // Eve's request was under way: she is asked for as the admin that she was.
  EXPECT_EQ(CodeOf(Await(directory_->Change(By(eve), ada.user, {.role = Role::kLearner}, Soon()))),
            Code::kConflict);
  EXPECT_EQ(CodeOf(Await(directory_->Change(By(eve), ada.user, {.disabled = true}, Soon()))),
            Code::kConflict);
  EXPECT_EQ(CodeOf(Await(directory_->PrepareDelete(By(eve), ada.user, Soon()))), Code::kConflict);
  EXPECT_EQ(Await(directory_->Find(ada.user, Soon()))->role, Role::kAdmin);
}

TEST_P(PeopleTest, AClassKeepsItsTeacher) {
  const auto admin = AddUser(Role::kAdmin, "ada");
  const auto tess = AddUser(Role::kTeacher, "tess");
  const auto made = AddClass(tess, "Linux 1");
  const auto demoted =
      Await(directory_->Change(By(admin), tess.user, {.role = Role::kLearner}, Soon()));
  EXPECT_EQ(CodeOf(demoted), Code::kConflict);
  EXPECT_THAT(demoted.error().message, HasSubstr("tess teaches 1 class"));
  EXPECT_EQ(CodeOf(Await(directory_->PrepareDelete(By(admin), tess.user, Soon()))),
            Code::kConflict);
  EXPECT_TRUE(Await(directory_->Change(By(admin), tess.user, {.role = Role::kAdmin}, Soon())));
  EXPECT_TRUE(Await(classes_->Delete(By(admin), made, Soon())));
  EXPECT_TRUE(Await(directory_->Change(By(admin), tess.user, {.role = Role::kLearner}, Soon())));
}

TEST_P(PeopleTest, ADeletedUserIsGoneAndTheLogKeepsTheName) {
  const auto admin = AddUser(Role::kAdmin, "ada");
  const auto tess = AddUser(Role::kTeacher, "tess");
  const auto liu = AddUser(Role::kLearner, "liu");
  AddMember(AddClass(tess, "Linux 1"), liu);
  const auto prepared = Await(directory_->PrepareDelete(By(admin), liu.user, Soon()));
  ASSERT_TRUE(prepared) << prepared.error().message;
  EXPECT_TRUE(Await(directory_->Find(liu.user, Soon()))->is_disabled);
  ASSERT_TRUE(Await(directory_->Delete(By(admin), *prepared, Soon())));
  EXPECT_EQ(CodeOf(Await(directory_->Find(liu.user, Soon()))), Code::kNotFound);
  EXPECT_EQ(Audited({.action = "user.deleted"}).front().entry.subject_name, "liu");
  EXPECT_EQ(CodeOf(Await(directory_->Delete(By(admin), *prepared, Soon()))), Code::kNotFound);
  EXPECT_EQ(*Await(directory_->CountAccounts(Soon())), 2);
}

TEST_P(PeopleTest, AnUnknownUserIsNotFound) {
  const auto admin = AddUser(Role::kAdmin, "ada");
  const auto unknown = NewId<UserId>();
  EXPECT_EQ(CodeOf(Await(directory_->Change(By(admin), unknown, {.disabled = true}, Soon()))),
            Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(directory_->EndSessions(By(admin), unknown, Soon()))), Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(directory_->PrepareDelete(By(admin), unknown, Soon()))), Code::kNotFound);
}

}  // namespace
}  // namespace paddock::identity::testing
