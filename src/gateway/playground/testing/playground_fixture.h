// PlaygroundTest: the gateway for Database Playground on a live server with real people, below its
// prefix, and at the root of a second server.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/playground/database_playground.h"
#include "gateway/playground/sql_runner_routes.h"
#include "gateway/playground/testing/fake_services.h"
#include "gateway/routes/testing/people_api_test.h"

namespace paddock::gateway {

inline constexpr std::string_view kAllScopes =
    R"("challenge","read:schema","read:question","read:solution")";

class PlaygroundTest : public PeopleApiTest {
 public:
  ~PlaygroundTest() override { Await(StopRoot()); }
  PlaygroundTest(const PlaygroundTest&) = delete;
  PlaygroundTest& operator=(const PlaygroundTest&) = delete;
  PlaygroundTest(PlaygroundTest&&) = delete;
  PlaygroundTest& operator=(PlaygroundTest&&) = delete;

 protected:
  explicit PlaygroundTest(identity::Rate rate = {.per_second = 1000, .burst = 1000},
                          bool is_open = false)
      : runs_(rate, 64), sql_(queries_, runs_, is_open) {
    bank_.questions[101] = {.id = 101,
                            .schema_id = "shop",
                            .type = "Filtering",
                            .difficulty = playground::Difficulty::kEasy,
                            .title = "What can I afford?",
                            .description = "Up to *13.00*.",
                            .created_at = {},
                            .updated_at = playground::Time(std::chrono::hours(24))};
    playground::Output table{.header = {"n", "n"}, .rows = {{"1", std::nullopt}}};
    outputs_.outputs["SELECT right"] = {std::string(64, 'a'), table};
    outputs_.outputs["SELECT other"] = {std::string(64, 'b'), {.header = {}, .rows = {}}};
    server_.OnLoop([this] {
      playground_.AddTo(server_.router, kPrefix);
      sql_.AddTo(server_.router);
      api_->AddAuthTo(root_router_);
      playground_.AddTo(root_router_, "");
      auto started = root_.Start();
      ASSERT_TRUE(started) << started.error().message;
    });
    member_ = SignIn("ann", Role::kLearner);
    token_ = NewToken(member_, kAllScopes);
  }

  static constexpr std::string_view kPrefix = "/database-playground";
  static constexpr std::string_view kRight = R"({"questionID":"101","query":"SELECT right"})";

  testing::RawResponse Get(std::string_view path, const std::string& token) {
    return Ask("GET", fmt::format("{}{}", kPrefix, path), token);
  }
  testing::RawResponse Post(std::string_view body, const std::string& token) {
    return Ask("POST", fmt::format("{}/challenges", kPrefix), token, body);
  }
  /// The id of the challenge that `body` makes.
  std::string Challenge(std::string_view body) {
    const auto response = Post(body, token_);
    EXPECT_EQ(response.status, 200) << response.body;
    return Text(response, "challengeID");
  }
  /// Of the second server.
  testing::RawResponse GetRoot(std::string_view path, const std::string& token) {
    testing::RawClient client(root_.port());
    client.Send(fmt::format(
        "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\n\r\n", path, token));
    return client.ReadResponse();
  }

  testing::FakeDbRunner outputs_;
  testing::FakeQuestions bank_;
  testing::FakeRunner queries_;
  identity::RateLimiter runs_;
  DatabasePlayground playground_{identity::Secret{7},
                                 {.runner = outputs_, .questions = bank_, .runs = runs_}};
  SqlRunnerRoutes sql_;
  Router root_router_;
  Metrics root_metrics_;
  Server root_{server_.loop(), RootConfig(), root_router_, root_metrics_};
  std::string member_;  // the secret of a session
  std::string token_;   // of the same user, with every scope that is asked for here

 private:
  static ServerConfig RootConfig() {
    ServerConfig config = testing::LiveServer::QuickConfig();
    config.port = 0;
    return config;
  }
  aio::Task<bool> StopRoot() {
    co_await root_.Stop(Deadline::After(std::chrono::seconds(5)));
    co_return true;
  }
};

}  // namespace paddock::gateway
