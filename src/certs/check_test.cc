#include "certs/check.h"

#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/authority.h"

namespace paddock::certs {
namespace {

namespace fs = std::filesystem;
using std::chrono::system_clock;
using ::testing::HasSubstr;

class CheckTest : public ::testing::Test {
 public:
  ~CheckTest() override { fs::remove_all(root_); }
  CheckTest(const CheckTest&) = delete;
  CheckTest& operator=(const CheckTest&) = delete;

 protected:
  CheckTest() {
    std::string pattern = ::testing::TempDir() + "paddock-check-XXXXXX";
    root_ = mkdtemp(pattern.data());
    for (const std::string one : {"a", "b"}) {
      EXPECT_TRUE(Authority::Create(root_ / one, {.valid = kAuthorityDays}));
      const Authority authority(root_ / one);
      EXPECT_TRUE(authority.MakeServer("node", {"localhost"}, {}));
      EXPECT_TRUE(authority.MakeClient("web", {}));
    }
  }

  [[nodiscard]] TlsFiles Files(const std::string& certificate,
                               const std::string& key,
                               const std::string& authority) const {
    return {.certificate = root_ / certificate, .key = root_ / key, .authority = root_ / authority};
  }
  [[nodiscard]] TlsFiles Good() const { return Files("a/node.pem", "a/node.key", "a/ca.pem"); }
  static void ExpectRefused(const Result<Certificate>& checked, Code code, const std::string& why) {
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, code);
    EXPECT_THAT(checked.error().message, HasSubstr(why));
  }

  fs::path root_;
};

TEST_F(CheckTest, FilesThatBelongTogetherAreDescribed) {
  auto checked = CheckFiles(Good(), Role::kServer, system_clock::now());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->name, "node");
  EXPECT_GT(checked->not_after, system_clock::now() + std::chrono::days(364));
}

TEST_F(CheckTest, AMissingFileIsNamed) {
  const auto now = system_clock::now();
  ExpectRefused(CheckFiles(Files("no.pem", "a/node.key", "a/ca.pem"), Role::kServer, now),
                Code::kNotFound, "no.pem");
  ExpectRefused(CheckFiles(Files("a/node.pem", "no.key", "a/ca.pem"), Role::kServer, now),
                Code::kNotFound, "no.key");
  ExpectRefused(CheckFiles(Files("a/node.pem", "a/node.key", "no.pem"), Role::kServer, now),
                Code::kNotFound, "no.pem");
}

TEST_F(CheckTest, AFileWithoutItsContentIsNamed) {
  std::ofstream(root_ / "empty.pem").flush();
  ASSERT_EQ(chmod((root_ / "empty.pem").c_str(), 0600), 0);
  const auto now = system_clock::now();
  ExpectRefused(CheckFiles(Files("empty.pem", "a/node.key", "a/ca.pem"), Role::kServer, now),
                Code::kInvalid, "empty.pem has no certificate");
  ExpectRefused(CheckFiles(Files("a/node.pem", "empty.pem", "a/ca.pem"), Role::kServer, now),
                Code::kInvalid, "empty.pem has no private key");
}

TEST_F(CheckTest, TheKeyOfAnotherCertificateIsRefused) {
  ExpectRefused(
      CheckFiles(Files("a/node.pem", "a/web.key", "a/ca.pem"), Role::kServer, system_clock::now()),
      Code::kInvalid, "is not the key of");
}

TEST_F(CheckTest, AKeyThatEverybodyCanReadIsRefused) {
  ASSERT_EQ(chmod((root_ / "a/node.key").c_str(), 0604), 0);
  ExpectRefused(CheckFiles(Good(), Role::kServer, system_clock::now()), Code::kInvalid, "chmod");
}

TEST_F(CheckTest, ACertificateOfAnotherAuthorityIsRefused) {
  ExpectRefused(
      CheckFiles(Files("b/node.pem", "b/node.key", "a/ca.pem"), Role::kServer, system_clock::now()),
      Code::kInvalid, "issuer");
}

TEST_F(CheckTest, ACertificateForTheOtherSideIsRefused) {
  ExpectRefused(CheckFiles(Good(), Role::kClient, system_clock::now()), Code::kInvalid, "purpose");
  ExpectRefused(
      CheckFiles(Files("a/web.pem", "a/web.key", "a/ca.pem"), Role::kServer, system_clock::now()),
      Code::kInvalid, "purpose");
}

TEST_F(CheckTest, ACertificateIsRefusedBeforeAndAfterItsTime) {
  ExpectRefused(CheckFiles(Good(), Role::kServer, system_clock::now() + std::chrono::days(366)),
                Code::kInvalid, "expired");
  ExpectRefused(CheckFiles(Good(), Role::kServer, system_clock::now() - std::chrono::days(1)),
                Code::kInvalid, "not yet valid");
}

}  // namespace
}  // namespace paddock::certs
