// The API over the real HTTP server and a real store, with a fake driver and a fake agent. Two
// guests, ann and bob, are there when a test begins; every test has a server, a loop, a store and a
// port of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "gateway/routes/api.h"
#include "gateway/routes/testing/test_people.h"
#include "gateway/testing/live_server.h"
#include "gateway/testing/raw_client.h"
#include "questions/services.h"
#include "questions/testing/sqlite_runner.h"
#include "sandbox/testing/fake_agent.h"
#include "sandbox/testing/fake_driver.h"

namespace paddock::gateway {

inline constexpr std::string_view kSandboxes = "/api/v1/sandboxes";

class ApiTest : public ::testing::Test {
 public:
  ~ApiTest() override {
    server_.OnLoop([this] { scope_->Cancel(); });
    bool running = true;
    while (running) {
      server_.OnLoop([&] { running = scope_->running_count() > 0; });
    }
    Await(people_->Close());
    server_.Stop(std::chrono::milliseconds(100));
  }
  ApiTest(const ApiTest&) = delete;
  ApiTest& operator=(const ApiTest&) = delete;
  ApiTest(ApiTest&&) = delete;
  ApiTest& operator=(ApiTest&&) = delete;

 protected:
  explicit ApiTest(ApiConfig config = Config(),
                   std::optional<identity::ProviderConfig> provider = std::nullopt);
  static ApiConfig Config() {
    ApiConfig config;
    config.version = "1.2.3";
    config.limits.user_requests = {.per_second = 1, .burst = 200};
    config.limits.user_creations = {.per_second = 0.01, .burst = 4};
    config.limits.address_guests = {.per_second = 0.01, .burst = 5};
    config.limits.sandbox_terminals_max = 2;
    config.limits.upload_max = 1_MiB;
    return config;
  }

  aio::Task<Result<sandbox::AgentRef>> OpenAgent() { co_return agent_; }
  aio::Task<Result<void>> Transfer(UserId from, UserId to, Deadline deadline);

  /// Sends a request with the credential `token`: a guest's token or the secret of a session.
  testing::RawResponse Ask(std::string_view method,
                           std::string_view target,
                           std::string_view token,
                           std::string_view body = {},
                           std::string_view headers = {});

  /// Nothing is answered that api/openapi.yaml does not say.
  static void ExpectDescribed(std::string_view method,
                              std::string_view target,
                              const testing::RawResponse& response);

  [[nodiscard]] std::string Origin() const {
    return fmt::format("Origin: http://127.0.0.1:{}\r\n", port());
  }
  [[nodiscard]] std::uint16_t port() const {
    return const_cast<testing::LiveServer&>(server_).port();  // NOLINT: only reads
  }

  std::string NewGuest() {
    const auto response = Ask("POST", "/api/v1/session", "");
    EXPECT_EQ(response.status, 201) << response.body;
    return Text(response, "token");
  }
  /// The secret of a session of a new user, which Ask takes as it takes a guest's token.
  std::string SignIn(std::string name, Role role) {
    return Await(people_->SignIn(std::move(name), role));
  }
  /// Runs `task` on the loop and waits for it.
  template <class T>
  T Await(aio::Task<T> task) {
    std::optional<T> value;
    auto body = [](aio::Task<T> inner, std::optional<T>& out) -> aio::Task<void> {
      auto result = co_await std::move(inner);
      out.emplace(std::move(result));
    };
    auto running = body(std::move(task), value);
    boost::asio::co_spawn(server_.loop(), std::move(running), boost::asio::use_future).get();
    return *std::move(value);
  }
  /// The id of a new sandbox of `token`.
  std::string NewSandbox(const std::string& token) {
    const auto response = Ask("POST", kSandboxes, token, "{}");
    EXPECT_EQ(response.status, 201) << response.body;
    return Text(response, "id");
  }

  static boost::json::value Json(const testing::RawResponse& response) {
    return boost::json::parse(response.body);
  }
  static std::string Text(const testing::RawResponse& response, std::string_view name) {
    const boost::json::value document = Json(response);
    const auto* text = document.as_object().if_contains(name);
    return text == nullptr ? std::string() : std::string(text->as_string());
  }
  static std::string At(std::string_view sandbox, std::string_view rest) {
    return fmt::format("{}/{}{}", kSandboxes, sandbox, rest);
  }

  identity::Secret secret_{7};
  identity::TokenSigner signer_{secret_, std::chrono::hours(1)};
  sandbox::testing::FakeDriver driver_;
  std::shared_ptr<sandbox::testing::FakeAgent> agent_ =
      std::make_shared<sandbox::testing::FakeAgent>();
  sandbox::ManagerConfig manager_config_;
  std::unique_ptr<sandbox::Manager> manager_;
  testing::LiveServer server_;
  std::unique_ptr<testing::TestPeople> people_;
  questions::testing::SqliteRunner runner_;                             // of queries
  questions::Attempts::Clock clock_ = &std::chrono::system_clock::now;  // of submissions
  std::unique_ptr<questions::Services> questions_;
  std::unique_ptr<Api> api_;  // goes before the people, whose credentials tell it what ended
  std::unique_ptr<aio::TaskScope> scope_;
  std::optional<Error> transfer_failure_;  // of handing over a guest's sandboxes
  std::string ann_;
  std::string bob_;
};

}  // namespace paddock::gateway
