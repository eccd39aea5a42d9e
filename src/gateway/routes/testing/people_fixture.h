// PeopleTest: ApiTest with what tests of people need.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/routes/testing/api_fixture.h"
#include "identity/secret_text.h"

namespace paddock::gateway {

class PeopleTest : public ApiTest {
 protected:
  static constexpr std::string_view kPassword = testing::TestPeople::kPassword;

  explicit PeopleTest(ApiConfig config = Config(),
                      std::optional<identity::ProviderConfig> provider = std::nullopt)
      : ApiTest(std::move(config), std::move(provider)) {}

  static std::string SessionCookie(std::string_view secret);
  /// The secret that an answer sets as the session's cookie; "" when it sets none.
  static std::string SecretOf(const testing::RawResponse& response);
  /// Of the user whose session it is.
  UserId IdOf(const std::string& secret);

  testing::RawResponse Login(std::string_view name,
                             std::string_view password,
                             std::string headers = {});
  testing::RawResponse UseLink(std::string_view secret,
                               std::string_view name,
                               std::string_view password);

  void FailReads(std::optional<Code> code);
  void FailWrites(std::optional<Code> code);
  void MakeUserWithoutPassword(std::string name);
  void Execute(std::string sql, std::vector<store::Value> values);
  std::vector<std::string> Audited() { return Await(people_->Audited()); }
  /// Waits for what is written in the background.
  void AwaitAudited(std::string_view action);
  std::size_t ClaimCount();
  void SettleClaims();
};

}  // namespace paddock::gateway
