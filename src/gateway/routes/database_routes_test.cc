// Registered databases through the API, with a fake runner that tries them.
#include <memory>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/routes/testing/fake_sql_runner.h"
#include "gateway/routes/testing/people_api_test.h"
#include "gateway/testing/raw_client.h"

namespace paddock::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kDatabases = "/api/v1/databases";
constexpr std::string_view kDsn = "postgres://reader:hidden@db.example.org/shop";

class DatabaseRoutesTest : private testing::FakeSqlRunner, public ApiTest {
 protected:
  DatabaseRoutesTest() : ApiTest(WithRunner(socket())) {}
  static ApiConfig WithRunner(std::string path) {
    ApiConfig config = Config();
    config.sql_runner = {.socket = std::move(path), .users = {}};
    return config;
  }
  testing::RawResponse Register(std::string_view name, std::string_view dsn) {
    return Ask("POST", kDatabases, ada_, fmt::format(R"({{"name":"{}","dsn":"{}"}})", name, dsn));
  }
  boost::json::array Listed(const std::string& who) {
    const auto response = Ask("GET", kDatabases, who);
    EXPECT_EQ(response.status, 200) << response.body;
    return Json(response).at("databases").as_array();
  }
  using FakeSqlRunner::AwaitEnded;
  using FakeSqlRunner::given;

  /// A session of liu's with a registered database.
  std::unique_ptr<testing::RawClient> Open(std::string_view name) {
    const auto ticket =
        Text(Ask("POST", "/api/v1/tickets", liu_, R"({"path":"/api/v1/sql/socket"})"), "ticket");
    auto client = std::make_unique<testing::RawClient>(server_.port());
    client->Send(
        fmt::format("GET /api/v1/sql/socket?ticket={} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}"
                    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    "Sec-WebSocket-Protocol: paddock.sql.v1\r\n\r\n",
                    ticket, port(), Origin()));
    EXPECT_THAT(client->ReadUntil("\r\n\r\n"), HasSubstr(" 101 "));
    const auto open = fmt::format(R"({{"type":"open","id":1,"external":"{}"}})", name);
    constexpr std::string_view kNoMask("\0\0\0\0", 4);
    client->Send(fmt::format("\x81{}{}{}", static_cast<char>(0x80U | open.size()), kNoMask, open));
    EXPECT_THAT(client->ReadUntil(R"("read_only":true})"), HasSubstr(R"("type":"opened")"));
    return client;
  }

  std::string ada_ = SignIn("ada", Role::kAdmin);
  std::string liu_ = SignIn("liu", Role::kLearner);
};

TEST_F(DatabaseRoutesTest, WhatCanBeReadIsRegisteredAndItsPasswordIsShownToNobody) {
  const auto made = Register("shop", kDsn);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(Text(made, "dsn"), "postgres://reader@db.example.org:5432/shop?sslmode=verify-full");
  ASSERT_EQ(given().size(), 1U);
  EXPECT_EQ(given().front().password, "hidden");
  EXPECT_EQ(given().front().tls, "verify-full");
  const auto listed = Ask("GET", kDatabases, ada_);
  const auto audit = Ask("GET", "/api/v1/audit", ada_);
  EXPECT_THAT(audit.body, HasSubstr("database.registered"));
  for (const auto& response : {made, listed, audit}) {
    EXPECT_THAT(response.body, Not(HasSubstr("hidden")));
  }
}

TEST_F(DatabaseRoutesTest, LearnersSeeNamesAndEnginesOnlyAndGuestsNothing) {
  ASSERT_EQ(Register("shop", kDsn).status, 201);
  const auto seen = Listed(liu_);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(boost::json::serialize(seen.front()), R"({"name":"shop","engine":"postgres"})");
  EXPECT_EQ(Ask("GET", kDatabases, ann_).status, 403);
}

TEST_F(DatabaseRoutesTest, AUserWhoMayWriteIsRefusedWithTheRemedy) {
  const auto refused = Register("shop", "postgres://reader:wrong@db.example.org/shop");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("REVOKE"));
  EXPECT_TRUE(Listed(ada_).empty());
}

TEST_F(DatabaseRoutesTest, WhatIsNoDsnOrNameIsRefusedUntried) {
  EXPECT_EQ(Register("shop", "postgres://db/shop").status, 400);
  EXPECT_EQ(Register("a/b", kDsn).status, 400);
  EXPECT_EQ(Register("-a", kDsn).status, 400);
  EXPECT_EQ(Register(std::string(65, 'a'), kDsn).status, 400);
  EXPECT_TRUE(given().empty());
}

TEST_F(DatabaseRoutesTest, ANameIsGivenOnce) {
  ASSERT_EQ(Register("shop", kDsn).status, 201);
  EXPECT_EQ(Register("shop", kDsn).status, 409);
}

TEST_F(DatabaseRoutesTest, IsChangedTestedAndRemoved) {
  ASSERT_EQ(Register("shop", kDsn).status, 201);
  const auto one = fmt::format("{}/shop", kDatabases);
  const auto changed =
      Ask("PUT", one, ada_, R"({"dsn":"mariadb://r:hidden@10.0.0.5/?sslmode=disable"})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(Text(changed, "engine"), "mariadb");
  EXPECT_EQ(Ask("PUT", one, ada_, R"({"dsn":"postgres://r:wrong@h/d"})").status, 400);
  const auto tested = Ask("POST", one + "/test", ada_);
  ASSERT_EQ(tested.status, 200) << tested.body;
  EXPECT_TRUE(Json(tested).at("ok").as_bool());
  EXPECT_EQ(given().back().host, "10.0.0.5") << "as it was before the change that failed";
  EXPECT_EQ(Ask("DELETE", one, ada_).status, 204);
  EXPECT_EQ(Ask("DELETE", one, ada_).status, 404);
  EXPECT_EQ(Ask("PUT", one, ada_, fmt::format(R"({{"dsn":"{}"}})", kDsn)).status, 404);
  EXPECT_EQ(Ask("POST", one + "/test", ada_).status, 404);
}

TEST_F(DatabaseRoutesTest, SessionsEndAtOnceWhenTheirDatabaseIsRemovedOrChanged) {
  ASSERT_EQ(Register("shop", kDsn).status, 201);
  ASSERT_EQ(Register("stars", kDsn).status, 201);
  ASSERT_TRUE(AwaitEnded(2));  // those that tried
  auto shop = Open("shop");
  auto stars = Open("stars");
  const std::string_view goodbye("\x0f\xa0", 2);  // 4000
  EXPECT_EQ(Ask("DELETE", fmt::format("{}/shop", kDatabases), ada_).status, 204);
  EXPECT_THAT(shop->ReadUntil(goodbye), HasSubstr(R"("reason":"database_removed")"));
  EXPECT_TRUE(AwaitEnded(3));
  const auto change = fmt::format("{}/stars", kDatabases);
  EXPECT_EQ(Ask("PUT", change, ada_, R"({"dsn":"postgres://r:wrong@h/d"})").status, 400);
  ASSERT_TRUE(AwaitEnded(4));
  const auto changed =
      Ask("PUT", change, ada_, R"({"dsn":"mariadb://r:hidden@h/d?sslmode=disable"})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  const auto told = stars->ReadUntil(goodbye);
  EXPECT_THAT(told, HasSubstr(R"("reason":"database_changed")"));
  EXPECT_THAT(told, Not(HasSubstr("database_removed")));
  EXPECT_TRUE(AwaitEnded(6));
}

TEST_F(ApiTest, WithoutARunnerNothingIsRegistered) {
  const auto ada = SignIn("ada", Role::kAdmin);
  const auto refused =
      Ask("POST", kDatabases, ada, fmt::format(R"({{"name":"a","dsn":"{}"}})", kDsn));
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("SQL service"));
}

}  // namespace
}  // namespace paddock::gateway
