#include "doctor/runtimes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(RuntimesTest, VersionsAreReadFromWhatTheRuntimesPrint) {
  EXPECT_EQ(ParseVersion("runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1\n"), (Version{{1, 1, 5}}));
  EXPECT_EQ(ParseVersion("crun version 1.8.1\n"), (Version{{1, 8, 1}}));
  EXPECT_EQ(ParseVersion("crun version 1.28\n"), (Version{{1, 28, 0}}));
  EXPECT_EQ(ParseVersion("runc version 1.4.0-rc.3\n"), (Version{{1, 4, 0}}));
}

TEST(RuntimesTest, WhatIsNoVersionIsNone) {
  for (const std::string_view output :
       {"", "runsc version release-20221219.0\n", "runc version x.1.2\n", "runc version 1\n",
        "nothing\nrunc version 1.2.3\n", "runc version 99999999999.1.1\n"}) {
    EXPECT_EQ(ParseVersion(output), std::nullopt) << output;
  }
}

TEST(RuntimesTest, OldVersionsHaveTheFlawsThatLaterOnesMended) {
  EXPECT_THAT(KnownFlaws("runc", {{1, 1, 5}}), SizeIs(2));
  EXPECT_THAT(KnownFlaws("runc", {{1, 2, 7}}), SizeIs(1));
  EXPECT_THAT(KnownFlaws("runc", {{1, 2, 8}}), IsEmpty());
  EXPECT_THAT(KnownFlaws("runc", {{1, 3, 2}}), SizeIs(1));
  EXPECT_THAT(KnownFlaws("runc", {{1, 3, 3}}), IsEmpty());
  EXPECT_THAT(KnownFlaws("crun", {{1, 8, 1}}), SizeIs(2));
  EXPECT_THAT(KnownFlaws("crun", {{1, 27, 1}}), SizeIs(1));
  EXPECT_THAT(KnownFlaws("crun", {{1, 28, 0}}), IsEmpty());
}

TEST(RuntimesTest, AFlawIsAWarningWithARemedy) {
  const auto finding = JudgeRuntime("runc", "runc version 1.1.5+ds1\n");
  EXPECT_EQ(finding.grade, Grade::kWarning);
  EXPECT_THAT(finding.text, HasSubstr("CVE-2025-31133"));
  EXPECT_THAT(finding.remedy, HasSubstr("newer runc"));
}

TEST(RuntimesTest, AMissingRuntimeSaysHowToGetIt) {
  EXPECT_EQ(JudgeRuntime("crun", "").remedy, "apt-get install crun");
}

TEST(RuntimesTest, AVersionWithoutKnownFlawsIsGood) {
  EXPECT_EQ(JudgeRuntime("runsc", "runsc version release-20221219.0\n").grade, Grade::kGood);
  EXPECT_EQ(JudgeRuntime("crun", "crun version 1.28\n").grade, Grade::kGood);
}

}  // namespace
}  // namespace paddock::doctor
