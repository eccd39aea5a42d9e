#include "databases/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "databases/testing/registry_fixture.h"

namespace paddock::databases::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_P(RegistryTest, TheStoreHasThePasswordOnlySealed) {
  Add("shop", "postgres://reader:hidden@db.example.org/shop");
  EXPECT_EQ(Stored("dsn"), "postgres://reader@db.example.org:5432/shop?sslmode=verify-full");
  EXPECT_THAT(Stored("password"), Not(HasSubstr("hidden")));
  EXPECT_EQ(Await(registry_->Open("shop", Soon()))->dsn.password, "hidden");
  EXPECT_EQ(Await(WithSecret(1)->Open("shop", Soon()))->dsn.password, "hidden");
  EXPECT_EQ(Await(registry_->Find("shop", Soon()))->dsn.password, "");
  EXPECT_EQ(Await(registry_->List(Soon()))->front().dsn.password, "");
}

TEST_P(RegistryTest, UnderAnotherSecretItIsListedAndSaysWhatToDo) {
  Add("shop", "postgres://reader:hidden@db.example.org/shop");
  auto later = WithSecret(2);
  EXPECT_EQ(Await(later->List(Soon()))->front().dsn.host, "db.example.org");
  const auto refused = Await(later->Open("shop", Soon()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("write its DSN again"));
  ASSERT_TRUE(
      Await(later->Change({}, "shop", "postgres://reader:hidden2@db.example.org/shop", Soon())));
  EXPECT_EQ(Await(later->Open("shop", Soon()))->dsn.password, "hidden2");
}

TEST_P(RegistryTest, APasswordGoesNowhereElseThanItWasStoredFor) {
  Add("shop", "postgres://reader:hidden@db.example.org/shop");
  ASSERT_TRUE(Write({{.sql = "UPDATE external_databases SET dsn = ?",
                      .values = {"postgres://reader@elsewhere.example/shop?sslmode=prefer"}}}));
  EXPECT_EQ(Await(registry_->Open("shop", Soon())).error().code, Code::kConflict);
}

TEST_P(RegistryTest, WhatWasStoredInTheClearIsSealedOnce) {
  Add("shop", "postgres://reader:hidden@db.example.org/shop");
  ASSERT_TRUE(Write({{.sql = "UPDATE external_databases SET dsn = ?, password = ''",
                      .values = {"mariadb://reader:hidden@db.example.org/?sslmode=disable"}}}));
  EXPECT_EQ(Await(registry_->Open("shop", Soon()))->dsn.password, "hidden") << "until then";
  const auto before = Await(registry_->Find("shop", Soon()))->updated_at;
  ASSERT_TRUE(Await(registry_->SealStored(Soon())));
  EXPECT_EQ(Stored("dsn"), "mariadb://reader@db.example.org:3306/?sslmode=disable");
  const auto opened = Await(registry_->Open("shop", Soon()));
  EXPECT_EQ(opened->dsn.password, "hidden");
  EXPECT_EQ(opened->updated_at, before);
  const auto sealed = Stored("password");
  ASSERT_TRUE(Await(registry_->SealStored(Soon())));
  EXPECT_EQ(Stored("password"), sealed);
}

TEST_P(RegistryTest, WhoWatchesHearsOfWhatHasHappenedOnly) {
  Add("shop", "postgres://reader:hidden@db.example.org/shop");
  std::vector<Change> heard;
  const Watch watch =
      registry_->watches().Begin("shop", [&](Change change) { heard.push_back(change); });
  EXPECT_FALSE(Await(registry_->Change({}, "shop", "nonsense", Soon())));
  EXPECT_FALSE(Await(registry_->Remove({}, "other", Soon())));
  EXPECT_TRUE(heard.empty());
  ASSERT_TRUE(Await(registry_->Change({}, "shop", "postgres://r:p@db.example.org/shop", Soon())));
  ASSERT_TRUE(Await(registry_->Remove({}, "shop", Soon())));
  EXPECT_EQ(heard, (std::vector{Change::kChanged, Change::kRemoved}));
}

}  // namespace
}  // namespace paddock::databases::testing
