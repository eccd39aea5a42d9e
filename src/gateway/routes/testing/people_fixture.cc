#include "gateway/routes/testing/people_fixture.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "store/claims.h"

namespace paddock::gateway {
namespace {

std::optional<Error> Failure(std::optional<Code> code) {
  if (!code) {
    return std::nullopt;
  }
  return Error{.code = *code, .message = "injected"};
}

aio::Task<bool> Write(testing::TestPeople& people, store::Transaction transaction) {
  auto written =
      co_await people.database.Write(std::move(transaction), testing::TestPeople::Soon());
  co_return written.has_value();
}

}  // namespace

std::string PeopleTest::SessionCookie(std::string_view secret) {
  return fmt::format("Cookie: paddock_session={}\r\n", secret);
}

std::string PeopleTest::SecretOf(const testing::RawResponse& response) {
  constexpr std::string_view kName = "paddock_session=";
  const std::string cookie(response.Header("Set-Cookie"));
  return cookie.starts_with(kName) ? cookie.substr(kName.size(), cookie.find(';') - kName.size())
                                   : std::string();
}

UserId PeopleTest::IdOf(const std::string& secret) {
  const auto session = Json(Ask("GET", "/api/v1/session", secret));
  return UserId(std::string(session.at("user").at("id").as_string()));
}

testing::RawResponse PeopleTest::Login(std::string_view name,
                                       std::string_view password,
                                       std::string headers) {
  const boost::json::object body{{"name", name}, {"password", password}};
  return Ask("POST", "/api/v1/sign-in", "", boost::json::serialize(body),
             std::move(headers) + Origin());
}

testing::RawResponse PeopleTest::UseLink(std::string_view secret,
                                         std::string_view name,
                                         std::string_view password) {
  boost::json::object body{{"secret", secret}, {"password", password}};
  if (!name.empty()) {
    body["name"] = name;
  }
  return Ask("POST", "/api/v1/links/use", "", boost::json::serialize(body), Origin());
}

void PeopleTest::FailReads(std::optional<Code> code) {
  server_.OnLoop([&] { people_->database.read_failure = Failure(code); });
}

void PeopleTest::FailWrites(std::optional<Code> code) {
  server_.OnLoop([&] { people_->database.write_failure = Failure(code); });
}

void PeopleTest::MakeUserWithoutPassword(std::string name) {
  const store::Users users(people_->database, people_->services.name_space);
  store::UserRecord user{
      .id = NewId<UserId>(), .name = name, .name_key = name, .display_name = name};
  store::Transaction transaction{users.Insert(user)};
  EXPECT_TRUE(Await(Write(*people_, std::move(transaction))));
}

void PeopleTest::Execute(std::string sql, std::vector<store::Value> values) {
  store::Transaction transaction{{.sql = std::move(sql), .values = std::move(values)}};
  EXPECT_TRUE(Await(Write(*people_, std::move(transaction))));
}

void PeopleTest::AwaitAudited(std::string_view action) {
  const auto deadline = testing::TestPeople::Soon();
  auto audited = Audited();
  while (std::ranges::find(audited, action) == audited.end() && !deadline.Passed()) {
    audited = Audited();
  }
  EXPECT_FALSE(deadline.Passed()) << action;
}

std::size_t PeopleTest::ClaimCount() {
  store::Claims claims(people_->database, people_->services.name_space);
  auto listed = Await(claims.List(testing::TestPeople::Soon()));
  EXPECT_TRUE(listed.has_value());
  return listed ? listed->size() : 0;
}

void PeopleTest::SettleClaims() {
  EXPECT_TRUE(Await(people_->services.claims.SettleAll()).has_value());
}

}  // namespace paddock::gateway
