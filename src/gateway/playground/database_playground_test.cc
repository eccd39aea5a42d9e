#include "gateway/playground/database_playground.h"

#include <string>

#include <gtest/gtest.h>

#include "gateway/playground/testing/playground_fixture.h"

namespace paddock::gateway {
namespace {

using DatabasePlaygroundTest = PlaygroundTest;

constexpr std::string_view kQuestion =
    R"({"id":"101","schema_id":"shop","type":"Filtering","difficulty":"easy",)"
    R"("title":"What can I afford?","description":"Up to *13.00*.",)"
    R"("created_at":"1970-01-01T00:00:00Z","updated_at":"1970-01-02T00:00:00Z"})";

TEST_F(DatabasePlaygroundTest, QuestionsAreWhatTheirFrontEndsRead) {
  EXPECT_EQ(Get("/questions", token_).body, fmt::format("[{}]", kQuestion));
  EXPECT_EQ(Get("/questions/101", token_).body, kQuestion);
}

TEST_F(DatabasePlaygroundTest, ASchemaHasAPictureOnlyWhenItHasOne) {
  EXPECT_EQ(Get("/schemas/shop", token_).body,
            R"({"id":"shop","description":"A shop","created_at":"1970-01-01T00:00:00Z",)"
            R"("updated_at":"1970-01-01T00:00:00Z"})");
  bank_.schema.picture = "https://paddock.example/shop.png";
  EXPECT_EQ(Text(Get("/schemas/shop", token_), "picture"), "https://paddock.example/shop.png");
  const auto none = Get("/schemas/none", token_);
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(Text(none, "message"), "Schema not found.");
}

TEST_F(DatabasePlaygroundTest, ASolutionWithoutAVideoSaysNull) {
  EXPECT_EQ(Get("/questions/101/solution", token_).body, R"({"id":"101","solution_video":null})");
  bank_.video = "https://paddock.example/101.mp4";
  EXPECT_EQ(Get("/questions/101/solution", token_).body,
            R"({"id":"101","solution_video":"https://paddock.example/101.mp4"})");
  EXPECT_EQ(Text(Get("/questions/7/solution", token_), "message"), "Solution not found.");
}

TEST_F(DatabasePlaygroundTest, PagesAreOfTenAndAtMostOfAHundred) {
  struct Case {
    std::string_view query;
    std::int64_t limit;
    std::int64_t offset;
  };
  for (const Case& page : {Case{"", 10, 0}, Case{"?limit=99&offset=99", 99, 99},
                           Case{"?limit=114514", 100, 0}, Case{"?limit=0", 10, 0}}) {
    EXPECT_EQ(Get(fmt::format("/questions{}", page.query), token_).status, 200);
    EXPECT_EQ(bank_.asked_cursor.limit, page.limit) << page.query;
    EXPECT_EQ(bank_.asked_cursor.offset, page.offset) << page.query;
  }
}

TEST_F(DatabasePlaygroundTest, APageBelowZeroIsRefused) {
  for (const std::string_view query :
       {"?limit=-1", "?offset=-1", "?limit=ten", "?offset=1.5", "?limit=99999999999999999999"}) {
    const auto response = Get(fmt::format("/questions{}", query), token_);
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_NE(Text(response, "message"), "") << query;
  }
}

TEST_F(DatabasePlaygroundTest, AnIdThatIsNoNumberIsInvalidAndAnUnknownOneIsNotFound) {
  for (const std::string_view rest : {"", "/solution"}) {
    const auto invalid = Get(fmt::format("/questions/x{}", rest), token_);
    EXPECT_EQ(invalid.status, 400);
    EXPECT_EQ(Text(invalid, "message"), "Invalid ID.");
    EXPECT_EQ(Get(fmt::format("/questions/7{}", rest), token_).status, 404);
  }
  EXPECT_EQ(Text(Get("/questions/7", token_), "message"), "Question not found.");
}

TEST_F(DatabasePlaygroundTest, AQueryIsRunOnTheSchemaOfItsQuestion) {
  const std::string id = Challenge(kRight);
  EXPECT_EQ(outputs_.asked_schema, "CREATE TABLE t (n);");
  EXPECT_EQ(Get(fmt::format("/challenges/{}", id), token_).body,
            R"({"header":["n","n"],"rows":[["1",null]]})");
}

TEST_F(DatabasePlaygroundTest, NothingIsAnEmptyListAndNeverNull) {
  const std::string id = Challenge(R"({"questionID":"101","query":"SELECT other"})");
  EXPECT_EQ(Get(fmt::format("/challenges/{}", id), token_).body, R"({"header":[],"rows":[]})");
  bank_.questions.clear();
  EXPECT_EQ(Get("/questions", token_).body, "[]");
}

TEST_F(DatabasePlaygroundTest, ComparesWithTheAnswerOfTheQuestion) {
  const std::string right = Challenge(kRight);
  const std::string other = Challenge(R"({"questionID":"101","query":"SELECT other"})");
  EXPECT_EQ(Get(fmt::format("/challenges/{}/compare", right), token_).body, R"({"same":true})");
  EXPECT_EQ(Get(fmt::format("/challenges/{}/compare", other), token_).body, R"({"same":false})");
}

TEST_F(DatabasePlaygroundTest, AQueryThatFailsIsAnsweredWithTheWordsOfTheDatabase) {
  const auto response = Post(R"({"questionID":"101","query":"SELECT * FROM x"})", token_);
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(Text(response, "message"), "query: no such table: x");
}

TEST_F(DatabasePlaygroundTest, ABodyThatMakesNoSenseIsInvalid) {
  struct Case {
    std::string_view body;
    std::string_view message;
  };
  for (const Case& bad : {Case{R"({"questionID":"x","query":"SELECT 1"})", "Invalid question ID."},
                          Case{R"({"questionID":101,"query":"SELECT 1"})", "Invalid question ID."},
                          Case{R"({"query":"SELECT 1"})", "Invalid question ID."},
                          Case{R"({"questionID":"101","query":""})", "Query is empty."},
                          Case{R"({"questionID":"101"})", "Query is empty."}}) {
    const auto response = Post(bad.body, token_);
    EXPECT_EQ(response.status, 400) << bad.body;
    EXPECT_EQ(Text(response, "message"), bad.message) << bad.body;
  }
  EXPECT_EQ(Post("{", token_).status, 400);
  EXPECT_EQ(Post("[]", token_).status, 400);
  const auto unknown = Post(R"({"questionID":"7","query":"SELECT 1"})", token_);
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(Text(unknown, "message"), "Question not found.");
}

TEST_F(DatabasePlaygroundTest, AnExpiredChallengeIsNotFoundAlsoWhenItIsCompared) {
  const std::string id = Challenge(R"({"questionID":"101","query":"SELECT other"})");
  outputs_.kept.clear();
  for (const std::string_view rest : {"", "/compare"}) {
    const auto response = Get(fmt::format("/challenges/{}{}", id, rest), token_);
    EXPECT_EQ(response.status, 404) << rest;
    EXPECT_EQ(Text(response, "message"), "Challenge not found or is expired.");
  }
}

TEST_F(DatabasePlaygroundTest, AChallengeIsForWhoMadeItOnly) {
  const std::string id = Challenge(kRight);
  const std::string other = NewToken(SignIn("bob", Role::kLearner), kAllScopes);
  for (const std::string_view rest : {"", "/compare"}) {
    EXPECT_EQ(Get(fmt::format("/challenges/{}{}", id, rest), other).status, 404) << rest;
    EXPECT_EQ(Get(fmt::format("/challenges/{}{}", id, rest), token_).status, 200) << rest;
  }
}

TEST_F(DatabasePlaygroundTest, AMadeUpChallengeIsInvalid) {
  for (const std::string_view id : {"x", "eyJxIjoxLCJjIjoiYSJ9"}) {
    const auto response = Get(fmt::format("/challenges/{}", id), token_);
    EXPECT_EQ(response.status, 400) << id;
    EXPECT_EQ(Text(response, "message"), "Invalid challenge ID.");
  }
}

TEST_F(DatabasePlaygroundTest, AWrongAnswerIsTheFaultOfItsAuthor) {
  const std::string id = Challenge(kRight);
  bank_.answer = "SELECT broken";
  const auto response = Get(fmt::format("/challenges/{}/compare", id), token_);
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(Text(response, "message"), "Failed to execute answer. The answer is incorrect.");
}

TEST_F(DatabasePlaygroundTest, WhatIsOurFaultIsNotTheQuerys) {
  outputs_.failure = Error{.code = Code::kUnavailable, .message = "no worker at /run/secret"};
  const auto response = Post(kRight, token_);
  EXPECT_EQ(response.status, 503);
  EXPECT_TRUE(Text(response, "message").starts_with("Failed to execute query"));
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  bank_.failure = Error{.code = Code::kInternal, .message = "lost"};
  EXPECT_TRUE(Text(Get("/questions", token_), "message").starts_with("Failed to fetch questions."));
}

TEST_F(DatabasePlaygroundTest, WithoutATokenNothingIsShown) {
  const std::string guest = NewGuest();
  for (const std::string_view path : {"/questions", "/questions/101", "/questions/101/solution",
                                      "/schemas/shop", "/challenges/x", "/challenges/x/compare"}) {
    const auto none = Get(path, "");
    EXPECT_EQ(none.status, 401) << path;
    EXPECT_EQ(Text(none, "message"), "Malformed or missing authorization header");
    EXPECT_EQ(none.Header("WWW-Authenticate"), "Bearer");
    EXPECT_EQ(none.Header("Content-Type"), "application/json");
    EXPECT_EQ(Text(Get(path, "nonsense"), "message"), "Failed to verify token") << path;
    EXPECT_EQ(Get(path, guest).status, 401) << path;
  }
}

TEST_F(DatabasePlaygroundTest, ACookieIsNoToken) {
  EXPECT_EQ(Get("/questions", member_).status, 401);
  EXPECT_EQ(Post(kRight, member_).status, 401);
}

TEST_F(DatabasePlaygroundTest, IsAlsoThereAtTheRootOfAServerOfItsOwn) {
  EXPECT_EQ(GetRoot("/questions", token_).body, fmt::format("[{}]", kQuestion));
  EXPECT_EQ(GetRoot("/questions", "nonsense").status, 401);
  EXPECT_EQ(GetRoot("/healthz", "").status, 200);
  EXPECT_EQ(GetRoot("/healthz", "").body, "");
  EXPECT_TRUE(GetRoot("/openapi/openapi.yaml", "").body.starts_with("openapi: 3.1.0"));
  EXPECT_EQ(GetRoot("/openapi/openapi.yaml", "").body, Get("/openapi/openapi.yaml", "").body);
  EXPECT_EQ(GetRoot("/api/v1/session", token_).status, 404);
  EXPECT_EQ(GetRoot("/index.html", token_).status, 404);
}

class BriefPlaygroundTest : public PlaygroundTest {
 protected:
  BriefPlaygroundTest() : PlaygroundTest({.per_second = 0.001, .burst = 2}) {}
};

TEST_F(BriefPlaygroundTest, TooManyQueriesOfOneUserHaveToWait) {
  const std::string id = Challenge(kRight);
  Challenge(kRight);
  const auto response = Post(kRight, token_);
  EXPECT_EQ(response.status, 429);
  EXPECT_NE(response.Header("Retry-After"), "");
  EXPECT_EQ(Get(fmt::format("/challenges/{}/compare", id), token_).status, 429);
  EXPECT_EQ(Get(fmt::format("/challenges/{}", id), token_).status, 200);
}

}  // namespace
}  // namespace paddock::gateway
