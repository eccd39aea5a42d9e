#include "questions/visibility.h"

#include <gtest/gtest.h>

namespace paddock::questions {
namespace {

constexpr std::string_view kClass = "class:mfrggzdfmztwq2lknnwg23tpoa";

TEST(Visibility, HasFourForms) {
  for (const auto text : {kEveryone, kAccounts, kTeachers, kClass}) {
    EXPECT_TRUE(IsVisibility(text)) << text;
  }
  for (const std::string_view text : {"", "nobody", "class:", "class:x", "*", "Everyone"}) {
    EXPECT_FALSE(IsVisibility(text)) << text;
  }
}

TEST(Visibility, LetsInWhomItNames) {
  const Reader guest;
  const Reader learner{.role = Role::kLearner};
  const Reader member{.role = Role::kLearner, .classes = {std::string(kClass.substr(6))}};
  const Reader teacher{.role = Role::kTeacher, .may_author = true};
  EXPECT_TRUE(IsVisible(kEveryone, guest));
  EXPECT_FALSE(IsVisible(kAccounts, guest));
  EXPECT_TRUE(IsVisible(kAccounts, learner));
  EXPECT_FALSE(IsVisible(kClass, learner));
  EXPECT_TRUE(IsVisible(kClass, member));
  EXPECT_FALSE(IsVisible(kTeachers, member));
  for (const auto text : {kEveryone, kAccounts, kTeachers, kClass}) {
    EXPECT_TRUE(IsVisible(text, teacher)) << text;
  }
}

TEST(Visibility, ATeachersTokenWithoutTheScopeSeesNoMoreThanALearner) {
  EXPECT_FALSE(IsVisible(kTeachers, {.role = Role::kTeacher}));
}

}  // namespace
}  // namespace paddock::questions
