#include "identity/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/secret_text.h"
#include "identity/testing/accounts_fixture.h"

namespace paddock::identity::testing {
namespace {

using std::chrono::system_clock;

TEST_P(AccountsTest, WhoSignsUpIsSignedInAndSignsInAgainHoweverTheNameIsWritten) {
  const auto ann = SignUp("Ann", Role::kTeacher);
  EXPECT_EQ(ann.user.role, Role::kTeacher);
  const auto principal = LookUp(ann.session.secret);
  ASSERT_TRUE(principal) << principal.error().message;
  EXPECT_EQ((*principal)->user, ann.user.id);
  EXPECT_EQ((*principal)->role, Role::kTeacher);
  EXPECT_EQ((*principal)->name, "Ann");
  for (const char* name : {"Ann", "ann", "ANN"}) {
    EXPECT_TRUE(SignIn(name)) << name;
  }
  EXPECT_EQ(SignIn("ann", "a wrong secret").error().code, Code::kDenied);
  EXPECT_EQ(SignIn("bob").error().code, Code::kDenied);
}

TEST_P(AccountsTest, APasswordOfAnOlderCostIsHashedAnewWhenItIsTyped) {
  const auto ann = SignUp("ann");
  PasswordHasher older({.memory_kib = 32, .passes = 1});
  const auto hash = Await(older.Hash(std::string(kPassword)));
  Execute("UPDATE users SET password_hash = ?", {*hash});
  ASSERT_TRUE(SignIn("ann"));
  const auto user = Await(services_->accounts.Find(ann.user.id, Soon()));
  ASSERT_TRUE(user);
  EXPECT_NE(*user->password_hash, *hash);
  EXPECT_FALSE(services_->passwords.IsOutdated(*user->password_hash));
  EXPECT_TRUE(SignIn("ann"));
}

TEST_P(AccountsTest, OfASecretTheStoreHasNothingButAHash) {
  const auto ann = SignUp("ann");
  const auto token = Await(services_->api_tokens.Make(By(ann), {.name = "x"}, Soon()));
  ASSERT_TRUE(token);
  for (const auto& [table, secret] : std::vector<std::pair<std::string, std::string>>{
           {"sessions", ann.session.secret}, {"api_tokens", token->secret}}) {
    EXPECT_EQ(ReadValue({.sql = "SELECT secret_hash FROM " + table}),
              store::Value(HashOfSecret(secret)));
  }
}

TEST_P(AccountsTest, ASessionEndsWhenItIsUnusedAndWhenItIsOld) {
  const auto ann = SignUp("ann");
  const auto now = system_clock::now();
  Execute("UPDATE sessions SET seen_at = ?", {store::ToValue(now - std::chrono::minutes(30))});
  ASSERT_TRUE(LookUp(ann.session.secret)) << "and this use is noted";
  AwaitBackground();
  const auto seen = Await(services_->sessions.Find(ann.session.record.id, Soon()));
  ASSERT_TRUE(seen);
  EXPECT_GT(seen->session.expires_at, now + kLifetime - std::chrono::minutes(1));
  Execute("UPDATE sessions SET created_at = ?",
          {store::ToValue(now - Sessions::kLifetimesMax * kLifetime - std::chrono::seconds(1))});
  Execute("UPDATE sessions SET seen_at = ?", {store::ToValue(now - std::chrono::minutes(30))});
  std::ignore = LookUp(ann.session.secret);
  AwaitBackground();
  EXPECT_EQ(LookUp(ann.session.secret).error().code, Code::kDenied) << "used, and yet too old";
}

TEST_P(AccountsTest, ADisabledUserAndAnAdminWhoIsNoneAnyMoreAreOut) {
  const auto root = SignUp("root", Role::kAdmin);
  const auto ann = SignUp("ann");
  const auto acting = services_->sessions.Make(ann.user.id, {}, root.user.id);
  ASSERT_TRUE(Write(services_->sessions.Entry(acting)));
  const auto as_ann = LookUp(acting.secret);
  ASSERT_TRUE(as_ann) << as_ann.error().message;
  EXPECT_EQ((*as_ann)->user, ann.user.id);
  EXPECT_EQ((*as_ann)->role, Role::kLearner);
  EXPECT_EQ((*as_ann)->acting_admin, root.user.id);
  EXPECT_LE(acting.record.expires_at, system_clock::now() + Sessions::kActingMax);
  Execute("UPDATE users SET role = 'teacher' WHERE id = ?", {root.user.id.value()});
  EXPECT_FALSE(LookUp(acting.secret));
  Execute("UPDATE users SET disabled = 1 WHERE id = ?", {ann.user.id.value()});
  EXPECT_FALSE(LookUp(ann.session.secret));
  EXPECT_FALSE(SignIn("ann"));
}

TEST_P(AccountsTest, SigningInOverAndOverKeepsABoundedNumberOfSessions) {
  const auto ann = SignUp("ann");
  for (int i = 0; i < store::kSessionsPerUserMax + 5; ++i) {
    ASSERT_TRUE(SignIn("ann"));
  }
  EXPECT_EQ(CountOf("sessions"), store::kSessionsPerUserMax);
}

TEST_P(AccountsTest, ThereAreNoMoreApiTokensThanThereMayBe) {
  const auto ann = SignUp("ann");
  for (int i = 0; i < store::kApiTokensPerUserMax; ++i) {
    ASSERT_TRUE(Await(services_->api_tokens.Make(By(ann), {.name = "x"}, Soon())));
  }
  EXPECT_EQ(CodeOf(Await(services_->api_tokens.Make(By(ann), {.name = "x"}, Soon()))),
            Code::kConflict);
}

TEST_P(AccountsTest, AnApiTokenExpires) {
  const auto ann = SignUp("ann");
  ApiTokens::Wish wish{.name = "x", .scopes = ScopeSet::All(), .lifetime = std::chrono::days(1)};
  const auto token = Await(services_->api_tokens.Make(By(ann), wish, Soon()));
  ASSERT_TRUE(token);
  const auto principal = Await(services_->api_tokens.LookUp(token->secret, Soon()));
  ASSERT_TRUE(principal) << principal.error().message;
  EXPECT_EQ((*principal)->credential, CredentialKind::kApiToken);
  EXPECT_EQ((*principal)->scopes, ScopeSet::All());
  Execute("UPDATE api_tokens SET expires_at = ?", {store::ToValue(system_clock::now())});
  EXPECT_EQ(CodeOf(Await(services_->api_tokens.LookUp(token->secret, Soon()))), Code::kDenied);
}

TEST_P(AccountsTest, ALinkIsGoodUntilItExpires) {
  const auto link = Await(services_->links.MakeInvitation({}, {}, Soon()));
  ASSERT_TRUE(link);
  EXPECT_TRUE(Await(services_->sign_up.Look(link->secret, Soon())));
  Execute("UPDATE links SET expires_at = ?", {store::ToValue(system_clock::now())});
  EXPECT_EQ(CodeOf(Await(services_->sign_up.Look(link->secret, Soon()))), Code::kNotFound);
  NewAccount account{.name = "ann", .password = std::string(kPassword), .display_name = {}};
  EXPECT_EQ(CodeOf(Await(services_->sign_up.UseLink(link->secret, account, {}, Soon()))),
            Code::kNotFound);
}

TEST_P(AccountsTest, OfLinksForOneThingTheLastIsGood) {
  const auto ann = SignUp("ann");
  const auto admin_1 = Await(services_->links.MakeFirstAdmin(Soon()));
  const auto admin_2 = Await(services_->links.MakeFirstAdmin(Soon()));
  const auto reset_1 = Await(services_->links.MakeReset({}, ann.user, Soon()));
  const auto reset_2 = Await(services_->links.MakeReset({}, ann.user, Soon()));
  for (const auto* old : {&admin_1, &reset_1}) {
    EXPECT_FALSE(Await(services_->sign_up.Look((*old)->secret, Soon())));
  }
  for (const auto* good : {&admin_2, &reset_2}) {
    EXPECT_TRUE(Await(services_->sign_up.Look((*good)->secret, Soon())));
  }
}

TEST_P(AccountsTest, WhoMakesALinkIsToldNothingTwiceAndMayRevokeIt) {
  const auto root = SignUp("root", Role::kAdmin);
  const auto link = Await(services_->links.MakeInvitation(By(root), {.note = "for Bob"}, Soon()));
  ASSERT_TRUE(link);
  const auto listed = Await(services_->links.ListInvitations(std::nullopt, Soon()));
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().note, "for Bob");
  EXPECT_EQ(listed->front().created_by, root.user.id);
  EXPECT_TRUE(
      Await(services_->links.RevokeInvitation(By(root), link->record.id, std::nullopt, Soon())));
  EXPECT_EQ(CodeOf(Await(services_->links.RevokeInvitation(By(root), link->record.id, std::nullopt,
                                                           Soon()))),
            Code::kNotFound);
  EXPECT_FALSE(Await(services_->sign_up.Look(link->secret, Soon())));
}

TEST_P(AccountsTest, TheLastAdminStaysOneWhateverHappens) {
  const auto root = SignUp("root", Role::kAdmin);
  const store::Users users(database(), "paddock");
  EXPECT_EQ(CodeOf(Write({users.SetRole(root.user.id, Role::kTeacher)})), Code::kConflict);
  EXPECT_EQ(CodeOf(Write({users.Delete(root.user.id)})), Code::kConflict);
  SignUp("other", Role::kAdmin);
  EXPECT_TRUE(Write({users.SetRole(root.user.id, Role::kTeacher)}));
}

TEST_P(AccountsTest, AGuestsThingsAreClaimedOnceAndHandedOverUntilItWorks) {
  const auto guest = NewId<UserId>();
  transfer_failure_ = Error{.code = Code::kUnavailable, .message = "the node is away"};
  const auto ann = SignUp("ann", Role::kLearner, {.client = {}, .guest = guest});
  EXPECT_TRUE(transfers_.empty());
  EXPECT_EQ(CountOf("claims"), 1);
  const auto bob = SignUp("bob", Role::kLearner, {.client = {}, .guest = guest});
  EXPECT_EQ(CountOf("claims"), 1) << "they are Ann's already";
  EXPECT_FALSE(Await(services_->claims.SettleAll()));
  transfer_failure_.reset();
  EXPECT_TRUE(Await(services_->claims.SettleAll()));
  EXPECT_THAT(transfers_, ::testing::ElementsAre(std::pair(guest, ann.user.id)));
  EXPECT_EQ(CountOf("claims"), 0);
}

TEST_P(AccountsTest, TwoDeploymentsInOneDatabaseDoNotMeet) {
  const auto ann = SignUp("ann");
  Services other(database(), Config("other"), loop_.get_executor());
  EXPECT_EQ(CodeOf(Await(other.sessions.LookUp(ann.session.secret, Soon()))), Code::kDenied);
  EXPECT_EQ(Await(other.accounts.HasAdmin(Soon())), false);
  EXPECT_EQ(CodeOf(Await(other.accounts.Find(ann.user.id, Soon()))), Code::kNotFound);
  Await(CloseServices(other));
}

}  // namespace
}  // namespace paddock::identity::testing
