#include "certs/authority.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock::certs {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AuthorityTest : public ::testing::Test {
 public:
  ~AuthorityTest() override { fs::remove_all(root_); }
  AuthorityTest(const AuthorityTest&) = delete;
  AuthorityTest& operator=(const AuthorityTest&) = delete;

 protected:
  AuthorityTest() : root_(MakeRoot()), directory_(root_ / "certs"), authority_(directory_) {
    auto made = Authority::Create(directory_, {.valid = kAuthorityDays});
    EXPECT_TRUE(made) << made.error().message;
  }

  static fs::path MakeRoot() {
    std::string pattern = ::testing::TempDir() + "paddock-certs-XXXXXX";
    return mkdtemp(pattern.data());
  }
  [[nodiscard]] static std::string Run(const std::string& command) {
    std::string output;
    std::FILE* pipe = popen((command + " 2>&1").c_str(), "re");
    for (int letter = std::fgetc(pipe); letter != EOF; letter = std::fgetc(pipe)) {
      output.push_back(static_cast<char>(letter));
    }
    const int status = pclose(pipe);
    return fmt::format("{}exit {}", output, WEXITSTATUS(status));
  }
  // What another implementation of the rules than ours says; empty when it accepts.
  [[nodiscard]] std::string Verify(const std::string& name, const std::string& purpose) const {
    return Run(fmt::format(
        "openssl verify -x509_strict -check_ss_sig -purpose {0} -CAfile {1}/ca.pem {1}/{2}.pem",
        purpose, directory_.native(), name));
  }
  [[nodiscard]] std::string Text(const std::string& name) const {
    return Run(fmt::format("openssl x509 -noout -text -in {}/{}.pem", directory_.native(), name));
  }
  [[nodiscard]] std::string Content(const std::string& file) const {
    std::ifstream in(directory_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] mode_t ModeOf(const std::string& file) const {
    struct stat status{};
    EXPECT_EQ(stat((directory_ / file).c_str(), &status), 0) << file;
    return status.st_mode & 0777U;
  }
  template <class T>
  static Code CodeOf(const Result<T>& result) {
    EXPECT_FALSE(result);
    return result ? Code::kInternal : result.error().code;
  }

  fs::path root_;
  fs::path directory_;
  Authority authority_;
};

TEST_F(AuthorityTest, OpensslAcceptsEachCertificateForItsPurposeAndForNoOther) {
  ASSERT_TRUE(authority_.MakeServer("node", {"node.example", "10.0.0.5", "::1"}, {}));
  ASSERT_TRUE(authority_.MakeClient("web", {}));
  EXPECT_THAT(Verify("node", "sslserver"), HasSubstr("exit 0"));
  EXPECT_THAT(Verify("web", "sslclient"), HasSubstr("exit 0"));
  EXPECT_THAT(Verify("node", "sslclient"), HasSubstr("exit 2"));
  EXPECT_THAT(Verify("web", "sslserver"), HasSubstr("exit 2"));
}

TEST_F(AuthorityTest, OpensslAcceptsAServerByItsHostsOnly) {
  ASSERT_TRUE(authority_.MakeServer("node", {"node.example", "10.0.0.5", "::1"}, {}));
  for (const std::string option :
       {"-verify_hostname node.example", "-verify_ip 10.0.0.5", "-verify_ip ::1"}) {
    EXPECT_THAT(Verify("node", "sslserver " + option), HasSubstr("exit 0")) << option;
  }
  for (const std::string option :
       {"-verify_hostname node", "-verify_hostname other.example", "-verify_ip 10.0.0.6"}) {
    EXPECT_THAT(Verify("node", "sslserver " + option), HasSubstr("exit 2")) << option;
  }
}

TEST_F(AuthorityTest, AServiceCannotSignAnotherCertificate) {
  ASSERT_TRUE(authority_.MakeClient("web", {}));
  EXPECT_THAT(Text("web"), HasSubstr("CA:FALSE"));
  EXPECT_THAT(Text("ca"), HasSubstr("CA:TRUE, pathlen:0"));
  EXPECT_THAT(Text("ca"), HasSubstr("Certificate Sign, CRL Sign"));
}

TEST_F(AuthorityTest, KeysAreTheOwnersOnlyWhateverTheMask) {
  const mode_t mask = umask(0);
  ASSERT_TRUE(authority_.MakeClient("web", {}));
  umask(077);
  ASSERT_TRUE(authority_.MakeClient("other", {}));
  umask(mask);
  for (const std::string key : {"ca.key", "web.key", "other.key"}) {
    EXPECT_EQ(ModeOf(key), 0600U) << key;
  }
  for (const std::string certificate : {"ca.pem", "web.pem", "other.pem"}) {
    EXPECT_EQ(ModeOf(certificate), 0644U) << certificate;
  }
  EXPECT_EQ(ModeOf("."), 0700U);
}

TEST_F(AuthorityTest, SerialsAreOf128BitsAndNoneComesTwice) {
  std::set<std::string> serials;
  for (int i = 0; i < 50; ++i) {
    auto made = authority_.MakeClient("web", {.force = true});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->serial.size(), 32U) << made->serial;
    serials.insert(made->serial);
  }
  EXPECT_EQ(serials.size(), 50U);
}

TEST_F(AuthorityTest, NothingIsReplacedUnlessForced) {
  ASSERT_TRUE(authority_.MakeClient("web", {}));
  const auto before = Content("web.key") + Content("web.pem") + Content("ca.key");
  auto again = authority_.MakeClient("web", {});
  EXPECT_EQ(CodeOf(again), Code::kConflict);
  EXPECT_THAT(again.error().message, HasSubstr("--force"));
  EXPECT_EQ(CodeOf(authority_.MakeServer("web", {"a.example"}, {})), Code::kConflict);
  EXPECT_EQ(CodeOf(Authority::Create(directory_, {})), Code::kConflict);
  EXPECT_EQ(Content("web.key") + Content("web.pem") + Content("ca.key"), before);
  EXPECT_TRUE(authority_.MakeClient("web", {.force = true}));
  EXPECT_NE(Content("web.key") + Content("web.pem") + Content("ca.key"), before);
}

TEST_F(AuthorityTest, HalfAPairThatACrashHasLeftIsNotReplacedEither) {
  ASSERT_TRUE(authority_.MakeClient("web", {}));
  const auto key = Content("web.key");
  fs::remove(directory_ / "web.pem");
  EXPECT_EQ(CodeOf(authority_.MakeClient("web", {})), Code::kConflict);
  EXPECT_EQ(Content("web.key"), key);
}

TEST_F(AuthorityTest, ACertificateThatCannotBeWrittenLeavesNothingBehind) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 400;  // a key fits, a certificate does not
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  auto made = authority_.MakeClient("web", {});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(CodeOf(made), Code::kUnavailable);
  EXPECT_EQ(std::ranges::distance(fs::directory_iterator(directory_)), 2);  // the authority
  EXPECT_TRUE(authority_.MakeClient("web", {}));
}

TEST_F(AuthorityTest, ACertificateThatCannotBeReplacedStaysAsItWas) {
  ASSERT_TRUE(authority_.MakeClient("web", {}));
  const auto certificate = Content("web.pem");
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 400;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  auto renewed = authority_.Renew("web", {});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(CodeOf(renewed), Code::kUnavailable);
  EXPECT_EQ(Content("web.pem"), certificate);
  EXPECT_EQ(std::ranges::distance(fs::directory_iterator(directory_)), 4);
}

TEST_F(AuthorityTest, ARenewedCertificateSaysTheSameForTheSameKey) {
  auto before = authority_.MakeServer("node", {"node.example", "10.0.0.5"}, {});
  ASSERT_TRUE(before);
  const auto key = Content("node.key");
  auto after = authority_.Renew("node", {.valid = std::chrono::days(400)});
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_NE(after->serial, before->serial);
  EXPECT_GT(after->not_after, before->not_after);
  EXPECT_THAT(after->hosts, ElementsAre("node.example", "10.0.0.5"));
  EXPECT_EQ(Content("node.key"), key);
  EXPECT_THAT(Verify("node", "sslserver"), HasSubstr("exit 0"));
}

TEST_F(AuthorityTest, WhoCouldReadAFileCanReadTheOneThatReplacesIt) {
  ASSERT_TRUE(authority_.MakeClient("web", {}));
  ASSERT_EQ(chmod((directory_ / "web.key").c_str(), 0640), 0);
  ASSERT_TRUE(authority_.MakeClient("web", {.force = true}));
  EXPECT_EQ(ModeOf("web.key"), 0640U);
}

TEST_F(AuthorityTest, NoCertificateOutlivesItsAuthority) {
  auto made = authority_.MakeClient("web", {.valid = std::chrono::days(9999)});
  ASSERT_TRUE(made);
  const auto authority = authority_.List()->front();
  EXPECT_EQ(made->not_after, authority.not_after);
  const auto late = authority.not_after + std::chrono::seconds(1);
  EXPECT_EQ(CodeOf(authority_.MakeClient("late", {.now = late})), Code::kConflict);
  EXPECT_EQ(CodeOf(authority_.Renew("web", {.now = late})), Code::kConflict);
}

TEST_F(AuthorityTest, TheListHasTheAuthorityFirstAndThenEachService) {
  ASSERT_TRUE(authority_.MakeServer("node", {"node.example"}, {}));
  ASSERT_TRUE(authority_.MakeClient("backup", {}));
  auto listed = authority_.List();
  ASSERT_TRUE(listed) << listed.error().message;
  ASSERT_EQ(listed->size(), 3U);
  EXPECT_EQ((*listed)[0].role, Role::kAuthority);
  EXPECT_EQ((*listed)[1].name, "backup");
  EXPECT_EQ((*listed)[1].role, Role::kClient);
  EXPECT_EQ((*listed)[2].name, "node");
  EXPECT_EQ((*listed)[2].role, Role::kServer);
}

TEST_F(AuthorityTest, NamesAndHostsThatMeanSomethingElseAreRefused) {
  for (const std::string name :
       {"", "ca", "../x", "a/b", "A", "-a", "a-", ".a", "a..b", "a b", "a,DNS:b", "a\nb", "ä"}) {
    EXPECT_EQ(CodeOf(authority_.MakeClient(name, {})), Code::kInvalid) << name;
    EXPECT_EQ(CodeOf(authority_.Renew(name, {})), Code::kInvalid) << name;
  }
  EXPECT_EQ(CodeOf(authority_.MakeClient(std::string(64, 'a'), {})), Code::kInvalid);
  for (const std::string host : {"", "a b", "a,IP:1.2.3.4", "*", "*.*.example", "a.*", "1.2.3.4/8",
                                 "[::1]", "a:443", "a\n", "a."}) {
    EXPECT_EQ(CodeOf(authority_.MakeServer("node", {host}, {})), Code::kInvalid) << host;
  }
  EXPECT_EQ(CodeOf(authority_.MakeServer("node", {}, {})), Code::kInvalid);
  EXPECT_FALSE(fs::exists(directory_ / "node.key"));
}

TEST_F(AuthorityTest, AMissingOrDamagedAuthoritySignsNothing) {
  const Authority nowhere(root_ / "nowhere");
  EXPECT_EQ(CodeOf(nowhere.MakeClient("web", {})), Code::kNotFound);
  fs::resize_file(directory_ / "ca.key", 40);
  EXPECT_EQ(CodeOf(authority_.MakeClient("web", {})), Code::kInvalid);
  EXPECT_FALSE(fs::exists(directory_ / "web.key"));
}

TEST_F(AuthorityTest, AKeyOfAnotherAuthorityIsNotUsed) {
  ASSERT_TRUE(Authority::Create(root_ / "second", {}));
  fs::copy_file(root_ / "second/ca.key", directory_ / "ca.key",
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(CodeOf(authority_.MakeClient("web", {})), Code::kInvalid);
}

}  // namespace
}  // namespace paddock::certs
