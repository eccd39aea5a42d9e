#include "app/settings.h"

#include <cctype>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config/listing.h"
#include "app/listen_address.h"

namespace paddock::app {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using Words = std::vector<std::string>;

class SettingsTest : public ::testing::Test {
 public:
  /// The errors of these flags and variables, without any file.
  Words Errors(const Words& flags, const Words& environment = {}) {
    settings.Read(flags, environment, "");
    return settings.report().errors;
  }

  Settings settings{config::Process::kAll};
};

std::string Document(const std::string& name) {
  std::ifstream file(PADDOCK_DOCS "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(SettingsTest, DefaultsAreInOrder) {
  EXPECT_THAT(Errors({}), IsEmpty());
  EXPECT_EQ(settings.serve().server.address, "127.0.0.1");
  EXPECT_EQ(settings.serve().server.port, 3006);
  EXPECT_TRUE(settings.serve().api.guests);
  EXPECT_EQ(settings.serve().store_namespace, "paddock");
  EXPECT_EQ(settings.node().data_dir, "/var/lib/paddock");
  EXPECT_EQ(settings.node().server_user, "paddock");
}

TEST_F(SettingsTest, NumbersArriveInTheirUnits) {
  EXPECT_THAT(Errors({"--memory-max-mib=64", "--lifetime-max-s=60", "--session-days=2",
                      "--upload-max-mib=3", "--user-rate=100"}),
              IsEmpty());
  const ServeOptions& options = settings.serve();
  EXPECT_EQ(options.manager.limits.max.memory, 64_MiB);
  EXPECT_EQ(options.manager.limits.initial.memory, 64_MiB) << "the default follows the ceiling";
  EXPECT_EQ(options.manager.limits.max.lifetime_max, std::chrono::seconds(60));
  EXPECT_EQ(options.session_lifetime, std::chrono::hours(48));
  EXPECT_EQ(options.api.limits.upload_max, 3_MiB);
  EXPECT_EQ(options.api.limits.user_requests.per_second, 100);
  EXPECT_EQ(options.api.limits.user_requests.burst, 400);
}

TEST_F(SettingsTest, PlacesAndUserAreThoseOfTheNodeToo) {
  EXPECT_THAT(Errors({"--data-dir=/srv/data", "--run-dir=/srv/run", "--user=school"}), IsEmpty());
  EXPECT_EQ(settings.node().data_dir, "/srv/data");
  EXPECT_EQ(settings.node().run_dir, "/srv/run");
  EXPECT_EQ(settings.node().server_user, "school");
}

TEST_F(SettingsTest, TheNodeIsGivenItsFlagsAndNoOthers) {
  EXPECT_THAT(Errors({"--listen=127.0.0.1:0", "--cgroup-root=other", "--store",
                      "postgres://u:s3cret@h/d", "--data-dir=/srv"}),
              IsEmpty());
  EXPECT_THAT(settings.FlagsOf(config::Process::kNode),
              ElementsAre("--cgroup-root=other", "--data-dir=/srv"));
}

TEST_F(SettingsTest, AFlagOfOneVerbIsNotPassedOn) {
  bool all = false;
  settings.AddFlag("all", all, "everything");
  EXPECT_THAT(Errors({"--all", "--agent=/a"}), IsEmpty());
  EXPECT_TRUE(all);
  EXPECT_THAT(settings.FlagsOf(config::Process::kNode), ElementsAre("--agent=/a"));
}

class LoopbackTest : public SettingsTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(LoopbackTest, NeedsNothingElse) {
  EXPECT_THAT(Errors({"--listen", GetParam()}), IsEmpty());
  EXPECT_TRUE(settings.serve().api.guests);
}

INSTANTIATE_TEST_SUITE_P(All,
                         LoopbackTest,
                         ::testing::Values("127.0.0.1:3006",
                                           "127.1.2.3:0",
                                           "localhost:80",
                                           "[::1]:3006",
                                           "[::ffff:127.0.0.1]:3006"));

class PublicAddressTest : public SettingsTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(PublicAddressTest, NeedsEncryptionAndAWordOnGuests) {
  EXPECT_THAT(Errors({"--listen", GetParam()}),
              ElementsAre(AllOf(StartsWith("--listen: "), HasSubstr("--tls-certificate"),
                                HasSubstr("--trusted-proxies")),
                          AllOf(StartsWith("--listen: "), HasSubstr("--guests on"),
                                HasSubstr("--guests off"))));
}

INSTANTIATE_TEST_SUITE_P(All,
                         PublicAddressTest,
                         ::testing::Values(":3006",
                                           "0.0.0.0:443",
                                           "[::]:443",
                                           "192.168.1.5:3006",
                                           "[fe80::1]:3006",
                                           "[::ffff:10.0.0.1]:3006"));

TEST_F(SettingsTest, APublicAddressWithTlsAndAWordOnGuestsIsTaken) {
  EXPECT_THAT(Errors({"--listen=0.0.0.0:443", "--tls-certificate=c", "--tls-key=k", "--guests=on"}),
              IsEmpty());
  EXPECT_TRUE(settings.serve().api.guests);
}

TEST_F(SettingsTest, APublicAddressBehindAProxyAndWithoutGuestsIsTaken) {
  EXPECT_THAT(Errors({"--listen=:80", "--trusted-proxies=10.0.0.1"}, {"PADDOCK_GUESTS=off"}),
              IsEmpty());
  EXPECT_FALSE(settings.serve().api.guests);
}

TEST_F(SettingsTest, EmptyTlsFilesAndProxiesEncryptNothing) {
  EXPECT_THAT(Errors({"--listen=:80", "--guests=off",
                      "--tls-certificate=", "--tls-key=", "--trusted-proxies=,"}),
              ElementsAre(HasSubstr("nothing encrypts")));
}

TEST_F(SettingsTest, TheErrorOfAPublicAddressNamesTheVariableThatSetsIt) {
  EXPECT_THAT(Errors({"--guests=on"}, {"PADDOCK_LISTEN=0.0.0.0:80"}),
              ElementsAre(StartsWith("PADDOCK_LISTEN: other hosts reach 0.0.0.0")));
}

TEST_F(SettingsTest, ACertificateWithoutItsKeyIsMissingItByName) {
  EXPECT_THAT(Errors({"--tls-certificate=c"}),
              ElementsAre("--tls-certificate: needs tls-key too, which is missing: give --tls-key, "
                          "PADDOCK_TLS_KEY, or tls-key in the configuration file"));
}

TEST_F(SettingsTest, AKeyWithoutItsCertificateIsMissingItByName) {
  EXPECT_THAT(Errors({}, {"PADDOCK_TLS_KEY=k"}),
              ElementsAre(StartsWith("PADDOCK_TLS_KEY: needs tls-certificate too")));
}

class ListenTest : public SettingsTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(ListenTest, IsRefusedWhenItIsNoAddressAndPort) {
  EXPECT_THAT(Errors({"--listen", GetParam()}), ElementsAre(StartsWith("--listen: ")));
}

INSTANTIATE_TEST_SUITE_P(All,
                         ListenTest,
                         ::testing::Values("3006",
                                           "127.0.0.1",
                                           "127.0.0.1:",
                                           "127.0.0.1:65536",
                                           "127.0.0.1:-1",
                                           "127.0.0.1:80x",
                                           "::1:3006",
                                           "paddock.example:80",
                                           "127.0.0.256:80"));

class NamespaceTest : public SettingsTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(NamespaceTest, IsRefusedWhenItIsNoPlainName) {
  EXPECT_THAT(Errors({fmt::format("--namespace={}", GetParam())}),
              ElementsAre(StartsWith("--namespace: must ")));
}

INSTANTIATE_TEST_SUITE_P(
    All,
    NamespaceTest,
    ::testing::Values("", "School", "a b", "a/b", "a.b", "ä", "a23456789012345678901234567890123"));

TEST_F(SettingsTest, ANamespaceOfAllLettersThatItMayHaveIsTaken) {
  EXPECT_THAT(Errors({"--namespace=a2345678901234567890123456789_-z"}), IsEmpty());
  EXPECT_EQ(settings.serve().store_namespace, "a2345678901234567890123456789_-z");
}

class StoreTest : public SettingsTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(StoreTest, IsRefusedWithoutQuotingIt) {
  EXPECT_THAT(Errors({}, {fmt::format("PADDOCK_STORE={}", GetParam())}),
              ElementsAre(AllOf(StartsWith("PADDOCK_STORE: must be sqlite:PATH"),
                                Not(HasSubstr("s3cret")))));
}

INSTANTIATE_TEST_SUITE_P(
    All,
    StoreTest,
    ::testing::Values("mysql://u:s3cret@h/d", "u:s3cret@h", "sqlite:", "postgres://"));

TEST_F(SettingsTest, EachKindOfStoreIsTaken) {
  EXPECT_THAT(Errors({"--store=sqlite:/srv/paddock.db"}), IsEmpty());
  EXPECT_EQ(settings.serve().store, "sqlite:/srv/paddock.db");
}

TEST_F(SettingsTest, AServerForChallengesIsRefusedWithoutQuotingIt) {
  EXPECT_THAT(Errors({}, {"PADDOCK_CHALLENGE_POSTGRES=mysql://u:s3cret@h"}),
              ElementsAre(AllOf(StartsWith("PADDOCK_CHALLENGE_POSTGRES: must be postgres://"),
                                Not(HasSubstr("s3cret")))));
  EXPECT_THAT(Errors({}, {"PADDOCK_CHALLENGE_MARIADB=postgres://u:s3cret@h"}),
              ElementsAre(AllOf(StartsWith("PADDOCK_CHALLENGE_MARIADB: must be mariadb://"),
                                Not(HasSubstr("s3cret")))));
}

TEST_F(SettingsTest, AServerForChallengesArrives) {
  EXPECT_THAT(Errors({}, {"PADDOCK_CHALLENGE_POSTGRES=postgres://u:p@/?host=/run/pg",
                          "PADDOCK_CHALLENGE_MARIADB=mariadb://u:p@h:3307"}),
              IsEmpty());
  EXPECT_EQ(settings.serve().challenges.postgres, "postgres://u:p@/?host=/run/pg");
  EXPECT_EQ(settings.serve().challenges.mariadb, "mariadb://u:p@h:3307");
}

TEST_F(SettingsTest, EveryOptionOfOpenIdConnectArrives) {
  const Words environment{"PADDOCK_OIDC_ISSUER=https://login.example",
                          "PADDOCK_OIDC_CLIENT_ID=id",
                          "PADDOCK_OIDC_CLIENT_SECRET=cs",
                          "PADDOCK_OIDC_AUDIENCE=a",
                          "PADDOCK_OIDC_RESOURCE=https://paddock.example/api",
                          "PADDOCK_OIDC_SCOPES=openid",
                          "PADDOCK_OIDC_ROLE_CLAIM=roles",
                          "PADDOCK_OIDC_ROLES=staff=teacher,root=admin",
                          "PADDOCK_OIDC_NAME=School",
                          "PADDOCK_OIDC_CA_FILE=/ca.pem"};
  EXPECT_THAT(Errors({}, environment), IsEmpty());
  const oidc::OidcConfig& oidc = settings.serve().oidc;
  EXPECT_EQ(oidc.issuer, "https://login.example");
  EXPECT_EQ(oidc.client_id, "id");
  EXPECT_EQ(oidc.client_secret, "cs");
  EXPECT_FALSE(oidc.public_client);
  EXPECT_EQ(oidc.audience, "a");
  EXPECT_EQ(oidc.resource, "https://paddock.example/api");
  EXPECT_EQ(oidc.scopes, "openid");
  EXPECT_EQ(oidc.role_claim, "roles");
  EXPECT_EQ(oidc.roles, "staff=teacher,root=admin");
  EXPECT_EQ(oidc.name, "School");
  EXPECT_EQ(oidc.ca_file, "/ca.pem");
}

TEST_F(SettingsTest, OpenIdConnectByHalfIsMissingTheRestByName) {
  EXPECT_THAT(Errors({"--oidc-issuer=https://login.example"}),
              ElementsAre(AllOf(HasSubstr("--oidc-client-id"), HasSubstr("--oidc-client-secret"))));
}

TEST_F(SettingsTest, TheRuntimeIsOneThatIsKnown) {
  EXPECT_THAT(Errors({"--runtime=docker"}), ElementsAre("--runtime: must be crun, runc or runsc"));
}

class ServiceLinkTest : public SettingsTest, public ::testing::WithParamInterface<std::string> {
 protected:
  /// "--runner-key=x"
  [[nodiscard]] static std::string Flag(const std::string& end, const std::string& value) {
    return fmt::format("--{}{}={}", GetParam(), end, value);
  }
  [[nodiscard]] static Words Files() {
    return {Flag("-certificate", "c"), Flag("-key", "k"), Flag("-ca", "a")};
  }
};

TEST_P(ServiceLinkTest, AServiceElsewhereIsUsedWhenAllOfItIsSaid) {
  Words flags = Files();
  flags.push_back(Flag("", "service.example:3008"));
  EXPECT_THAT(Errors(flags), IsEmpty());
  const ServeOptions& options = settings.serve();
  const auto& used = GetParam() == "runner" ? options.runner : options.questions;
  const auto& other = GetParam() == "runner" ? options.questions : options.runner;
  ASSERT_TRUE(used);
  EXPECT_EQ(used->address, "service.example:3008");
  EXPECT_EQ(used->files.key, "k");
  EXPECT_FALSE(other);
}

TEST_P(ServiceLinkTest, HalfOfItIsMissingTheRestByName) {
  EXPECT_THAT(
      Errors({Flag("", "service.example:3008"), Flag("-ca", "a")}),
      ElementsAre(AllOf(HasSubstr(GetParam() + "-certificate"), HasSubstr(GetParam() + "-key"))));
}

TEST_P(ServiceLinkTest, WhereAServiceListensIsNoOptionOfAServerWithoutIt) {
  EXPECT_THAT(Errors({Flag("-listen", "127.0.0.1:0")}), ElementsAre(HasSubstr("--split")));
}

TEST_P(ServiceLinkTest, AFileForTheServiceItselfMayBeReadByTheServer) {
  const std::string prefix = GetParam() == "runner" ? "PADDOCK_RUNNER_" : "PADDOCK_QUESTIONS_";
  EXPECT_THAT(Errors({}, {prefix + "LISTEN=10.0.0.5:3008", prefix + "CLIENTS=web",
                          prefix + "CERTIFICATE=c", prefix + "KEY=k", prefix + "CA=a"}),
              IsEmpty());
  EXPECT_FALSE(settings.serve().runner);
  EXPECT_FALSE(settings.serve().questions);
}

TEST_P(ServiceLinkTest, ASplitSetTakesNoServiceFromElsewhere) {
  Words flags = Files();
  flags.emplace_back("--split");
  EXPECT_THAT(Errors(flags), ElementsAre(HasSubstr("leave out --" + GetParam())));
}

TEST_P(ServiceLinkTest, TheServerOfASplitSetIsTakenToItsServices) {
  Words flags = Files();
  flags.insert(flags.end(), {"--split", "--server-only", Flag("-listen", "127.0.0.1:0"),
                             Flag("", "127.0.0.1:3008")});
  EXPECT_THAT(Errors(flags), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All,
                         ServiceLinkTest,
                         ::testing::Values(std::string("runner"), std::string("questions")));

TEST_F(SettingsTest, AProcessOfItsOwnNeedsItsLinkAndNothingOfTheServers) {
  Settings runner(config::Process::kRunner);
  runner.Read(Words{"--store=sqlite:x"}, {}, "");
  EXPECT_THAT(runner.report().errors,
              ElementsAre("--store: is an option of `paddock serve`",
                          HasSubstr("--runner-listen, --runner-clients missing")));
  Settings questions(config::Process::kQuestions);
  questions.Read(Words{"--store=sqlite:x"}, {}, "");
  EXPECT_THAT(questions.report().errors, ElementsAre(HasSubstr("--questions-clients missing")));
}

TEST_F(SettingsTest, TheDocumentedExampleIsTheOneThatIsPrinted) {
  EXPECT_EQ(Document("paddock.example.toml"), config::ExampleFile(settings.options()))
      << "write it again: paddock config --example > docs/paddock.example.toml";
}

/// The example with every line in force. Only one of a secret and its file can be.
std::string InForce(const std::string& example) {
  std::string text;
  bool is_start = true;
  for (std::size_t i = 0; i < example.size(); ++i) {
    const bool is_setting = is_start && example[i] == '#' && i + 1 < example.size() &&
                            std::islower(static_cast<unsigned char>(example[i + 1])) != 0;
    const bool is_secret_file = example.compare(i, 12, "#store-file ") == 0 ||
                                example.compare(i, 24, "#challenge-postgres-file") == 0 ||
                                example.compare(i, 23, "#challenge-mariadb-file") == 0 ||
                                example.compare(i, 24, "#oidc-client-secret-file") == 0;
    if (!is_setting || is_secret_file) {
      text += example[i];
    }
    is_start = example[i] == '\n';
  }
  return text;
}

TEST_F(SettingsTest, EveryLineOfTheExampleCanBePutInForce) {
  const std::string path = ::testing::TempDir() + "paddock-example-in-force.toml";
  std::ofstream(path) << InForce(config::ExampleFile(settings.options()));
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  settings.Read({}, {}, path);
  EXPECT_THAT(settings.report().errors, IsEmpty());
  for (const config::Option& option : settings.options().options()) {
    EXPECT_TRUE(option.source == config::Source::kFile ||
                option.reach != config::Reach::kEverywhere || option.name.ends_with("-file"))
        << option.name;
  }
  std::filesystem::remove(path);
}

TEST_F(SettingsTest, EveryOptionHasItsRowInTheDocumentation) {
  const std::string document = Document("configuration.md");
  std::size_t row_count = 0;
  for (std::size_t at = document.find("\n| `"); at != std::string::npos;
       at = document.find("\n| `", at + 1)) {
    ++row_count;
  }
  std::size_t option_count = 0;
  for (const config::Option& option : settings.options().options()) {
    EXPECT_THAT(document, HasSubstr("\n" + config::DocumentedRow(option) + "\n"));
    ++option_count;
  }
  EXPECT_EQ(row_count, option_count) << "a row is about an option that there is no more";
}

}  // namespace
}  // namespace paddock::app
