#include "app/config/listing.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config/testing/sample.h"

namespace paddock::app::config {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Listing = Sample;
using NodeListing = NodeSample;

TEST_F(Listing, TheTableHasEveryValueWithItsSource) {
  const Report report = LoadAll("memory-max-mib = 64\ntrusted-proxies = [\"::1\", \"::2\"]",
                                {"PADDOCK_GUESTS=off"}, {"--user-rate=2"});
  EXPECT_THAT(report.errors, IsEmpty());
  EXPECT_THAT(ValueTable(set),
              AllOf(ContainsRegex("\nmemory-max-mib +64 +[^ ]*paddock.toml:1\n"),
                    ContainsRegex("\ntrusted-proxies +::1,::2 +[^ ]*paddock.toml:2\n"),
                    ContainsRegex("\nguests +off +PADDOCK_GUESTS\n"),
                    ContainsRegex("\nuser-rate +2 +--user-rate\n"),
                    ContainsRegex("\ndata-dir +/var/lib/paddock +default\n")));
}

TEST_F(Listing, TheTableHidesSecretsWhereverTheyAreFrom) {
  const std::string path = Write("secret", "s3cret");
  const Report report = LoadAll("client-secret-file = \"" + path + "\"",
                                {"PADDOCK_STORE=postgres://u:s3cret@h/d?password=s3cret"});
  EXPECT_THAT(report.errors, IsEmpty());
  EXPECT_EQ(client_secret, "s3cret");
  const std::string table = ValueTable(set);
  EXPECT_THAT(table, Not(HasSubstr("s3cret")));
  EXPECT_THAT(table, ContainsRegex("\nclient-secret +\\(set\\) +client-secret-file \\("));
  EXPECT_THAT(table, HasSubstr("postgres://u:***@h/d?***"));
}

TEST_F(Listing, ASecretThatIsNotSetIsShownAsNothing) {
  EXPECT_THAT(ValueTable(set), ContainsRegex("\nclient-secret +default\n"));
}

TEST_F(Listing, HelpNamesEachFlagWithItsBoundsAndItsDefault) {
  EXPECT_THAT(HelpText(set), AllOf(ContainsRegex("--memory-max-mib 32..4194304 +of one sandbox "
                                                 "\\(4096\\)\n"),
                                   HasSubstr("\nNode:\n"), HasSubstr("--config ")));
}

TEST_F(NodeListing, HelpOfTheNodeLeavesTheServersFlagsOut) {
  EXPECT_THAT(HelpText(set), AllOf(Not(HasSubstr("--memory-max-mib")), HasSubstr("--id-base")));
}

TEST_F(Listing, TheExampleShowsDefaultsAsTomlAndExamplesAsSuch) {
  EXPECT_THAT(ExampleFile(set),
              AllOf(HasSubstr("\n# of one sandbox\n#memory-max-mib = 4096\n"),
                    HasSubstr("\n#guests = true\n"), HasSubstr("\n#trusted-proxies = []\n"),
                    HasSubstr("; for example\n#public-origin = \"https://paddock.example\"\n"),
                    Not(HasSubstr("#config"))));
}

TEST_F(Listing, TheExampleIsTheConfigurationOfTheDefaults) {
  EXPECT_THAT(LoadAll(ExampleFile(set)).errors, IsEmpty());
  EXPECT_FALSE(set.IsGiven("memory-max-mib"));
}

TEST_F(Listing, ARowOfTheDocumentationHasNameDefaultAndMeaning) {
  EXPECT_EQ(DocumentedRow(*set.Find("memory-max-mib")),
            "| `memory-max-mib` | `4096` | of one sandbox |");
  EXPECT_EQ(DocumentedRow(*set.Find("store")), "| `store` |  | where things are kept |");
}

}  // namespace
}  // namespace paddock::app::config
