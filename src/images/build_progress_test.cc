#include "images/build_progress.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace paddock::images {
namespace {

TEST(BuildProgressTest, TheStagesFollowMmdebstrapsMessages) {
  BuildProgress build;
  EXPECT_TRUE(build.Add("I: running apt-get update..."));
  EXPECT_EQ(build.progress().stage, Stage::kIndex);
  EXPECT_TRUE(build.Add("I: downloading packages with apt..."));
  EXPECT_TRUE(build.Add("I: extracting archives..."));
  EXPECT_TRUE(build.Add("I: installing remaining packages inside the chroot..."));
  EXPECT_EQ(build.progress().stage, Stage::kPackages);
  EXPECT_TRUE(build.Add("I: running --customize-hook directly: /x/customize /x/rootfs"));
  EXPECT_TRUE(build.Add("paddock: command 1 of 2"));
  EXPECT_EQ(build.progress().stage, Stage::kCommands);
  EXPECT_TRUE(build.Add("I: cleaning package lists and apt cache..."));
  EXPECT_EQ(build.progress().stage, Stage::kFinish);
  build.Enter(Stage::kDone);
  EXPECT_EQ(build.progress().percent, 100);
}

TEST(BuildProgressTest, PackagesMoveThePercentageToTheEndOfTheirStageAndNeverBack) {
  BuildProgress build;
  build.Add("I: installing remaining packages inside the chroot...");
  const int start = build.progress().percent;
  build.Add("0 upgraded, 20 newly installed, 0 to remove and 0 not upgraded.");
  int before = start;
  for (const std::string verb : {"Get:1 ", "Unpacking ", "Setting up "}) {
    for (int i = 0; i < 20; ++i) {
      build.Add(fmt::format("{}package{} ...", verb, i));
      EXPECT_GE(build.progress().percent, before);
      before = build.progress().percent;
    }
  }
  EXPECT_EQ(before, 88);
  build.Add("Setting up one more than announced");
  EXPECT_EQ(build.progress().percent, 88);
}

TEST(BuildProgressTest, OrdinaryOutputIsRememberedButNotWorthShowing) {
  BuildProgress build;
  EXPECT_FALSE(build.Add("Reading package lists..."));
  EXPECT_EQ(build.progress().line, "Reading package lists...");
}

TEST(BuildProgressTest, AnAbsurdCountOfPackagesChangesNothing) {
  BuildProgress build;
  build.Add("I: downloading packages with apt...");
  build.Add("0 upgraded, 99999999999999999999 newly installed, 0 to remove and 0 not upgraded.");
  EXPECT_FALSE(build.Add("Get:1 x"));
}

}  // namespace
}  // namespace paddock::images
