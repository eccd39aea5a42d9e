#include "gateway/playground/sql_runner_routes.h"

#include <string>

#include <gtest/gtest.h>

#include "gateway/playground/testing/playground_fixture.h"

namespace paddock::gateway {
namespace {

constexpr std::string_view kQuery = "/sqlrunner/query";
constexpr std::string_view kBody = R"x({"schema":"CREATE TABLE dev(ID int)","query":"SELECT ?"})x";

class SqlRunnerRoutesTest : public PlaygroundTest {
 protected:
  SqlRunnerRoutesTest() = default;
  explicit SqlRunnerRoutesTest(bool is_open)
      : PlaygroundTest({.per_second = 0.001, .burst = 3}, is_open) {}

  testing::RawResponse Run(std::string_view body, const std::string& token) {
    return Ask("POST", kQuery, token, body);
  }
  void ExpectRefused(std::string_view body, int status, std::string_view code) {
    const auto response = Run(body, token_);
    EXPECT_EQ(response.status, status) << body;
    EXPECT_EQ(Text(response, "code"), code) << body;
    EXPECT_EQ(Json(response).at("success"), false);
    EXPECT_NE(Text(response, "message"), "");
  }
};

TEST_F(SqlRunnerRoutesTest, EveryCellIsAText) {
  challenges::ResultSet table{.columns = {{.name = "ID"}, {.name = "ID"}}, .rows = sql::Rows(2)};
  table.rows.Add(sql::CellType::kReal, "1145141919.81");
  table.rows.AddNull();
  queries_.outcome.results.emplace_back();
  queries_.outcome.results.push_back(table);
  const auto response = Run(kBody, token_);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"success":true,"data":{"columns":["ID","ID"],)"
                           R"("rows":[["1145141919.81","NULL"]]}})");
  EXPECT_NE(response.Header("X-Trace-ID"), "");
  EXPECT_EQ(queries_.asked.query, "SELECT ?");
  EXPECT_EQ(queries_.asked.schema->script, "CREATE TABLE dev(ID int)");
  EXPECT_EQ(queries_.asked.shims, challenges::kAllShims);
}

TEST_F(SqlRunnerRoutesTest, NoResultIsAnEmptyTable) {
  EXPECT_EQ(Run(kBody, token_).body, R"({"success":true,"data":{"columns":[],"rows":[]}})");
}

TEST_F(SqlRunnerRoutesTest, WithoutSchemaAndQueryThePayloadIsBad) {
  for (const std::string_view body :
       {"{", "[]", "{}", R"({"schema":"x"})", R"({"query":"x"})", R"({"schema":"","query":"x"})",
        R"({"schema":"x","query":""})", R"({"schema":1,"query":"x"})"}) {
    ExpectRefused(body, 422, "BAD_PAYLOAD");
  }
}

TEST_F(SqlRunnerRoutesTest, SaysWhoseFaultItIs) {
  queries_.outcome.error = sql::StatementError{.code = "1", .message = "no such table: x"};
  ExpectRefused(kBody, 400, "QUERY_ERROR");
  queries_.outcome.error.reset();
  queries_.outcome.limit = challenges::LimitHit::kTime;
  ExpectRefused(kBody, 400, "QUERY_ERROR");
  queries_.failure = Error{.code = Code::kInvalid, .message = "incomplete input"};
  ExpectRefused(kBody, 500, "SCHEMA_ERROR");
  queries_.failure = Error{.code = Code::kExhausted, .message = "all busy"};
  ExpectRefused(kBody, 429, "INTERNAL_ERROR");
  queries_.failure = Error{.code = Code::kUnavailable, .message = "at /run/secret"};
  ExpectRefused(kBody, 503, "INTERNAL_ERROR");
  EXPECT_EQ(Run(kBody, token_).body.find("secret"), std::string::npos);
}

TEST_F(SqlRunnerRoutesTest, AChangeIsRefusedAsByAReadOnlyFile) {
  queries_.outcome.changed_data = true;
  ExpectRefused(kBody, 400, "QUERY_ERROR");
}

TEST_F(SqlRunnerRoutesTest, IsForThisServersUsers) {
  EXPECT_EQ(Run(kBody, "").status, 401);
  EXPECT_EQ(Run(kBody, "nonsense").status, 401);
  EXPECT_EQ(Run(kBody, NewGuest()).status, 200);
  EXPECT_EQ(Run(kBody, member_).status, 200);
  EXPECT_EQ(Run(kBody, NewToken(member_, R"("read:question")")).status, 403);
}

TEST_F(SqlRunnerRoutesTest, IsAliveForEverybody) {
  const auto response = Ask("GET", "/sqlrunner/healthz", "");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "OK");
}

class OpenSqlRunnerRoutesTest : public SqlRunnerRoutesTest {
 protected:
  OpenSqlRunnerRoutesTest() : SqlRunnerRoutesTest(true) {}
};

TEST_F(OpenSqlRunnerRoutesTest, IsForEverybodyByTheRateOfTheirAddress) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Run(kBody, "").status, 200);
  }
  const auto response = Run(kBody, "");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(Text(response, "code"), "RATE_LIMITED");
  EXPECT_NE(response.Header("Retry-After"), "");
  EXPECT_EQ(Run(kBody, token_).status, 200);  // counted by themselves
}

}  // namespace
}  // namespace paddock::gateway
