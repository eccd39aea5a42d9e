#include "app/config/sources.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config/testing/sample.h"

namespace paddock::app::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Flags = Sample;
using NodeFlags = NodeSample;
using Environment = Sample;

TEST_F(Flags, TakeTheirValueAfterASpaceOrAnEqualsSign) {
  EXPECT_THAT(LoadAll("", {}, {"--memory-max-mib", "64", "--data-dir=/srv/a=b"}).errors, IsEmpty());
  EXPECT_EQ(memory_max_mib, 64);
  EXPECT_EQ(data_dir, "/srv/a=b");
}

TEST_F(Flags, ASwitchAloneIsOn) {
  guests = false;
  EXPECT_THAT(LoadAll("", {}, {"--guests", "--memory-max-mib", "64"}).errors, IsEmpty());
  EXPECT_TRUE(guests);
}

TEST_F(Flags, ASwitchTakesOnAndOff) {
  EXPECT_THAT(LoadAll("", {}, {"--guests", "off"}).errors, IsEmpty());
  EXPECT_FALSE(guests);
  EXPECT_THAT(LoadAll("", {}, {"--guests=true"}).errors, IsEmpty());
  EXPECT_TRUE(guests);
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--guests=yes"})), "--guests: must be on or off");
}

TEST_F(Flags, AListComesInPartsOrWithCommas) {
  EXPECT_THAT(LoadAll("", {}, {"--trusted-proxies", "::1,::2", "--trusted-proxies=::3"}).errors,
              IsEmpty());
  EXPECT_THAT(trusted_proxies, ElementsAre("::1", "::2", "::3"));
}

TEST_F(Flags, AnUnknownOneIsNamedWithTheNearest) {
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--memory-max-mb", "64"})),
            "--memory-max-mb: there is no such option: did you mean 'memory-max-mib'?");
}

TEST_F(Flags, OneWithoutItsValueIsAnError) {
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--data-dir"})), "--data-dir: needs a value, PATH");
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--data-dir", "--guests"})),
            "--data-dir: needs a value, PATH");
}

TEST_F(Flags, OneGivenTwiceIsAnError) {
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--memory-max-mib=64", "--memory-max-mib=64"})),
            "--memory-max-mib: is given twice");
}

TEST_F(Flags, AWordThatBelongsToNoneIsAnError) {
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"everything"})), "'everything' is not expected here");
}

TEST_F(Flags, AllThatIsWrongIsSaidAtOnce) {
  const Report report =
      LoadAll("", {}, {"--nothing-like-it", "5", "--memory-max-mib=x", "word", "--user-rate=-1"});
  EXPECT_THAT(
      report.errors,
      ElementsAre("--nothing-like-it: there is no such option", "'word' is not expected here",
                  "--memory-max-mib: must be a whole number between 32 and 4194304",
                  "--user-rate: must be between 0.01 and 1000000000"));
}

TEST_F(Flags, HelpIsNoError) {
  const Report report = LoadAll("", {}, {"--help"});
  EXPECT_TRUE(report.wants_help);
  EXPECT_THAT(report.errors, IsEmpty());
}

TEST_F(NodeFlags, OfTheServerAreRefusedByTheNode) {
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--memory-max-mib", "64"})),
            "--memory-max-mib: is an option of `paddock serve`");
}

TEST_F(Flags, OfTheNodeArePassedOnWithoutTheServersSecrets) {
  const Report report = LoadAll(
      "", {}, {"--id-base", "5", "--store", "postgres://u:s3cret@h/d", "--data-dir", "/srv"});
  EXPECT_THAT(report.errors, IsEmpty());
  EXPECT_THAT(FlagsFor(Process::kNode, set, report.flags),
              ElementsAre("--id-base=5", "--data-dir=/srv"));
}

TEST_F(Environment, HasEveryKindAsText) {
  EXPECT_THAT(LoadAll("", {"PADDOCK_GUESTS=off", "PADDOCK_TRUSTED_PROXIES=::1, ::2",
                           "PADDOCK_USER_RATE=0.5", "HOME=/root"})
                  .errors,
              IsEmpty());
  EXPECT_FALSE(guests);
  EXPECT_THAT(trusted_proxies, ElementsAre("::1", "::2"));
  EXPECT_EQ(user_rate, 0.5);
}

TEST_F(Environment, AnEmptyVariableCountsAsNotThere) {
  const Report report = LoadAll("memory-max-mib = 64", {"PADDOCK_MEMORY_MAX_MIB="});
  EXPECT_THAT(report.errors, IsEmpty());
  EXPECT_EQ(memory_max_mib, 64);
}

TEST_F(Environment, AnUnknownVariableOfOursIsAWarningWithTheNearestName) {
  const Report report = LoadAll("", {"PADDOCK_GUEST=on", "PADDOCK=1", "OTHER_GUEST=on"});
  EXPECT_THAT(report.errors, IsEmpty());
  EXPECT_THAT(report.warnings,
              ElementsAre("PADDOCK_GUEST: no option is read from this variable: did you mean "
                          "'guests'?"));
}

TEST_F(Environment, AVariableInSmallLettersIsNotTheOption) {
  const Report report = LoadAll("", {"PADDOCK_guests=off"});
  EXPECT_TRUE(guests);
  EXPECT_EQ(report.warnings.size(), 1U);
}

TEST_F(Environment, TheTestsOwnVariablesAreNoWarning) {
  EXPECT_THAT(LoadAll("", {"PADDOCK_TEST_IMAGES=/images"}).warnings, IsEmpty());
}

TEST_F(Environment, NoWarningOrErrorHoldsAValue) {
  const Report report =
      LoadAll("", {"PADDOCK_CLIENT_SECRETS=s3cret", "PADDOCK_CLIENT_SECRET=s3cret\x1b"});
  ASSERT_EQ(report.warnings.size(), 1U);
  EXPECT_THAT(report.warnings.front(), Not(HasSubstr("s3cret")));
  EXPECT_EQ(OnlyError(report),
            "PADDOCK_CLIENT_SECRET: must be one line without control characters");
}

}  // namespace
}  // namespace paddock::app::config
