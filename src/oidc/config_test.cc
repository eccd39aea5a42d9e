#include "oidc/config.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock::oidc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

OidcConfig Complete() {
  OidcConfig config;
  config.issuer = "https://id.example.com/realms/school";
  config.client_id = "paddock";
  config.client_secret = "s3cret-s3cret";
  return config;
}

std::string ProblemOf(const OidcConfig& config) {
  const auto valid = Validate(config);
  EXPECT_TRUE(valid || valid.error().code == Code::kInvalid);
  return valid ? "" : valid.error().message;
}

TEST(OidcConfig, NothingSetIsOff) {
  EXPECT_TRUE(IsOff(OidcConfig{}));
  EXPECT_TRUE(Validate(OidcConfig{}));
  EXPECT_FALSE(IsOff(Complete()));
  EXPECT_TRUE(Validate(Complete()));
  EXPECT_FALSE(AcceptsBearerTokens(Complete()));
}

TEST(OidcConfig, AnySingleOptionAloneIsHalfwayAndTheRestIsNamed) {
  std::vector<OidcConfig> halves(11);
  halves[0].issuer = "https://id.example.com";
  halves[1].client_id = "x";
  halves[2].client_secret = "x";
  halves[3].public_client = true;
  halves[4].audience = "x";
  halves[5].resource = "x";
  halves[6].scopes = "openid";
  halves[7].role_claim = "x";
  halves[8].roles = "x=admin";
  halves[9].name = "x";
  halves[10].ca_file = "x";
  for (const OidcConfig& half : halves) {
    EXPECT_FALSE(IsOff(half));
    const std::string problem = ProblemOf(half);
    EXPECT_THAT(problem, HasSubstr("missing: "));
    EXPECT_EQ(problem.find("--oidc-issuer") == std::string::npos, !half.issuer.empty());
    EXPECT_EQ(problem.find("--oidc-client-id") == std::string::npos, !half.client_id.empty());
    EXPECT_EQ(problem.find("--oidc-client-secret") == std::string::npos,
              !half.client_secret.empty() || half.public_client);
    EXPECT_EQ(problem.find("--oidc-role-claim") == std::string::npos, half.roles.empty());
    EXPECT_EQ(problem.find("--oidc-roles") == std::string::npos, half.role_claim.empty());
  }
}

TEST(OidcConfig, OnlyADeclaredPublicClientHasNoSecret) {
  OidcConfig config = Complete();
  config.client_secret.clear();
  EXPECT_THAT(ProblemOf(config), HasSubstr("--oidc-public-client"));
  config.public_client = true;
  EXPECT_TRUE(Validate(config));
  config.client_secret = "s3cret-s3cret";
  EXPECT_THAT(ProblemOf(config),
              AllOf(HasSubstr("--oidc-client-secret"), Not(HasSubstr("s3cret"))));
}

TEST(OidcConfig, WrongValuesAreNamedAllAtOnceAndTheSecretIsNeverShown) {
  OidcConfig config = Complete();
  config.issuer = "http://id.example.com";
  config.client_secret = "s3cret\ns3cret";
  config.scopes = "profile openid2";
  config.roles = "staff";
  EXPECT_THAT(ProblemOf(config),
              AllOf(HasSubstr("--oidc-issuer"), HasSubstr("--oidc-client-secret"),
                    HasSubstr("--oidc-scopes"), HasSubstr("--oidc-roles"),
                    HasSubstr("--oidc-role-claim"), Not(HasSubstr("s3cret"))));
  config = Complete();
  config.issuer += "?tenant=1";
  EXPECT_THAT(ProblemOf(config), HasSubstr("--oidc-issuer"));
}

TEST(OidcConfig, RolesAreMappedAndTheHighestWins) {
  OidcConfig config = Complete();
  config.role_claim = "realm_access.roles";
  config.roles = "staff=teacher, root=admin,cn=it,dc=org=admin,pupil=learner";
  EXPECT_FALSE(Validate(config)) << "a comma ends an entry";
  config.roles = "staff=teacher, root=admin,cn=it=admin,pupil=learner";
  ASSERT_TRUE(Validate(config)) << ProblemOf(config);
  const auto role_of = [&config](std::vector<std::string> values) {
    return RoleOf(config, values);
  };
  EXPECT_EQ(role_of({}), MappedRole::kLearner);
  EXPECT_EQ(role_of({"pupil", "unknown", "admin", "teacher", ""}), MappedRole::kLearner);
  EXPECT_EQ(role_of({"staff"}), MappedRole::kTeacher);
  EXPECT_EQ(role_of({"root", "staff", "pupil"}), MappedRole::kAdmin);
  EXPECT_EQ(role_of({"cn=it"}), MappedRole::kAdmin);
  EXPECT_EQ(role_of({"Staff", "staff "}), MappedRole::kLearner);
  EXPECT_EQ(RoleOf(Complete(), std::vector<std::string>{"admin"}), MappedRole::kLearner);
}

TEST(OidcConfig, MalformedRolesAreRefused) {
  OidcConfig config = Complete();
  config.role_claim = "groups";
  for (const char* bad : {"staff", "staff=", "=teacher", "staff=guest", "staff=Teacher",
                          "a=teacher,,b=admin", ",", " =admin"}) {
    config.roles = bad;
    EXPECT_THAT(ProblemOf(config), HasSubstr("--oidc-roles")) << bad;
  }
}

TEST(OidcConfig, DefaultsFillInScopesAndName) {
  OidcConfig config = Complete();
  EXPECT_EQ(ScopesOf(config), "openid profile email");
  EXPECT_EQ(DisplayNameOf(config), "Single sign-on");
  config.scopes = "openid";
  config.name = "School";
  EXPECT_EQ(ScopesOf(config), "openid");
  EXPECT_EQ(DisplayNameOf(config), "School");
}

}  // namespace
}  // namespace paddock::oidc
