// Questions through the API: what is seen by whom, running, submitting, points and authoring.
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/routes/testing/people_api_test.h"

namespace paddock::gateway {
namespace {

constexpr std::string_view kQuestions = "/api/v1/questions";
constexpr std::string_view kSchema =
    "id: users\n"
    "title: {en: Users, zh: 用户}\n"
    "description: 'Who **is** there <script>alert(1)</script>'\n"
    "sql: |\n"
    "  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n"
    "  CREATE TABLE pets (id INTEGER, owner INTEGER REFERENCES users (id));\n"
    "data_sql: INSERT INTO users VALUES (1, 'John'), (2, 'Jane');\n"
    "hidden_sql: [\"INSERT INTO users VALUES (1, 'John'), (2, 'Jane'), (3, 'Hidden Name');\"]\n";

class QuestionsTest : public PeopleApiTest {
 protected:
  QuestionsTest() {
    const auto made = Post("/api/v1/schemas", tess_, {{"document", kSchema}});
    EXPECT_EQ(made.status, 201) << made.body;
  }

  testing::RawResponse Post(const std::string& path,
                            const std::string& who,
                            boost::json::object body) {
    return Ask("POST", path, who, boost::json::serialize(body));
  }
  static std::string Document(std::string_view id, std::string_view more = "") {
    return fmt::format(
        "id: {}\ntitle: {{en: All users, zh: 所有用户}}\ndescription: List **all**.\n"
        "difficulty: easy\ncategory: {{en: Basics, zh: 基础}}\n"
        "references: ['SELECT name FROM users']\n{}",
        id, more);
  }
  /// The path of a new question of tess's.
  std::string NewQuestion(std::string_view id, std::string_view more = "") {
    const auto made = Post(std::string(kQuestions), tess_,
                           {{"document", Document(id, more)}, {"schema", "users"}});
    EXPECT_EQ(made.status, 201) << made.body;
    return made.Header("Location");
  }
  boost::json::object Submit(const std::string& question,
                             const std::string& who,
                             std::string_view query,
                             std::string_view suffix = "") {
    const auto graded = Post(question + "/submit" + std::string(suffix), who, {{"query", query}});
    EXPECT_EQ(graded.status, 200) << graded.body;
    return Json(graded).as_object();
  }
  std::string RuleOf(const boost::json::object& graded) {
    return std::string(graded.at("verdict").at("rule").as_string());
  }
  boost::json::value Get(const std::string& path, const std::string& who) {
    const auto response = Ask("GET", path, who);
    EXPECT_EQ(response.status, 200) << path << response.body;
    return Json(response);
  }
  std::vector<std::string> SlugsOf(const std::string& query, const std::string& who) {
    std::vector<std::string> slugs;
    const auto page = Get(fmt::format("{}?{}", kQuestions, query), who);
    for (const auto& question : page.at("questions").as_array()) {
      slugs.emplace_back(question.at("slug").as_string());
    }
    return slugs;
  }

  std::string tess_ = SignIn("tess", Role::kTeacher);
  std::string liu_ = SignIn("liu", Role::kLearner);
};

using Slugs = std::vector<std::string>;

TEST_F(QuestionsTest, AQuestionIsReadInTheReadersLanguageAsSafeHtml) {
  const auto question = NewQuestion("all", "hints: [{en: Look., zh: 看。}]\nstarter: SELECT\n");
  const auto read = Get(question + "?lang=zh", ann_);
  EXPECT_EQ(read.at("title").as_string(), "所有用户");
  EXPECT_EQ(read.at("description_html").as_string(), "<p>List <strong>all</strong>.</p>\n");
  EXPECT_EQ(read.at("expected_columns").as_array().at(0).as_string(), "name");
  EXPECT_EQ(read.at("hints_count").as_int64(), 1);
  EXPECT_EQ(read.at("compare").at("rows").as_string(), "any");
  EXPECT_FALSE(read.at("solution_available").as_bool());
  EXPECT_TRUE(read.at("last_query").is_null());
  const std::string html(read.at("schema").at("description_html").as_string());
  EXPECT_EQ(html.find("<script"), std::string::npos) << html;
  EXPECT_EQ(Get(question + "/hints/1?lang=zh", ann_).at("text").as_string(), "看。");
  EXPECT_EQ(Get(question, ann_).at("hints_opened").as_int64(), 1);
  EXPECT_EQ(Ask("GET", question + "/hints/2", ann_).status, 404);
  EXPECT_EQ(Ask("GET", question + "?lang=fr", ann_).status, 400);
}

TEST_F(QuestionsTest, ASchemaTellsItsTablesAndItsScriptToAuthorsAlone) {
  const auto schema = Get("/api/v1/schemas/users", ann_).as_object();
  EXPECT_FALSE(schema.contains("script"));
  const auto& tables = schema.at("tables").as_array();
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[0].at("name").as_string(), "pets");
  EXPECT_EQ(tables[0].at("keys").at(0).at("to_table").as_string(), "users");
  EXPECT_EQ(tables[1].at("keys").at(0).at("kind").as_string(), "primary");
  const auto full = Get("/api/v1/schemas/users", tess_).as_object();
  EXPECT_NE(full.at("script").as_string().find("CREATE TABLE users"), std::string::npos);
  EXPECT_EQ(full.at("script").as_string().find("Hidden Name"), std::string::npos);
}

TEST_F(QuestionsTest, RunningIsNotSubmitting) {
  const auto question = NewQuestion("all");
  const auto run = Post(question + "/run", ann_, {{"query", "SELECT 1 AS a, NULL, 'x'; SELECT 2"}});
  ASSERT_EQ(run.status, 200) << run.body;
  const auto outcome = Json(run);
  EXPECT_EQ(outcome.at("results").as_array().size(), 2U);
  EXPECT_EQ(boost::json::serialize(outcome.at("results").at(0).at("rows")), R"([["1",null,"x"]])");
  EXPECT_TRUE(outcome.at("error").is_null());
  const auto failed = Json(Post(question + "/run", ann_, {{"query", "SELEC 1"}}));
  EXPECT_EQ(failed.at("error").at("code").as_string(), "SQLITE_ERROR");
  EXPECT_FALSE(Get(question, ann_).at("attempted").as_bool());
  EXPECT_EQ(Post(question + "/run", ann_, {{"query", ""}}).status, 400);
}

TEST_F(QuestionsTest, ARightAnswerIsRememberedAndEarnsPoints) {
  const auto question = NewQuestion("all");
  const auto wrong = Submit(question, liu_, "SELECT id FROM users");
  EXPECT_EQ(RuleOf(wrong), "column_names");
  EXPECT_FALSE(wrong.at("passed").as_bool());
  EXPECT_EQ(boost::json::serialize(wrong.at("verdict").at("expected").at("rows")),
            R"([["John"],["Jane"]])");
  const auto right = Submit(question, liu_, "SELECT name FROM users ORDER BY 1");
  EXPECT_EQ(RuleOf(right), "same");
  EXPECT_EQ(right.at("points_earned").as_int64(), 15);
  EXPECT_TRUE(right.at("verdict").at("expected").is_null());
  const auto read = Get(question, liu_);
  EXPECT_TRUE(read.at("solved").as_bool());
  EXPECT_TRUE(read.at("solution_available").as_bool());
  EXPECT_EQ(read.at("last_query").as_string(), "SELECT name FROM users ORDER BY 1");
  const auto page = Get(question + "/submissions?limit=1", liu_);
  EXPECT_EQ(page.at("submissions").as_array().size(), 1U);
  EXPECT_TRUE(page.at("submissions").at(0).at("passed").as_bool());
  const auto rest = Get(
      fmt::format("{}/submissions?after={}", question, std::string(page.at("next").as_string())),
      liu_);
  EXPECT_EQ(rest.at("submissions").at(0).at("rule").as_string(), "column_names");
  EXPECT_TRUE(Get(question + "/submissions", ann_).at("submissions").as_array().empty());
}

// Of a task that changes data, each check says what is there and what should be.
TEST_F(QuestionsTest, WhatATaskLeavesIsShownBesideWhatItShouldLeave) {
  std::string document = Document("change",
                                  "check: ['SELECT id, name FROM users', "
                                  "'SELECT count(*) AS n FROM users']\n");
  document.replace(document.find("SELECT name FROM users"), 22,
                   "UPDATE users SET name = ''X'' WHERE id = 1");
  const auto made =
      Post(std::string(kQuestions), tess_, {{"document", document}, {"schema", "users"}});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string question = made.Header("Location");
  const auto graded = Submit(question, liu_, "UPDATE users SET name = 'X'");
  EXPECT_EQ(RuleOf(graded), "state");
  const auto& checks = graded.at("verdict").at("checks").as_array();
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_EQ(checks[0].at("query").as_string(), "SELECT id, name FROM users");
  EXPECT_EQ(checks[0].at("rule").as_string(), "cells");
  EXPECT_EQ(checks[0].at("missing_rows").as_int64(), 1);
  EXPECT_EQ(boost::json::serialize(checks[0].at("expected").at("rows")),
            R"([["1","X"],["2","Jane"]])");
  EXPECT_EQ(checks[1].at("rule").as_string(), "same");
  EXPECT_TRUE(checks[1].at("expected").is_null());
  EXPECT_EQ(boost::json::serialize(graded.at("outcome").at("checks").at(0).at("rows")),
            R"([["1","X"],["2","X"]])");
  const auto ran = Json(Post(question + "/run", liu_, {{"query", "DELETE FROM users"}}));
  EXPECT_EQ(boost::json::serialize(ran.at("checks").at(1).at("rows")), R"([["0"]])");
  const auto right = Submit(question, liu_, "UPDATE users SET name = 'X' WHERE name = 'John'");
  EXPECT_EQ(RuleOf(right), "same");
}

TEST_F(QuestionsTest, OfAHiddenDatasetNothingIsTold) {
  const auto question = NewQuestion("all");
  const auto graded = Submit(question, liu_, "SELECT 'John' AS name UNION SELECT 'Jane'");
  EXPECT_EQ(RuleOf(graded), "hidden_dataset");
  EXPECT_EQ(graded.at("verdict").at("dataset").as_int64(), 1);
  EXPECT_TRUE(graded.at("verdict").at("first").is_null());
  EXPECT_EQ(boost::json::serialize(graded).find("Hidden Name"), std::string::npos);
}

TEST_F(QuestionsTest, AQuestionThatHidesItsResultShowsNoneOfIt) {
  const auto question = NewQuestion("all", "show_expected: false\n");
  EXPECT_EQ(Ask("GET", question + "/expected", liu_).status, 404);
  const auto graded = Submit(question, liu_, "SELECT 'x' AS name UNION SELECT 'y'");
  EXPECT_EQ(RuleOf(graded), "cells");
  EXPECT_TRUE(graded.at("verdict").at("expected").is_null());
  EXPECT_EQ(boost::json::serialize(graded).find("Jane"), std::string::npos);
}

TEST_F(QuestionsTest, AVerdictSpeaksTheReadersLanguage) {
  const auto question = NewQuestion(
      "all", "wrong: [{query: SELECT 'J' AS name, feedback: {en: Too short., zh: 太短。}}]\n");
  const auto known = Submit(question, liu_, "SELECT 'J' AS name", "?lang=zh");
  EXPECT_EQ(RuleOf(known), "known_wrong");
  EXPECT_EQ(known.at("verdict").at("message").as_string(), "太短。");
}

TEST_F(QuestionsTest, AFaultOfTheRunnerIsAnsweredWith503AndCountsForNothing) {
  const auto question = NewQuestion("all");
  server_.OnLoop(
      [this] { runner_.failure = Error{.code = Code::kUnavailable, .message = "gone"}; });
  EXPECT_EQ(Post(question + "/submit", liu_, {{"query", "SELECT 1"}}).status, 503);
  server_.OnLoop([this] { runner_.failure.reset(); });
  EXPECT_TRUE(Get(question + "/submissions", liu_).at("submissions").as_array().empty());
}

TEST_F(QuestionsTest, TheListIsFilteredAndPaged) {
  const auto first = NewQuestion("first");
  static_cast<void>(NewQuestion("second", "number: 5\n"));
  Submit(first, liu_, "SELECT name FROM users");
  EXPECT_EQ(SlugsOf("", liu_), (Slugs{"second", "first"}));
  EXPECT_EQ(SlugsOf("solved=true", liu_), Slugs{"first"});
  EXPECT_EQ(SlugsOf("solved=false", liu_), Slugs{"second"});
  EXPECT_EQ(SlugsOf("search=ALL%20second", liu_), Slugs{"second"});
  EXPECT_EQ(SlugsOf("search=%E6%89%80%E6%9C%89", liu_).size(), 2U);
  EXPECT_EQ(SlugsOf("difficulty=hard", liu_), Slugs{});
  EXPECT_EQ(SlugsOf("category=Basics&schema=users", liu_).size(), 2U);
  EXPECT_EQ(SlugsOf("limit=1", liu_), Slugs{"second"});
  EXPECT_EQ(SlugsOf("limit=1&after=5", liu_), Slugs{"first"});
  const auto page = Get(fmt::format("{}?limit=1&lang=zh", kQuestions), liu_);
  EXPECT_EQ(page.at("next").as_string(), "5");
  EXPECT_EQ(page.at("categories").at(0).as_string(), "基础");
  for (const std::string_view query :
       {"limit=0", "limit=201", "difficulty=x", "solved=x", "after=x"}) {
    EXPECT_EQ(Ask("GET", fmt::format("{}?{}", kQuestions, query), liu_).status, 400) << query;
  }
}

TEST_F(QuestionsTest, WhatATokenLacksAFieldLacksToo) {
  const auto question = NewQuestion("all");
  const auto reader = NewToken(liu_, R"("read:question")");
  EXPECT_TRUE(Get(question, reader).at("schema").is_null());
  EXPECT_EQ(Ask("GET", "/api/v1/schemas", reader).status, 403);
  EXPECT_EQ(Post(question + "/submit", reader, {{"query", "SELECT 1"}}).status, 403);
  const auto challenger = NewToken(liu_, R"("challenge")");
  EXPECT_EQ(Ask("GET", question, challenger).status, 403);
  const auto graded = Submit(question, challenger, "SELECT 'x' AS name UNION SELECT 'y'");
  EXPECT_TRUE(graded.at("verdict").at("expected").is_null());
  EXPECT_EQ(Ask("GET", question + "/solution", NewToken(liu_, R"("read:solution")")).status, 403);
}

TEST_F(QuestionsTest, TheSolutionComesAfterSolvingOrGivingUp) {
  const auto question = NewQuestion("all", "solution: {en: Ask for all.}\n");
  EXPECT_EQ(Ask("GET", question + "/solution", ann_).status, 403);
  EXPECT_EQ(Ask("POST", question + "/give-up", ann_).status, 204);
  const auto solution = Get(question + "/solution", ann_);
  EXPECT_EQ(solution.at("html").as_string(), "<p>Ask for all.</p>\n");
  EXPECT_EQ(solution.at("references").at(0).as_string(), "SELECT name FROM users");
}

TEST_F(QuestionsTest, ProgressAndLeaderboardShowWhatWasSolved) {
  const auto question = NewQuestion("all");
  Submit(question, liu_, "SELECT name FROM users");
  Submit(question, ann_, "SELECT name FROM users");
  const auto progress = Get("/api/v1/account/progress", liu_);
  EXPECT_EQ(progress.at("points").as_int64(), 17);
  EXPECT_EQ(progress.at("by_difficulty").at("easy").at("solved").as_int64(), 1);
  EXPECT_EQ(progress.at("recent").at(0).at("title").as_string(), "All users");
  const auto board = Get("/api/v1/leaderboard?period=week&by=solved", liu_);
  ASSERT_EQ(board.at("entries").as_array().size(), 1U) << "a guest has no rank";
  EXPECT_TRUE(board.at("entries").at(0).at("me").as_bool());
  EXPECT_TRUE(Get("/api/v1/leaderboard", ann_).at("me").is_null());
  EXPECT_EQ(Get("/api/v1/account/progress", ann_).at("solved").as_int64(), 1);
  const auto id = NewClass(tess_);
  EXPECT_EQ(Ask("GET", "/api/v1/leaderboard?class=" + id, liu_).status, 404);
  EXPECT_EQ(Ask("GET", "/api/v1/leaderboard?by=luck", liu_).status, 400);
}

TEST_F(QuestionsTest, ATeacherSeesWhoSolvedWhatAndWherePeopleFail) {
  const auto question = NewQuestion("all");
  const auto id = NewClass(tess_);
  const auto code = Text(Ask("GET", fmt::format("{}/{}", kClasses, id), tess_), "join_code");
  ASSERT_EQ(Join(liu_, code).status, 200);
  Submit(question, liu_, "SELECT id FROM users");
  Submit(question, liu_, "SELECT name FROM users");
  const auto members = Get(fmt::format("{}/{}/progress", kClasses, id), tess_).at("members");
  ASSERT_EQ(members.as_array().size(), 1U);
  EXPECT_EQ(members.at(0).at("solved").as_int64(), 1);
  const auto statistics = Get(question + "/statistics", tess_);
  EXPECT_EQ(statistics.at("submissions").as_int64(), 2);
  EXPECT_EQ(statistics.at("rules").at("column_names").as_int64(), 1);
  EXPECT_EQ(Ask("GET", question + "/statistics", liu_).status, 403);
  const auto reset = fmt::format("{}/{}/progress/{}/reset", kClasses, id, IdOf(liu_));
  EXPECT_EQ(Ask("POST", reset, tess_, "{}").status, 204);
  EXPECT_FALSE(Get(question, liu_).at("solved").as_bool());
  EXPECT_EQ(Ask("POST",
                fmt::format("{}/{}/progress/{}/reset", kClasses, id,
                            IdOf(SignIn("stranger", Role::kLearner))),
                tess_, "{}")
                .status,
            404);
}

TEST_F(QuestionsTest, ADraftIsValidatedWithItsPreview) {
  const auto sound =
      Json(Post("/api/v1/questions/validate", tess_,
                {{"document", Document("new", "wrong: [{query: SELECT 1 AS name}]\n")},
                 {"schema", "users"}}));
  EXPECT_TRUE(sound.at("problems").as_array().empty());
  EXPECT_EQ(sound.at("preview").at("wrong").at(0).at("rule").as_string(), "row_count");
  const auto broken =
      Json(Post("/api/v1/questions/validate", tess_,
                {{"document", Document("new", "pionts: 3\n")}, {"schema", "users"}}));
  EXPECT_EQ(broken.at("problems").at(0).at("line").as_int64(), 7);
  EXPECT_EQ(broken.at("problems").at(0).at("field").as_string(), "pionts");
  EXPECT_TRUE(broken.at("preview").is_null());
  const auto schema =
      Json(Post("/api/v1/questions/validate", tess_,
                {{"document", "id: s\ntitle: S\nsql: CREATE TABL\n"}, {"kind", "schema"}}));
  EXPECT_NE(schema.at("problems").at(0).at("message").as_string().find("syntax"),
            std::string::npos);
}

TEST_F(QuestionsTest, AnAuthorChangesTheirOwnAndAnAdminAnybodys) {
  const auto question = NewQuestion("all");
  const auto other = SignIn("other", Role::kTeacher);
  const auto admin = SignIn("ada", Role::kAdmin);
  const auto change = [&](std::int64_t version) {
    return boost::json::serialize(
        boost::json::object{{"document", Document("all")}, {"version", version}});
  };
  EXPECT_EQ(Ask("PUT", question, other, change(1)).status, 403);
  EXPECT_EQ(Ask("DELETE", question, other).status, 403);
  EXPECT_EQ(Ask("PUT", question, liu_, change(1)).status, 403);
  EXPECT_EQ(Ask("PUT", question, tess_, change(1)).status, 200);
  EXPECT_EQ(Ask("PUT", question, tess_, change(1)).status, 409);
  EXPECT_EQ(Ask("PUT", question, admin, change(2)).status, 200);
  EXPECT_EQ(Ask("DELETE", "/api/v1/schemas/users", tess_).status, 409);
  EXPECT_EQ(Ask("DELETE", question, admin).status, 204);
  EXPECT_EQ(Ask("GET", question, tess_).status, 404);
  EXPECT_EQ(Ask("DELETE", "/api/v1/schemas/users", tess_).status, 204);
}

TEST_F(QuestionsTest, AGuestKeepsWhatTheySolvedWhenTheySignIn) {
  const auto question = NewQuestion("all");
  Submit(question, ann_, "SELECT name FROM users");
  const auto in =
      Ask("POST", "/api/v1/sign-in", ann_,
          fmt::format(R"({{"name":"liu","password":"{}"}})", testing::TestPeople::kPassword));
  ASSERT_EQ(in.status, 200) << in.body;
  EXPECT_TRUE(Get(question, liu_).at("solved").as_bool());
  EXPECT_EQ(Get("/api/v1/account/progress", liu_).at("points").as_int64(), 17);
}

TEST_F(QuestionsTest, WhatIsNoNumberNamesNothing) {
  for (const std::string_view number : {"0", "01", "-1", "x", "99999", "99999999999999999999"}) {
    EXPECT_EQ(Ask("GET", fmt::format("{}/{}", kQuestions, number), ann_).status, 404) << number;
  }
}

}  // namespace
}  // namespace paddock::gateway
