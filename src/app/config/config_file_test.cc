#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config/private_file.h"
#include "app/config/testing/sample.h"

namespace paddock::app::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using ConfigFile = Sample;
using NodeConfigFile = NodeSample;

TEST_F(ConfigFile, EveryKindOfValueArrivesInItsField) {
  const Report report = LoadAll(R"(
data-dir = "/srv/paddock"   # a comment
trusted-proxies = ["127.0.0.1", "10.0.0.0/8"]
memory-max-mib = 0x100
user-rate = 2.5
guests = false
client-secret = 's3cret'
)");
  EXPECT_THAT(report.errors, ElementsAre());
  EXPECT_EQ(data_dir, "/srv/paddock");
  EXPECT_THAT(trusted_proxies, ElementsAre("127.0.0.1", "10.0.0.0/8"));
  EXPECT_EQ(memory_max_mib, 256);
  EXPECT_EQ(user_rate, 2.5);
  EXPECT_FALSE(guests);
  EXPECT_EQ(client_secret, "s3cret");
}

TEST_F(ConfigFile, AListMayBeATextWithCommas) {
  EXPECT_THAT(LoadAll("trusted-proxies = \"127.0.0.1, ::1,\"").errors, ElementsAre());
  EXPECT_THAT(trusted_proxies, ElementsAre("127.0.0.1", "::1"));
}

TEST_F(ConfigFile, ANumberMayBeWhole) {
  EXPECT_THAT(LoadAll("user-rate = 3").errors, ElementsAre());
  EXPECT_EQ(user_rate, 3);
}

TEST_F(ConfigFile, AnEmptyFileSetsNothing) {
  EXPECT_THAT(LoadAll("").errors, ElementsAre());
  EXPECT_EQ(memory_max_mib, 4096);
}

TEST_F(ConfigFile, AValueOutOfBoundsIsNamedWithFileAndLine) {
  EXPECT_EQ(OnlyError(LoadAll("guests = true\n\nmemory-max-mib = 31\n")),
            "paddock.toml:3: memory-max-mib: must be between 32 and 4194304");
  EXPECT_EQ(memory_max_mib, 4096);
}

TEST_F(ConfigFile, AnUnknownKeyIsNamedWithTheNearestOne) {
  EXPECT_EQ(OnlyError(LoadAll("memory-max-mb = 64")),
            "paddock.toml:1: memory-max-mb: there is no such option: did you mean "
            "'memory-max-mib'?");
}

TEST_F(ConfigFile, AnUnknownKeyThatIsLikeNothingHasNoSuggestion) {
  EXPECT_EQ(OnlyError(LoadAll("colour-of-the-walls = 1")),
            "paddock.toml:1: colour-of-the-walls: there is no such option");
}

TEST_F(ConfigFile, AKeyWithControlCharactersCannotForgeALine) {
  EXPECT_EQ(OnlyError(LoadAll(R"("a\nb\u001b[2J" = 1)")),
            "paddock.toml:1: a?b?[2J: there is no such option");
}

TEST_F(ConfigFile, ATableIsNamedAsSuch) {
  EXPECT_THAT(OnlyError(LoadAll("[oidc]\nissuer = \"x\"")),
              StartsWith("paddock.toml:1: oidc: is a table"));
}

TEST_F(ConfigFile, ATwiceGivenKeyIsAnErrorWithItsPlace) {
  EXPECT_THAT(OnlyError(LoadAll("guests = true\nguests = true")),
              AllOf(StartsWith("paddock.toml:2:"), HasSubstr("guests")));
}

TEST_F(ConfigFile, WhatIsNotTomlIsAnErrorWithLineAndColumn) {
  EXPECT_THAT(OnlyError(LoadAll("guests = true\nuser-rate == 5")),
              StartsWith("paddock.toml:2:12: "));
}

TEST_F(ConfigFile, BytesThatAreNoUtf8AreAnError) {
  EXPECT_THAT(OnlyError(LoadAll("guests = true\npublic-origin = \"\xff\"")),
              StartsWith("paddock.toml:2:"));
}

TEST_F(ConfigFile, TheConfigurationCannotNameAnother) {
  EXPECT_EQ(OnlyError(LoadAll("config = \"/other.toml\"")),
            "paddock.toml:1: config: cannot be set in a file");
}

struct WrongType {
  const char* toml;
  const char* error;
};

class ConfigFileType : public Sample, public ::testing::WithParamInterface<WrongType> {};

TEST_P(ConfigFileType, IsRefusedWhenItIsWrong) {
  EXPECT_EQ(OnlyError(LoadAll(GetParam().toml)),
            std::string("paddock.toml:1: ") + GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    ConfigFileType,
    ::testing::Values(
        WrongType{"public-origin = 5", "public-origin: must be a text in quotes"},
        WrongType{"public-origin = 2026-01-01", "public-origin: must be a text in quotes"},
        WrongType{"public-origin = {a = 1}", "public-origin: must be a text in quotes"},
        WrongType{"memory-max-mib = \"64\"",
                  "memory-max-mib: must be a whole number, without quotes"},
        WrongType{"memory-max-mib = 64.5",
                  "memory-max-mib: must be a whole number, without quotes"},
        WrongType{"user-rate = \"1\"", "user-rate: must be a number, without quotes"},
        WrongType{"user-rate = inf", "user-rate: must be a number between 0.01 and 1000000000"},
        WrongType{"user-rate = nan", "user-rate: must be a number between 0.01 and 1000000000"},
        WrongType{"guests = \"on\"", "guests: must be true or false, without quotes"},
        WrongType{"guests = 1", "guests: must be true or false, without quotes"},
        WrongType{"data-dir = \"\"", "data-dir: must not be empty"},
        WrongType{"public-origin = \"a\\nb\"",
                  "public-origin: must be one line without control characters"},
        WrongType{"trusted-proxies = [\"::1\", 5]",
                  "trusted-proxies: must be a list of texts: [\"one\", \"two\"], or \"one,two\""},
        WrongType{"trusted-proxies = true",
                  "trusted-proxies: must be a list of texts: [\"one\", \"two\"], or \"one,two\""}));

TEST_F(ConfigFile, AllThatIsWrongIsSaidAtOnceInTheOrderOfTheLines) {
  const Report report = LoadAll("zzz = 1\nguests = 1\nuser-rate = \"x\"\n");
  ASSERT_EQ(report.errors.size(), 3U);
  EXPECT_THAT(Short(report.errors[0]), StartsWith("paddock.toml:1: zzz"));
  EXPECT_THAT(Short(report.errors[1]), StartsWith("paddock.toml:2: guests"));
  EXPECT_THAT(Short(report.errors[2]), StartsWith("paddock.toml:3: user-rate"));
}

TEST_F(ConfigFile, ATextThatIsTooLongIsRefused) {
  EXPECT_EQ(OnlyError(LoadAll("public-origin = \"" + std::string(5000, 'x') + "\"")),
            "paddock.toml:1: public-origin: must not be longer than 4096 bytes");
}

TEST_F(ConfigFile, AListThatIsTooLongIsRefused) {
  std::string items;
  for (int i = 0; i < 257; ++i) {
    items += "\"::1\",";
  }
  EXPECT_EQ(OnlyError(LoadAll("trusted-proxies = [" + items + "]")),
            "paddock.toml:1: trusted-proxies: must not have more than 256 items");
}

TEST_F(ConfigFile, AFileThatIsTooLongIsRefused) {
  EXPECT_EQ(OnlyError(LoadAll(std::string(kConfigFileBytesMax + 1, '#'))),
            "paddock.toml is longer than 262144 bytes");
}

TEST_F(ConfigFile, DeepNestingIsRefusedAndNotFollowed) {
  EXPECT_THAT(OnlyError(LoadAll("trusted-proxies = " + std::string(100'000, '['))),
              StartsWith("paddock.toml:1:"));
}

TEST_F(ConfigFile, ANamedFileThatIsNotThereIsAnError) {
  const std::string path = PathOf("missing.toml");
  const std::vector<std::string> flags{"--config", path};
  const Report report = Load(set, {.arguments = flags, .environment = {}, .file_default = ""});
  EXPECT_EQ(OnlyError(report), "cannot read missing.toml: No such file or directory");
}

TEST_F(ConfigFile, AFolderIsNoFile) {
  std::filesystem::create_directory(PathOf("folder"));
  const std::vector<std::string> environment{"PADDOCK_CONFIG=" + PathOf("folder")};
  const Report report =
      Load(set, {.arguments = {}, .environment = environment, .file_default = ""});
  EXPECT_EQ(OnlyError(report), "cannot read folder: Is a directory");
}

TEST_F(ConfigFile, TheDefaultFileNeedNotBeThere) {
  const Report report =
      Load(set, {.arguments = {}, .environment = {}, .file_default = PathOf("missing.toml")});
  EXPECT_THAT(report.errors, ElementsAre());
  EXPECT_EQ(report.file, "");
}

TEST_F(ConfigFile, TheFileOfTheFlagComesBeforeThatOfTheVariable) {
  const std::vector<std::string> flags{"--config=" + Write("flag.toml", "memory-max-mib = 100")};
  const std::vector<std::string> environment{"PADDOCK_CONFIG=" +
                                             Write("variable.toml", "memory-max-mib = 200")};
  const Report report = Load(set, {.arguments = flags,
                                   .environment = environment,
                                   .file_default = Write("default.toml", "memory-max-mib = 300")});
  EXPECT_THAT(report.errors, ElementsAre());
  EXPECT_EQ(memory_max_mib, 100);
  EXPECT_EQ(report.file, PathOf("flag.toml"));
}

TEST_F(NodeConfigFile, KeysOfTheServerAreKnownAndLeftAlone) {
  const Report report = LoadAll(
      "memory-max-mib = 1\nid-base = 9\nclient-secret-file = \"/nowhere\"\nstore = \"x\"\n");
  EXPECT_THAT(report.errors, ElementsAre());
  EXPECT_EQ(id_base, 9U);
  EXPECT_EQ(memory_max_mib, 4096);
  EXPECT_EQ(store, "");
  EXPECT_FALSE(set.IsGiven("store"));
}

TEST_F(NodeConfigFile, AnUnknownKeyIsAnErrorForTheNodeToo) {
  EXPECT_THAT(OnlyError(LoadAll("id-bas = 1")), HasSubstr("did you mean 'id-base'?"));
}

TEST_F(ConfigFile, ASecretInAFileThatOthersMayReadIsRefused) {
  const std::string path = Write("open.toml", "client-secret = \"s3cret\"", 0644);
  const Report report = Load(set, {.arguments = {}, .environment = {}, .file_default = path});
  EXPECT_THAT(OnlyError(report), AllOf(StartsWith("open.toml:1: client-secret: is a secret"),
                                       HasSubstr("chmod o= open.toml"),
                                       HasSubstr("client-secret-file"), Not(HasSubstr("s3cret"))));
  EXPECT_EQ(client_secret, "");
}

TEST_F(ConfigFile, AnAddressWithAPasswordIsASecretAndOneWithoutIsNot) {
  const std::string with = Write("with.toml", "store = \"postgres://u:s3cret@h/d\"", 0644);
  EXPECT_THAT(OnlyError(Load(set, {.arguments = {}, .environment = {}, .file_default = with})),
              StartsWith("with.toml:1: store: is a secret"));
  const std::string without = Write("without.toml", "store = \"postgres://u@h/d\"", 0644);
  const Report report = Load(set, {.arguments = {}, .environment = {}, .file_default = without});
  EXPECT_THAT(report.errors, ElementsAre());
}

TEST_F(ConfigFile, AFileOfTheGroupMayHoldASecret) {
  const std::string path = Write("group.toml", "client-secret = \"s3cret\"", 0640);
  const Report report = Load(set, {.arguments = {}, .environment = {}, .file_default = path});
  EXPECT_THAT(report.errors, ElementsAre());
  EXPECT_EQ(client_secret, "s3cret");
}

class BrokenSecret : public Sample, public ::testing::WithParamInterface<const char*> {};

TEST_P(BrokenSecret, IsNotQuotedByAnyError) {
  const Report report = LoadAll(GetParam());
  ASSERT_FALSE(report.errors.empty());
  for (const std::string& error : report.errors) {
    EXPECT_THAT(error, Not(HasSubstr("s3cret")));
    EXPECT_THAT(error, Not(HasSubstr("5318008")));
    EXPECT_THAT(error, HasSubstr("paddock.toml:"));
  }
}

INSTANTIATE_TEST_SUITE_P(All,
                         BrokenSecret,
                         ::testing::Values("client-secret = s3cret",
                                           "client-secret = 5318008",
                                           "client-secret = 53180085318008531800853180085318008",
                                           "client-secret = trues3cret",
                                           "client-secret = \"s3cret",
                                           "client-secret = \"s3cret\" s3cret",
                                           "client-secret = [\n\"s3cret\"\ns3cret]",
                                           "client-secret = \"\"\"\ns3cret\n",
                                           "client-secret = [\"s3cret\"]",
                                           "client-secret = \"s3cret\\u0000\"",
                                           "client-secret = 1\nclient-secret = s3cret",
                                           "store = 5318008",
                                           "client-secret-file = \"/s3cret\n\""));

}  // namespace
}  // namespace paddock::app::config
