#include "identity/credential_cache.h"

#include <gtest/gtest.h>

#include "identity/secret_text.h"

namespace paddock::identity {
namespace {

using std::chrono::seconds;
using SteadyTime = CredentialCache::SteadyTime;

const SteadyTime kNow{seconds(1000)};

SharedPrincipal PrincipalCalled(std::string id) {
  return std::make_shared<const Principal>(Principal{.user = UserId(id),
                                                     .role = Role::kLearner,
                                                     .credential = CredentialKind::kSession,
                                                     .session = SessionId("session of " + id)});
}

TEST(CredentialCacheTest, WhatWasLookedUpIsBelievedForAMoment) {
  CredentialCache cache;
  const auto ann = PrincipalCalled("ann");
  cache.Remember("a", ann, kNow + seconds(5), cache.generation());
  EXPECT_EQ(cache.Find("a", kNow + seconds(4)), ann);
  EXPECT_EQ(cache.Find("a", kNow + seconds(5)), nullptr);
  EXPECT_EQ(cache.Find("b", kNow), nullptr);
  cache.Remember("a", ann, kNow + seconds(15), cache.generation());
  EXPECT_EQ(cache.Find("a", kNow + seconds(14)), ann);
  EXPECT_EQ(cache.size(), 1U);
}

TEST(CredentialCacheTest, WhatIsRevokedIsForgottenAtOnce) {
  CredentialCache cache;
  cache.Remember("a", PrincipalCalled("ann"), kNow + seconds(5), cache.generation());
  cache.Remember("b", PrincipalCalled("bob"), kNow + seconds(5), cache.generation());
  cache.ForgetUser(UserId("ann"));
  EXPECT_EQ(cache.Find("a", kNow), nullptr);
  EXPECT_NE(cache.Find("b", kNow), nullptr);
  cache.ForgetSession(SessionId("session of bob"));
  EXPECT_EQ(cache.Find("b", kNow), nullptr);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(CredentialCacheTest, AnAdminWhoActsAsSomebodyIsForgottenWithThemselves) {
  CredentialCache cache;
  cache.Remember("a",
                 std::make_shared<const Principal>(
                     Principal{.user = UserId("ann"), .acting_admin = UserId("root")}),
                 kNow + seconds(5), cache.generation());
  cache.ForgetUser(UserId("root"));
  EXPECT_EQ(cache.Find("a", kNow), nullptr);
}

TEST(CredentialCacheTest, ALookUpThatARevocationOvertookIsNotRemembered) {
  CredentialCache cache;
  const auto before = cache.generation();
  cache.ForgetUser(UserId("ann"));
  cache.Remember("a", PrincipalCalled("ann"), kNow + seconds(5), before);
  EXPECT_EQ(cache.Find("a", kNow), nullptr);
}

TEST(CredentialCacheTest, ItIsBoundedAndForgetsWhatWasUnusedLongest) {
  CredentialCache cache(2);
  for (const char* secret : {"a", "b"}) {
    cache.Remember(secret, PrincipalCalled(secret), kNow + seconds(5), cache.generation());
  }
  EXPECT_NE(cache.Find("a", kNow), nullptr);
  cache.Remember("c", PrincipalCalled("c"), kNow + seconds(5), cache.generation());
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_NE(cache.Find("a", kNow), nullptr);
  EXPECT_EQ(cache.Find("b", kNow), nullptr);
  EXPECT_EQ(cache.Count(CredentialKind::kSession), 2U);
  EXPECT_EQ(cache.Count(CredentialKind::kApiToken), 0U);
}

TEST(SecretTextTest, ASecretIsKnownByItsFormAndKeptAsItsHash) {
  const auto secret = NewSecretText(kSessionPrefix);
  EXPECT_TRUE(IsSecretText(secret, kSessionPrefix));
  EXPECT_FALSE(IsSecretText(secret, kApiTokenPrefix));
  EXPECT_FALSE(IsSecretText(secret + "A", kSessionPrefix));
  EXPECT_FALSE(IsSecretText("pds_" + std::string(43, '.'), kSessionPrefix));
  EXPECT_NE(secret, NewSecretText(kSessionPrefix));
  EXPECT_EQ(HashOfSecret("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace paddock::identity
