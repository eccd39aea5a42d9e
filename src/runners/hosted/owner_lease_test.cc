#include "runners/hosted/owner_lease.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sandbox/system_owner.h"

namespace paddock::runners::hosted {
namespace {

namespace fs = std::filesystem;

class OwnerLeaseTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(directory_); }
  void TearDown() override { fs::remove_all(directory_); }

  fs::path directory_ = fs::path(::testing::TempDir()) / ("owner-lease-" + NewIdText());
};

TEST_F(OwnerLeaseTest, WhoComesAfterOneThatIsGoneHasItsOwner) {
  const UserId first = OwnerLease::Take(directory_).value().owner();
  EXPECT_TRUE(sandbox::IsSystemOwner(first));
  EXPECT_TRUE(IsIdText(first.value()));
  EXPECT_EQ(OwnerLease::Take(directory_).value().owner(), first);
}

TEST_F(OwnerLeaseTest, TwoThatLiveHaveTwoOwners) {
  auto first = OwnerLease::Take(directory_);
  auto second = OwnerLease::Take(directory_);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->owner(), second->owner());
  const UserId freed = first->owner();
  first = Fail(Code::kCancelled, "gone");
  EXPECT_EQ(OwnerLease::Take(directory_).value().owner(), freed);
}

TEST_F(OwnerLeaseTest, TwoDirectoriesHaveTwoOwners) {
  const fs::path other = directory_ / "other";
  fs::create_directory(other);
  EXPECT_NE(OwnerLease::Take(directory_).value().owner(), OwnerLease::Take(other).value().owner());
}

TEST_F(OwnerLeaseTest, AFileThatIsNoOwnersIsWrittenAnew) {
  for (const std::string& text : {std::string("aaaa"), NewIdText(), std::string(1000, 'a')}) {
    std::ofstream(directory_ / "sandbox-owner-0", std::ios::trunc) << text;
    const UserId made = OwnerLease::Take(directory_).value().owner();
    EXPECT_NE(made.value(), text);
    EXPECT_TRUE(sandbox::IsSystemOwner(made));
    EXPECT_EQ(OwnerLease::Take(directory_).value().owner(), made);
  }
}

TEST_F(OwnerLeaseTest, ThereAreAtMostSoMany) {
  std::vector<OwnerLease> leases;
  leases.reserve(kOwnersMax);
  for (int count = 0; count < kOwnersMax; ++count) {
    leases.push_back(OwnerLease::Take(directory_).value());
  }
  const auto beyond = OwnerLease::Take(directory_);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Code::kExhausted);
}

TEST_F(OwnerLeaseTest, WithoutTheDirectoryThereIsNone) {
  const auto none = OwnerLease::Take(directory_ / "missing");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace paddock::runners::hosted
