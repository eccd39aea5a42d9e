// What the older front ends are told: the cases of tests/challenges/cases.txt over HTTP, with the
// real routes and real workers, in the gateway's form (v1) and in the SQL runner's (v2): once with
// the runner in this process, and once in another, behind gRPC.
#include "cases.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "gateway/playground/database_playground.h"
#include "gateway/playground/sql_runner_routes.h"
#include "gateway/playground/testing/fake_services.h"
#include "gateway/routes/testing/people_api_test.h"
#include "playground/local_runner.h"
#include "rpc/services/playground_clients.h"
#include "rpc/services/runner_service.h"
#include "runners/sqlite/sqlite_runner.h"
#include "service_process.h"

namespace paddock::gateway {
namespace {

namespace json = boost::json;

using challenges::Shim;
using challenges::testing::Case;

constexpr std::size_t kCasesMin = 50;  // an empty file passes nothing

/// A runner in another process.
struct Elsewhere {
  explicit Elsewhere(const boost::asio::any_io_executor& executor)
      : runs(executor, process.service()), queries(executor, process.service()) {}

  paddock::testing::ServiceProcess process{"runner", {PADDOCK_PROGRAM, "runner"}};
  rpc::RunnerClient runs;
  rpc::DbRunnerClient queries;
};

/// Where the runner is.
enum class Place : std::uint8_t { kHere, kElsewhere };

class PlaygroundCasesTest : public PeopleApiTest, public ::testing::WithParamInterface<Place> {
 public:
  PlaygroundCasesTest() {
    auto started = Await(pool_.Start(Deadline::After(std::chrono::seconds(60))));
    PADDOCK_CHECK(started.has_value());
    bank_.questions[1].schema_id = bank_.schema.id;
    server_.OnLoop([this] {
      playground_.AddTo(server_.router, "/database-playground");
      sql_.AddTo(server_.router);
    });
    token_ = NewToken(SignIn("ann", Role::kLearner), R"("challenge","read:question")");
  }
  ~PlaygroundCasesTest() override { Await(Stop()); }
  PlaygroundCasesTest(const PlaygroundCasesTest&) = delete;
  PlaygroundCasesTest& operator=(const PlaygroundCasesTest&) = delete;
  PlaygroundCasesTest(PlaygroundCasesTest&&) = delete;
  PlaygroundCasesTest& operator=(PlaygroundCasesTest&&) = delete;

 protected:
  [[nodiscard]] bool Applies(const Case& one) const {
    const auto can = [this](Shim shim) {
      return (pool_.engine().shims & static_cast<challenges::ShimSet>(shim)) != 0;
    };
    return (!one.only || can(*one.only)) && (!one.unless || !can(*one.unless));
  }

  testing::RawResponse Challenge(const Case& one) {
    bank_.script = one.script;
    bank_.answer = one.reference;
    const json::value form{{"questionID", "1"}, {"query", one.query}};
    return Ask("POST", "/database-playground/challenges", token_, json::serialize(form));
  }
  static void CheckMessage(const testing::RawResponse& response, const json::value& expected) {
    const std::string words(expected.at("message").as_string());
    EXPECT_NE(Text(response, "message").find(words), std::string::npos) << response.body;
  }
  static void CheckAnswer(const testing::RawResponse& response, const json::value& expected) {
    if (const auto* status = expected.as_object().if_contains("status")) {
      EXPECT_EQ(response.status, status->as_int64());
      CheckMessage(response, expected);
      return;
    }
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(json::serialize(Json(response)), json::serialize(expected));
  }
  /// What the challenge says at once or, where there is one, what came of it; and its comparison.
  void CheckGateway(const Case& one) {
    const auto made = Challenge(one);
    if (made.status != 200) {
      CheckAnswer(made, json::parse(one.v1));
      EXPECT_TRUE(one.compare.empty());
      return;
    }
    const auto path = fmt::format("/database-playground/challenges/{}", Text(made, "challengeID"));
    CheckAnswer(Ask("GET", path, token_), json::parse(one.v1));
    if (!one.compare.empty()) {
      CheckAnswer(Ask("GET", path + "/compare", token_), json::parse(one.compare));
    }
  }
  void CheckRunner(const Case& one) {
    const json::value expected = json::parse(one.v2);
    const json::value form{{"schema", one.script}, {"query", one.query}};
    const auto response = Ask("POST", "/sqlrunner/query", token_, json::serialize(form));
    const json::value body = Json(response);
    EXPECT_EQ(body.at("success").as_bool(), response.status == 200);
    if (const auto* code = expected.as_object().if_contains("code")) {
      EXPECT_EQ(Text(response, "code"), std::string(code->as_string())) << response.body;
      EXPECT_EQ(response.status, StatusOf(std::string(code->as_string())));
      CheckMessage(response, expected);
      return;
    }
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(json::serialize(body.at("data")), json::serialize(expected));
  }
  static int StatusOf(std::string_view code) {
    return code == "BAD_PAYLOAD" ? 422 : code == "QUERY_ERROR" ? 400 : 500;
  }

  testing::FakeQuestions bank_;
  runners::sqlite::SqliteRunner pool_{server_.loop().get_executor(),
                                      {.command = {PADDOCK_WORKER_PROBE, "real"}}};
  playground::LocalRunner local_{pool_};
  std::optional<Elsewhere> elsewhere_ = ElsewhereIfAsked();
  identity::RateLimiter runs_{{.per_second = 1000, .burst = 1000}, 64};
  DatabasePlayground playground_{identity::Secret{7},
                                 {.runner = queries(), .questions = bank_, .runs = runs_}};
  SqlRunnerRoutes sql_{runner(), runs_, false};
  std::string token_;

 private:
  std::optional<Elsewhere> ElsewhereIfAsked() {
    if (GetParam() == Place::kHere) {
      return std::nullopt;
    }
    return std::optional<Elsewhere>(std::in_place, server_.loop().get_executor());
  }
  challenges::Runner& runner() {
    return elsewhere_ ? static_cast<challenges::Runner&>(elsewhere_->runs) : pool_;
  }
  playground::DbRunner& queries() {
    return elsewhere_ ? static_cast<playground::DbRunner&>(elsewhere_->queries) : local_;
  }
  aio::Task<bool> Stop() {
    co_await pool_.Stop();
    co_return true;
  }
};

// Twice each: what was cut short must not be a success the second time either, and what was changed
// must be as it was.
TEST_P(PlaygroundCasesTest, EveryCaseIsAnsweredInBothForms) {
  std::size_t count = 0;
  for (const Case& one : challenges::testing::ReadCases(PADDOCK_CASES)) {
    SCOPED_TRACE(one.id + " " + one.title);
    if (!Applies(one)) {
      continue;
    }
    ++count;
    ASSERT_FALSE(one.v1.empty() || one.v2.empty()) << "say what either front end is told";
    for (int i = 0; i < 2; ++i) {
      CheckGateway(one);
      CheckRunner(one);
    }
  }
  EXPECT_GE(count, kCasesMin);
}

INSTANTIATE_TEST_SUITE_P(All,
                         PlaygroundCasesTest,
                         ::testing::Values(Place::kHere, Place::kElsewhere));

}  // namespace
}  // namespace paddock::gateway
