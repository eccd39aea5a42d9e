#include "identity/secret.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace paddock::identity {
namespace {

namespace fs = std::filesystem;

class SecretTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "paddock-secret-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] fs::path file() const { return folder_ / "secret"; }
  fs::path folder_;
};

TEST_F(SecretTest, TheFirstStartMakesItForItsOwnerOnlyAndTheNextOneReadsTheSame) {
  const auto first = LoadOrCreateSecret(file());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_NE(*first, Secret{});
  struct stat status{};
  ASSERT_EQ(stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(*LoadOrCreateSecret(file()), *first);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(SecretTest, ASecretOfTheWrongSizeOrThatOthersMayReadIsRefused) {
  std::ofstream(file()) << "short";
  fs::permissions(file(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(LoadOrCreateSecret(file()).error().code, Code::kInvalid);
  fs::remove(file());
  ASSERT_TRUE(LoadOrCreateSecret(file()));
  fs::permissions(file(), fs::perms::group_read, fs::perm_options::add);
  EXPECT_EQ(LoadOrCreateSecret(file()).error().code, Code::kInvalid);
}

TEST_F(SecretTest, AMissingDirectoryIsReportedByName) {
  const auto secret = LoadOrCreateSecret(folder_ / "nowhere" / "secret");
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().code, Code::kUnavailable);
  EXPECT_NE(secret.error().message.find("nowhere"), std::string::npos);
}

TEST_F(SecretTest, ASymbolicLinkIsNotFollowed) {
  ASSERT_TRUE(LoadOrCreateSecret(folder_ / "real"));
  fs::create_symlink("real", file());
  EXPECT_FALSE(LoadOrCreateSecret(file()));
}

}  // namespace
}  // namespace paddock::identity
