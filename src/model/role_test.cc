#include "model/role.h"

#include <gtest/gtest.h>

namespace paddock {
namespace {

TEST(Role, EveryRoleIsReadAsItIsWritten) {
  for (const Role role : {Role::kGuest, Role::kLearner, Role::kTeacher, Role::kAdmin}) {
    EXPECT_EQ(ParseRole(Name(role)), role);
  }
}

TEST(Role, NothingElseIsARole) {
  for (const std::string_view text : {"", "Admin", "admin ", "root", "unknown"}) {
    EXPECT_EQ(ParseRole(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace paddock
