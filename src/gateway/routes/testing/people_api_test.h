// PeopleApiTest: ApiTest with short ways to what tests of people and classes need.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "gateway/routes/testing/api_fixture.h"

namespace paddock::gateway {

inline constexpr std::string_view kClasses = "/api/v1/classes";

class PeopleApiTest : public ApiTest {
 protected:
  explicit PeopleApiTest(ApiConfig config = Roomy()) : ApiTest(std::move(config)) {}
  static ApiConfig Roomy() {
    ApiConfig config = Config();
    config.limits.user_requests = {.per_second = 1000, .burst = 10'000};
    config.limits.user_creations = {.per_second = 1000, .burst = 1000};
    return config;
  }

  std::string IdOf(const std::string& credential) {
    const auto response = Ask("GET", "/api/v1/session", credential);
    EXPECT_EQ(response.status, 200) << response.body;
    return std::string(Json(response).at("user").at("id").as_string());
  }
  std::string NewClass(const std::string& teacher) {
    const auto response = Ask("POST", kClasses, teacher, R"({"name":"Linux 1"})");
    EXPECT_EQ(response.status, 201) << response.body;
    return Text(response, "id");
  }
  testing::RawResponse Join(const std::string& who, std::string_view code) {
    return Ask("POST", "/api/v1/classes/join", who, fmt::format(R"({{"code":"{}"}})", code));
  }
  std::string NewToken(const std::string& who, std::string_view scopes) {
    const auto response = Ask("POST", "/api/v1/account/tokens", who,
                              fmt::format(R"({{"name":"t","scopes":[{}]}})", scopes));
    EXPECT_EQ(response.status, 201) << response.body;
    return Text(response, "secret");
  }
  /// The value of a cookie that `response` sets.
  static std::string CookieOf(const testing::RawResponse& response, std::string_view name) {
    const auto prefix = fmt::format("Set-Cookie: {}=", name);
    const auto at = response.head.find(prefix);
    if (at == std::string::npos) {
      return {};
    }
    const auto from = at + prefix.size();
    return response.head.substr(from, response.head.find(';', from) - from);
  }
};

}  // namespace paddock::gateway
