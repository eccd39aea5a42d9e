#include "agent/users.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock::agent {
namespace {

using ::testing::ElementsAre;

constexpr const char* kPasswd =
    "root:x:0:0:root:/root:/bin/bash\n"
    "broken line\n"
    "learner:x:1000:1001:A Learner,,,:/home/learner:/bin/zsh\n"
    "odd:x:1002:1002::relative:";
constexpr const char* kGroup =
    "root:x:0:\n"
    "sudo:x:27:other,learner\n"
    "learner:x:1001:\n"
    "docker:x:99:learnerx\n"
    "dup:x:27:learner\n";

TEST(UsersTest, AUserHasHomeShellAndEveryGroupThatNamesIt) {
  const auto user = FindUserIn(1000, kPasswd, kGroup);
  EXPECT_EQ(user.name, "learner");
  EXPECT_EQ(user.gid, 1001U);
  EXPECT_EQ(user.home, "/home/learner");
  EXPECT_EQ(user.shell, "/bin/zsh");
  EXPECT_THAT(user.groups, ElementsAre(1001, 27));
}

TEST(UsersTest, AnUnknownUserGetsPlainDefaults) {
  const auto user = FindUserIn(4711, kPasswd, kGroup);
  EXPECT_EQ(user.name, "4711");
  EXPECT_EQ(user.home, "/");
  EXPECT_EQ(user.shell, "/bin/sh");
  EXPECT_THAT(user.groups, ElementsAre(4711));
}

TEST(UsersTest, RootNeedsNoFiles) {
  const auto user = FindUserIn(0, "", "");
  EXPECT_EQ(user.home, "/root");
  EXPECT_THAT(user.groups, ElementsAre(0));
}

TEST(UsersTest, FieldsThatMakeNoSenseAreReplaced) {
  const auto user = FindUserIn(1002, kPasswd, kGroup);
  EXPECT_EQ(user.home, "/");
  EXPECT_EQ(user.shell, "/bin/sh");
}

}  // namespace
}  // namespace paddock::agent
