#include "app/config/option_set.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config/testing/sample.h"

namespace paddock::app::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Precedence = Sample;
using SecretFile = Sample;

TEST_F(Precedence, TheFileComesBeforeTheDefault) {
  EXPECT_THAT(LoadAll("memory-max-mib = 100").errors, ElementsAre());
  EXPECT_EQ(memory_max_mib, 100);
  EXPECT_EQ(Short(set.Find("memory-max-mib")->origin), "paddock.toml:1");
}

TEST_F(Precedence, TheEnvironmentComesBeforeTheFile) {
  EXPECT_THAT(LoadAll("memory-max-mib = 100", {"PADDOCK_MEMORY_MAX_MIB=200"}).errors,
              ElementsAre());
  EXPECT_EQ(memory_max_mib, 200);
  EXPECT_EQ(set.Find("memory-max-mib")->origin, "PADDOCK_MEMORY_MAX_MIB");
}

TEST_F(Precedence, AFlagComesBeforeTheEnvironment) {
  EXPECT_THAT(
      LoadAll("memory-max-mib = 100", {"PADDOCK_MEMORY_MAX_MIB=200"}, {"--memory-max-mib", "300"})
          .errors,
      ElementsAre());
  EXPECT_EQ(memory_max_mib, 300);
  EXPECT_EQ(set.Find("memory-max-mib")->origin, "--memory-max-mib");
}

TEST_F(Precedence, AListIsReplacedAndNotAddedTo) {
  EXPECT_THAT(LoadAll("trusted-proxies = [\"::1\", \"::2\"]", {}, {"--trusted-proxies=::3"}).errors,
              ElementsAre());
  EXPECT_THAT(trusted_proxies, ElementsAre("::3"));
}

TEST_F(Precedence, AnEmptyFlagTakesBackWhatTheFileSays) {
  EXPECT_THAT(LoadAll("public-origin = \"https://a\"\ntrusted-proxies = \"::1\"", {},
                      {"--public-origin=", "--trusted-proxies="})
                  .errors,
              ElementsAre());
  EXPECT_EQ(public_origin, "");
  EXPECT_THAT(trusted_proxies, ElementsAre());
}

TEST_F(Precedence, AWrongValueIsAnErrorThoughAnotherSourceComesBeforeIt) {
  EXPECT_EQ(OnlyError(LoadAll("memory-max-mib = 1", {}, {"--memory-max-mib=64"})),
            "paddock.toml:1: memory-max-mib: must be between 32 and 4194304");
}

TEST_F(Precedence, TheSameRuleNamesEachSource) {
  const Report report =
      LoadAll("memory-max-mib = 1", {"PADDOCK_MEMORY_MAX_MIB=2"}, {"--memory-max-mib=3"});
  ASSERT_EQ(report.errors.size(), 3U);
  EXPECT_EQ(Short(report.errors[0]),
            "paddock.toml:1: memory-max-mib: must be between 32 and 4194304");
  EXPECT_EQ(report.errors[1], "PADDOCK_MEMORY_MAX_MIB: must be between 32 and 4194304");
  EXPECT_EQ(report.errors[2], "--memory-max-mib: must be between 32 and 4194304");
}

TEST_F(Precedence, WhatIsGivenIsKnownEvenIfItIsTheDefault) {
  EXPECT_FALSE(set.IsGiven("guests"));
  EXPECT_THAT(LoadAll("guests = true").errors, ElementsAre());
  EXPECT_TRUE(set.IsGiven("guests"));
}

TEST_F(SecretFile, IsReadWithoutTheEndOfItsLine) {
  const std::string path = Write("secret", "s3cret\n");
  EXPECT_THAT(LoadAll("client-secret-file = \"" + path + "\"").errors, ElementsAre());
  EXPECT_EQ(client_secret, "s3cret");
  EXPECT_EQ(Short(set.Find("client-secret")->origin), "client-secret-file (paddock.toml:1)");
}

TEST_F(SecretFile, OfALaterSourceComesBeforeTheSecretItself) {
  const std::string path = Write("secret", "from-file");
  const Report report =
      LoadAll("client-secret = \"from-toml\"", {"PADDOCK_CLIENT_SECRET_FILE=" + path});
  EXPECT_THAT(report.errors, ElementsAre());
  EXPECT_EQ(client_secret, "from-file");
}

TEST_F(SecretFile, OfAnEarlierSourceGivesWayToTheSecretItself) {
  const std::string path = Write("secret", "from-file");
  const Report report =
      LoadAll("client-secret-file = \"" + path + "\"", {"PADDOCK_CLIENT_SECRET=from-variable"});
  EXPECT_THAT(report.errors, ElementsAre());
  EXPECT_EQ(client_secret, "from-variable");
  EXPECT_EQ(set.Find("client-secret")->origin, "PADDOCK_CLIENT_SECRET");
}

TEST_F(SecretFile, BesideTheSecretInOneSourceIsAnError) {
  const std::string path = Write("secret", "from-file");
  const Report report =
      LoadAll("client-secret-file = \"" + path + "\"\nclient-secret = \"s3cret\"");
  EXPECT_EQ(
      OnlyError(report),
      "paddock.toml:1: client-secret-file: client-secret is given too: leave one of them out");
}

TEST_F(SecretFile, ThatOthersMayReadIsRefusedWithTheCommandThatMendsIt) {
  const std::string path = Write("secret", "s3cret", 0644);
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--client-secret-file", path})),
            "--client-secret-file: secret is open to every user of this host: chmod o= secret");
  EXPECT_EQ(client_secret, "");
}

TEST_F(SecretFile, ThatIsEmptyIsRefused) {
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--client-secret-file", Write("empty", "\n")})),
            "--client-secret-file: empty is empty");
}

TEST_F(SecretFile, ThatIsMissingIsRefused) {
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--client-secret-file", PathOf("none")})),
            "--client-secret-file: cannot read none: No such file or directory");
}

TEST_F(SecretFile, ThatIsTooLongIsRefused) {
  const std::string path = Write("long", std::string(4097, 'x'));
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--client-secret-file", path})),
            "--client-secret-file: long is longer than 4096 bytes");
}

TEST_F(SecretFile, WithoutANameIsRefused) {
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--client-secret-file="})),
            "--client-secret-file: must be the name of a file");
}

TEST_F(SecretFile, WithSeveralLinesIsRefusedWithoutQuotingThem) {
  EXPECT_EQ(OnlyError(LoadAll("", {}, {"--client-secret-file", Write("lines", "s3cret\ntwo\n")})),
            "--client-secret-file: must be one line without control characters");
}

struct Address {
  const char* url;
  const char* shown;
};

class WithoutPasswordTest : public ::testing::TestWithParam<Address> {};

TEST_P(WithoutPasswordTest, ShowsAllButWhatMayBeSecret) {
  EXPECT_EQ(WithoutPassword(GetParam().url), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    WithoutPasswordTest,
    ::testing::Values(Address{"", ""},
                      Address{"sqlite:/srv/a:b@c.db", "sqlite:/srv/a:b@c.db"},
                      Address{"postgres://host/db", "postgres://host/db"},
                      Address{"postgres://user@host:5432/db", "postgres://user@host:5432/db"},
                      Address{"postgres://user:s3cret@host/db", "postgres://user:***@host/db"},
                      Address{"postgres://user:s3/c?r#e@t@host/db", "postgres://user:***@host/db"},
                      Address{"postgres://user:@host/db", "postgres://user:***@host/db"},
                      Address{"postgres://host/db?password=s3cret", "postgres://host/db?***"},
                      Address{"postgres://host/db?password=s3c@ret", "postgres://host/***"},
                      Address{"postgres://user:s3cret@host/db?sslpassword=s3cret",
                              "postgres://user:***@host/db?***"},
                      Address{"user:s3cret@host", "user:***@host"}));

TEST(VariableOf, IsTheNameInCapitals) {
  EXPECT_EQ(VariableOf("memory-max-mib"), "PADDOCK_MEMORY_MAX_MIB");
  EXPECT_EQ(VariableOf("oidc-ca-file"), "PADDOCK_OIDC_CA_FILE");
}

}  // namespace
}  // namespace paddock::app::config
