// What somebody ran, through the API on a real store.
#include "store/sql_history.h"

#include <string>

#include <boost/json/array.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/routes/testing/people_api_test.h"

namespace paddock::gateway {
namespace {

constexpr std::string_view kHistory = "/api/v1/account/sql-history";

class SqlHistoryTest : public PeopleApiTest {
 protected:
  testing::RawResponse Add(const std::string& who, std::string_view text, std::string_view more) {
    return Ask("POST", kHistory, who,
               fmt::format(R"({{"text":"{}","engine":"postgres"{}}})", text, more));
  }
  boost::json::array Entries(const std::string& who) {
    const auto response = Ask("GET", kHistory, who);
    EXPECT_EQ(response.status, 200) << response.body;
    return Json(response).at("entries").as_array();
  }
};

TEST_F(SqlHistoryTest, WhatRanIsListedForItsUserTheLastFirst) {
  ASSERT_EQ(Add(ann_, "SELECT 1", R"(,"database":"shop","elapsed_ms":12,"failed":true)").status,
            204);
  ASSERT_EQ(Add(ann_, "SELECT 'earlier'", R"(,"age_ms":60000)").status, 204);
  const auto entries = Entries(ann_);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries.at(0).at("text").as_string(), "SELECT 1");
  EXPECT_EQ(entries.at(0).at("database").as_string(), "shop");
  EXPECT_EQ(entries.at(0).at("elapsed_ms").as_int64(), 12);
  EXPECT_TRUE(entries.at(0).at("failed").as_bool());
  EXPECT_EQ(entries.at(1).at("text").as_string(), "SELECT 'earlier'");
  EXPECT_TRUE(Entries(bob_).empty());
}

TEST_F(SqlHistoryTest, WhatIsNoEntryIsRefused) {
  const std::string long_text(store::SqlHistory::kEntryBytesMax + 1, 'x');
  EXPECT_EQ(Add(ann_, "", "").status, 400);
  EXPECT_EQ(Add(ann_, long_text, "").status, 400);
  EXPECT_EQ(Add(ann_, "a\\u0000b", "").status, 400);
  EXPECT_EQ(Add(ann_, "SELECT 1", R"(,"age_ms":-1)").status, 400);
  EXPECT_EQ(Add(ann_, "SELECT 1", R"(,"user":"b")").status, 400);
  EXPECT_EQ(Ask("POST", kHistory, ann_, R"({"text":"a"})").status, 400);
  EXPECT_EQ(Ask("POST", kHistory, ann_, R"({"text":"a","engine":"oracle"})").status, 400);
  EXPECT_TRUE(Entries(ann_).empty());
}

TEST_F(SqlHistoryTest, ClearingForgetsAll) {
  ASSERT_EQ(Add(ann_, "SELECT 1", "").status, 204);
  ASSERT_EQ(Ask("DELETE", kHistory, ann_).status, 204);
  EXPECT_TRUE(Entries(ann_).empty());
}

TEST_F(SqlHistoryTest, AGuestWhoSignsInKeepsWhatTheyRan) {
  SignIn("cleo", Role::kLearner);
  ASSERT_EQ(Add(ann_, "SELECT 1", "").status, 204);
  const auto signed_in =
      Ask("POST", "/api/v1/sign-in", "",
          fmt::format(R"({{"name":"cleo","password":"{}"}})", testing::TestPeople::kPassword),
          fmt::format("Cookie: paddock_session={}\r\n{}", ann_, Origin()));
  ASSERT_EQ(signed_in.status, 200) << signed_in.body;
  EXPECT_EQ(Entries(CookieOf(signed_in, "paddock_session")).size(), 1U);
  EXPECT_TRUE(Entries(ann_).empty());
}

TEST_F(SqlHistoryTest, AnAccountThatIsDeletedTakesItsHistoryAlong) {
  const auto ada = SignIn("ada", Role::kAdmin);
  const auto count = [this] {
    return Await(people_->database.Read({.sql = "SELECT text FROM sql_history"},
                                        testing::TestPeople::Soon()))
        .value()
        .rows.size();
  };
  for (const std::string_view name : {"cleo", "dora"}) {
    const auto who = SignIn(std::string(name), Role::kLearner);
    ASSERT_EQ(Add(who, "SELECT 1", "").status, 204);
    EXPECT_EQ(count(), 1U);
    const bool by_themselves = name == "cleo";
    const auto deleted =
        by_themselves ? Ask("DELETE", "/api/v1/account", who,
                            fmt::format(R"({{"password":"{}"}})", testing::TestPeople::kPassword))
                      : Ask("DELETE", "/api/v1/users/" + IdOf(who), ada);
    EXPECT_EQ(deleted.status, 204) << deleted.body;
    EXPECT_EQ(count(), 0U);
  }
}

}  // namespace
}  // namespace paddock::gateway
