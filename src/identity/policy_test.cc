#include "identity/policy.h"

#include <gtest/gtest.h>

namespace paddock::identity {
namespace {

Principal Somebody(Role role, CredentialKind credential = CredentialKind::kSession) {
  return {.user = NewId<UserId>(), .role = role, .credential = credential, .name = "somebody"};
}

TEST(Policy, AHigherRoleMayDoWhateverALowerOneMay) {
  for (int number = 0; number <= static_cast<int>(kLastAction); ++number) {
    const auto action = static_cast<Action>(number);
    for (const auto relation : {Relation::kOwn, Relation::kClass, Relation::kOther}) {
      bool allowed = false;
      for (const Role role : {Role::kGuest, Role::kLearner, Role::kTeacher, Role::kAdmin}) {
        const bool now = Check(Somebody(role), action, relation).has_value();
        EXPECT_TRUE(now || !allowed) << Name(action) << " as " << Name(role);
        allowed = now;
      }
    }
  }
}

TEST(Policy, WhatNobodyOfARoleMayDoIsRefusedBeforeAnythingIsLookedUp) {
  for (int number = 0; number <= static_cast<int>(kLastAction); ++number) {
    const auto action = static_cast<Action>(number);
    for (const Role role : {Role::kGuest, Role::kLearner, Role::kTeacher, Role::kAdmin}) {
      const Principal somebody = Somebody(role);
      const bool any = Check(somebody, action, Relation::kOwn) ||
                       Check(somebody, action, Relation::kClass) ||
                       Check(somebody, action, Relation::kOther);
      EXPECT_EQ(CheckAtAll(somebody, action).has_value(), any) << Name(action);
    }
  }
}

TEST(Policy, ATokenNeverChangesTheAccountItBelongsTo) {
  for (const auto kind : {CredentialKind::kApiToken, CredentialKind::kProviderToken}) {
    EXPECT_FALSE(Check(Somebody(Role::kAdmin, kind), Action::kManageAccount, Relation::kOwn));
    EXPECT_FALSE(Check(Somebody(Role::kAdmin, kind), Action::kActAs, Relation::kOther));
  }
  EXPECT_TRUE(Check(Somebody(Role::kLearner), Action::kManageAccount, Relation::kOwn));
}

TEST(Policy, AMissingScopeIsNamed) {
  Principal admin = Somebody(Role::kAdmin, CredentialKind::kApiToken);
  admin.scopes = ParseScopes("read:question write:resource");
  EXPECT_TRUE(Check(admin, Action::kUseSandbox, Relation::kOwn));
  const auto refused = Check(admin, Action::kReadAudit, Relation::kOther);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDenied);
  EXPECT_NE(refused.error().message.find("manage:server"), std::string::npos);
}

TEST(Policy, WhatTakesAnAdminTakesAnAdminsScope) {
  Principal admin = Somebody(Role::kAdmin, CredentialKind::kApiToken);
  admin.scopes = ParseScopes("manage:class");
  EXPECT_TRUE(Check(admin, Action::kManageClass, Relation::kOwn));
  EXPECT_FALSE(Check(admin, Action::kManageClass, Relation::kOther));
  EXPECT_FALSE(Check(admin, Action::kReadClass, Relation::kOther));
  admin.scopes.Add(Scope::kManageServer);
  EXPECT_TRUE(Check(admin, Action::kManageClass, Relation::kOther));
}

TEST(Policy, AnActingAdminLeavesTheUsersAccountAlone) {
  Principal acting = Somebody(Role::kLearner);
  acting.acting_admin = NewId<UserId>();
  EXPECT_TRUE(Check(acting, Action::kReadAccount, Relation::kOwn));
  EXPECT_TRUE(Check(acting, Action::kUseSandbox, Relation::kOwn));
  EXPECT_FALSE(Check(acting, Action::kManageAccount, Relation::kOwn));
  EXPECT_FALSE(CheckAtAll(acting, Action::kManageAccount));
}

TEST(Policy, NobodyUsesASandboxOfSomebodyElse) {
  for (const Role role : {Role::kGuest, Role::kLearner, Role::kTeacher, Role::kAdmin}) {
    EXPECT_TRUE(Check(Somebody(role), Action::kUseSandbox, Relation::kOwn));
    EXPECT_FALSE(Check(Somebody(role), Action::kUseSandbox, Relation::kClass));
    EXPECT_FALSE(Check(Somebody(role), Action::kUseSandbox, Relation::kOther));
  }
}

TEST(Scope, ASetIsReadAsItIsWritten) {
  EXPECT_EQ(ParseScopes(ToText(ScopeSet::All())), ScopeSet::All());
  EXPECT_EQ(ToText(ParseScopes("read:solution challenge")), "challenge read:solution");
}

}  // namespace
}  // namespace paddock::identity
