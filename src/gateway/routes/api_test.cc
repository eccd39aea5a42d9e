// The API over the real HTTP server, with a fake driver and a fake agent: what needs no sandbox.
#include "gateway/routes/api.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "gateway/testing/live_server.h"
#include "gateway/testing/raw_client.h"
#include "sandbox/testing/fake_agent.h"
#include "sandbox/testing/fake_driver.h"

namespace paddock::gateway {
namespace {

namespace json = boost::json;
using sandbox::testing::FakeAgent;
using sandbox::testing::FakeDriver;
using ::testing::HasSubstr;
using testing::LiveServer;
using testing::RawClient;
using testing::RawResponse;

constexpr std::string_view kSandboxes = "/api/v1/sandboxes";

ApiConfig ConfigForTests() {
  ApiConfig config;
  config.version = "1.2.3";
  config.limits.user_requests = {.per_second = 1, .burst = 200};
  config.limits.user_creations = {.per_second = 0.01, .burst = 4};
  config.limits.address_guests = {.per_second = 0.01, .burst = 5};
  config.limits.sandbox_terminals_max = 2;
  config.limits.upload_max = 1_MiB;
  return config;
}

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    manager_config_.per_user_max = 2;
    auto opener = [this](boost::asio::any_io_executor, UniqueFd, Deadline) { return OpenAgent(); };
    manager_ = std::make_unique<sandbox::Manager>(manager_config_, driver_, opener);
    scope_ = std::make_unique<aio::TaskScope>(server_.loop().get_executor());
    ApiParts parts{.manager = *manager_, .signer = signer_, .metrics = server_.metrics};
    api_ = std::make_unique<Api>(ConfigForTests(), parts);
    api_->AddTo(server_.router);
    server_.Start();
    server_.OnLoop([this] { scope_->Spawn(manager_->Run()); });
    ann_ = NewGuest();
    bob_ = NewGuest();
  }
  ~ApiTest() override {
    server_.OnLoop([this] { scope_->Cancel(); });
    bool running = true;
    while (running) {
      server_.OnLoop([&] { running = scope_->running_count() > 0; });
    }
    server_.Stop(std::chrono::milliseconds(100));
  }

  aio::Task<Result<sandbox::AgentRef>> OpenAgent() { co_return agent_; }

  RawResponse Ask(std::string_view method,
                  std::string_view target,
                  std::string_view token,
                  std::string_view body = {},
                  std::string_view headers = {}) {
    RawClient client(server_.port());
    std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}", method, target,
                                      server_.port(), headers);
    if (!token.empty()) {
      request += fmt::format("Authorization: Bearer {}\r\n", token);
    }
    if (!body.empty()) {
      request += fmt::format("Content-Length: {}\r\n", body.size());
    }
    client.Send(request + "\r\n" + std::string(body));
    return client.ReadResponse(method == "HEAD");
  }

  [[nodiscard]] std::string Origin() const {
    return fmt::format("Origin: http://127.0.0.1:{}\r\n", port());
  }
  [[nodiscard]] std::uint16_t port() const {
    return const_cast<LiveServer&>(server_).port();  // NOLINT: only reads
  }

  std::string NewGuest() {
    const auto response = Ask("POST", "/api/v1/session", "");
    EXPECT_EQ(response.status, 201) << response.body;
    return Text(response, "token");
  }
  /// The id of a new sandbox of `token`.
  std::string NewSandbox(const std::string& token) {
    const auto response = Ask("POST", kSandboxes, token, "{}");
    EXPECT_EQ(response.status, 201) << response.body;
    return Text(response, "id");
  }

  static json::value Json(const RawResponse& response) { return json::parse(response.body); }
  static std::string Text(const RawResponse& response, std::string_view name) {
    const json::value document = Json(response);
    const auto* text = document.as_object().if_contains(name);
    return text == nullptr ? std::string() : std::string(text->as_string());
  }
  static std::string At(std::string_view sandbox, std::string_view rest) {
    return fmt::format("{}/{}{}", kSandboxes, sandbox, rest);
  }

  identity::TokenSigner signer_{identity::Secret{7}, std::chrono::hours(1)};
  FakeDriver driver_;
  std::shared_ptr<FakeAgent> agent_ = std::make_shared<FakeAgent>();
  sandbox::ManagerConfig manager_config_;
  std::unique_ptr<sandbox::Manager> manager_;
  std::unique_ptr<Api> api_;
  LiveServer server_;
  std::unique_ptr<aio::TaskScope> scope_;
  std::string ann_;
  std::string bob_;
};

TEST_F(ApiTest, AGuestStaysTheSameWithCookieAndWithBearer) {
  const auto first = Ask("POST", "/api/v1/session", "");
  ASSERT_EQ(first.status, 201);
  const auto cookie = first.Header("Set-Cookie");
  EXPECT_THAT(cookie, HasSubstr("paddock_session="));
  EXPECT_THAT(cookie, HasSubstr("; Path=/; HttpOnly; SameSite=Strict"));
  const auto user = Json(first).at("user").at("id").as_string();
  const auto token = Text(first, "token");
  const auto again = Ask("POST", "/api/v1/session", token);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(Json(again).at("user").at("id").as_string(), user);
  const auto by_cookie = Ask("POST", "/api/v1/session", "", "",
                             fmt::format("Cookie: paddock_session={}\r\n{}", token, Origin()));
  EXPECT_EQ(by_cookie.status, 200);
  EXPECT_EQ(Json(by_cookie).at("user").at("id").as_string(), user);
}

TEST_F(ApiTest, WithoutAValidTokenNothingIsShown) {
  for (const char* token : {"", "nonsense"}) {
    const auto response = Ask("GET", kSandboxes, token);
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(Text(response, "code"), "unauthenticated");
    EXPECT_FALSE(Text(response, "request_id").empty());
  }
}

TEST_F(ApiTest, AForeignPageMayChangeNothing) {
  const auto cookie = fmt::format("Cookie: paddock_session={}\r\n", ann_);
  const std::vector<std::string> origins{
      "http://evil.example", "null", fmt::format("http://127.0.0.1:{}.evil.example", port()),
      fmt::format("https://127.0.0.1:{}", port()), "http://127.0.0.1:1"};
  for (const std::string& origin : origins) {
    const auto headers = fmt::format("{}Origin: {}\r\n", cookie, origin);
    EXPECT_EQ(Ask("POST", kSandboxes, "", "{}", headers).status, 403) << origin;
    EXPECT_EQ(Ask("POST", "/api/v1/session", "", "", headers).status, 403) << origin;
  }
  EXPECT_EQ(Ask("POST", kSandboxes, "", "{}", cookie).status, 403) << "without any Origin";
  EXPECT_EQ(Ask("POST", kSandboxes, "", "{}", cookie + Origin()).status, 201);
  EXPECT_EQ(driver_.machines.size(), 1U);
}

TEST_F(ApiTest, ASandboxIsCreatedShownListedAndDestroyed) {
  const auto created =
      Ask("POST", kSandboxes, ann_,
          R"({"limits":{"memory_bytes":67108864,"lifetime_s":60},"env":{"A":"b"}})");
  ASSERT_EQ(created.status, 201) << created.body;
  const auto id = Text(created, "id");
  EXPECT_EQ(created.Header("Location"), At(id, ""));
  EXPECT_EQ(Text(created, "state"), "running");
  EXPECT_EQ(Json(created).at("limits").at("memory_bytes").as_int64(), 67'108'864);
  EXPECT_EQ(Json(created).at("limits").at("pids_max").as_int64(), 256);
  EXPECT_EQ(Json(created).at("env").at("A").as_string(), "b");
  EXPECT_EQ(Ask("GET", At(id, ""), ann_).body, created.body);
  EXPECT_EQ(Json(Ask("GET", kSandboxes, ann_)).at("sandboxes").as_array().size(), 1U);
  EXPECT_EQ(Json(Ask("GET", At(id, "/stats"), ann_)).at("processes").as_int64(), 2);
  EXPECT_EQ(Ask("GET", At(id, "/logs"), ann_).body, "fake log\n");
  EXPECT_EQ(Ask("DELETE", At(id, ""), ann_).status, 204);
  EXPECT_EQ(Ask("DELETE", At(id, ""), ann_).status, 404);
  EXPECT_TRUE(driver_.machines.empty());
}

TEST_F(ApiTest, SomebodyElsesSandboxDoesNotExist) {
  const auto id = NewSandbox(ann_);
  agent_->files["/a"] = "secret";
  const auto terminal =
      Text(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":24})"), "id");
  const auto strange = std::string(kIdLength, 'a');
  for (const std::string& wanted : {id, strange, std::string("x"), std::string("%00")}) {
    const int missing = wanted == "%00" ? 400 : 404;
    EXPECT_EQ(Ask("GET", At(wanted, ""), bob_).status, missing);
    EXPECT_EQ(Ask("DELETE", At(wanted, ""), bob_).status, missing);
    EXPECT_EQ(Ask("GET", At(wanted, "/stats"), bob_).status, missing);
    EXPECT_EQ(Ask("GET", At(wanted, "/logs"), bob_).status, missing);
    EXPECT_EQ(Ask("POST", At(wanted, "/exec"), bob_, R"({"argv":["id"]})").status, missing);
    EXPECT_EQ(Ask("GET", At(wanted, "/files?path=/a"), bob_).status, missing);
    EXPECT_EQ(Ask("PUT", At(wanted, "/files?path=/a"), bob_, "x").status, missing);
    EXPECT_EQ(Ask("GET", At(wanted, "/terminals"), bob_).status, missing);
  }
  for (const char* method : {"GET", "DELETE"}) {
    EXPECT_EQ(Ask(method, "/api/v1/terminals/" + terminal, bob_).status, 404);
  }
  const auto path = fmt::format(R"({{"path":"/api/v1/terminals/{}/socket"}})", terminal);
  EXPECT_EQ(Ask("POST", "/api/v1/tickets", bob_, path).status, 404);
  EXPECT_EQ(Ask("POST", "/api/v1/tickets", ann_, path).status, 201);
  EXPECT_EQ(agent_->files.at("/a"), "secret");
  EXPECT_EQ(agent_->terminals.size(), 1U);
}

TEST_F(ApiTest, EveryBadLimitIsRefusedByName) {
  const std::vector<std::string> fields{"memory_bytes", "cpu_millis", "pids_max",
                                        "disk_bytes",   "inodes_max", "lifetime_s"};
  const std::vector<std::string> values{"0",   "-1",    "1e308", "9223372036854775807",
                                        "1.5", "\"1\"", "true",  "[]"};
  for (const std::string& field : fields) {
    for (const std::string& value : values) {
      const auto body = fmt::format(R"({{"limits":{{"{}":{}}}}})", field, value);
      const auto response = Ask("POST", kSandboxes, ann_, body);
      EXPECT_EQ(response.status, 400) << body;
      EXPECT_EQ(Text(response, "code"), "invalid");
      EXPECT_THAT(Text(response, "message"), HasSubstr("limits." + field));
    }
  }
  EXPECT_EQ(Ask("POST", kSandboxes, ann_, R"({"limits":{"memory_bytes":NaN}})").status, 400);
  EXPECT_THAT(Ask("POST", kSandboxes, ann_, R"({"limits":{"memory":1}})").body,
              HasSubstr("limits.memory"));
  EXPECT_TRUE(driver_.machines.empty());
}

TEST_F(ApiTest, OtherBadFieldsOfASandboxAreRefusedByName) {
  const std::map<std::string, std::string> bodies{
      {R"({"image":""})", "image"},         {R"({"image":7})", "image"},
      {R"({"env":{"1A":"b"}})", "env"},     {R"({"env":{"A":1}})", "env"},
      {R"({"env":{"A":"\u0000"}})", "env"}, {R"({"network":"host"})", "network"},
      {R"({"imgae":"base"})", "imgae"}};
  for (const auto& [body, field] : bodies) {
    const auto response = Ask("POST", kSandboxes, ann_, body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(Text(response, "message"), HasSubstr(field));
  }
  EXPECT_EQ(Ask("POST", kSandboxes, ann_, R"({"image":"nothing"})").status, 404);
}

TEST_F(ApiTest, QuotaAndRatesAnswer429WithRetryAfter) {
  (void)NewSandbox(ann_);
  (void)NewSandbox(ann_);
  const auto full = Ask("POST", kSandboxes, ann_, "{}");
  EXPECT_EQ(full.status, 429);
  EXPECT_THAT(full.body, HasSubstr("all 2 sandboxes of this user are in use"));
  EXPECT_GE(std::stoi(full.Header("Retry-After")), 1);
  (void)Ask("POST", kSandboxes, ann_, "{}");
  EXPECT_THAT(Ask("POST", kSandboxes, ann_, "{}").body, HasSubstr("too many requests"));
  EXPECT_EQ(Ask("POST", kSandboxes, bob_, "{}").status, 201) << "another user is not affected";
}

TEST_F(ApiTest, AFloodOfOneUserIsSlowedAndAnotherUserIsNot) {
  int status = 200;
  for (int i = 0; i < 250 && status == 200; ++i) {
    status = Ask("GET", kSandboxes, ann_).status;
  }
  EXPECT_EQ(status, 429);
  EXPECT_EQ(Ask("GET", kSandboxes, bob_).status, 200);
}

TEST_F(ApiTest, AnAddressGetsOnlySoManyNewGuests) {
  int status = 201;
  for (int i = 0; i < 10 && status == 201; ++i) {
    status = Ask("POST", "/api/v1/session", "").status;
  }
  EXPECT_EQ(status, 429);
  EXPECT_EQ(Ask("POST", "/api/v1/session", ann_).status, 200) << "who is known may come back";
}

TEST_F(ApiTest, AnExecGivesEveryFieldAndTextOrBase64) {
  const auto id = NewSandbox(ann_);
  agent_->run = [](const sandbox::ExecSpec&) {
    sandbox::ExecResult result;
    result.exit_code = 3;
    result.stdout_data = "caf\xC3\xA9\n";
    result.stderr_data = std::string("\xFF\x00", 2);
    result.wall_time = std::chrono::microseconds(1500);
    result.memory_peak = 1_MiB;
    return Result<sandbox::ExecResult>(result);
  };
  const auto response = Ask("POST", At(id, "/exec"), ann_,
                            R"({"argv":["a","b c"],"stdin":"aGk=","stdin_encoding":"base64",
                                "env":{"X":"y"},"cwd":"/tmp","timeout_ms":50})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(Json(response), json::parse(R"({"exit_code":3,"signal":null,"stdout":"café\n",
      "stderr":"/wA=","stdout_encoding":"utf-8","stderr_encoding":"base64",
      "stdout_truncated":false,"stderr_truncated":false,"timed_out":false,"wall_ms":1.5,
      "cpu_ms":0.0,"memory_peak_bytes":1048576})"));
  EXPECT_EQ(agent_->last_exec.argv, (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(agent_->last_exec.stdin_data, "hi");
  EXPECT_EQ(agent_->last_exec.cwd, "/tmp");
  EXPECT_EQ(agent_->last_exec.timeout, std::chrono::milliseconds(50));
}

TEST_F(ApiTest, TruncatedTextStaysTextWhereItsLastCharacterIsCut) {
  const auto id = NewSandbox(ann_);
  agent_->run = [](const sandbox::ExecSpec&) {
    sandbox::ExecResult result;
    result.signal = 9;
    result.stdout_data = "ab\xE4\xB8";
    result.stdout_truncated = true;
    result.timed_out = true;
    return Result<sandbox::ExecResult>(result);
  };
  const auto response = Ask("POST", At(id, "/exec"), ann_, R"({"shell":"yes"})");
  EXPECT_EQ(Text(response, "stdout"), "ab");
  EXPECT_EQ(Text(response, "stdout_encoding"), "utf-8");
  EXPECT_EQ(Json(response).at("signal").as_int64(), 9);
  EXPECT_TRUE(Json(response).at("exit_code").is_null());
}

TEST_F(ApiTest, BadExecsAreRefusedByName) {
  const auto id = NewSandbox(ann_);
  const std::map<std::string, std::string> bodies{
      {R"({})", "argv"},
      {R"({"argv":["a"],"shell":"b"})", "argv"},
      {R"({"argv":[]})", "argv"},
      {R"({"argv":[""]})", "argv"},
      {R"({"argv":["a\u0000"]})", "argv"},
      {R"({"argv":"a"})", "argv"},
      {R"({"shell":"a","timeout_ms":0})", "timeout_ms"},
      {R"({"shell":"a","timeout_ms":-5})", "timeout_ms"},
      {R"({"shell":"a","timeout_ms":1e308})", "timeout_ms"},
      {R"({"shell":"a","output_bytes_max":0})", "output_bytes_max"},
      {R"({"shell":"a","stdin":"?","stdin_encoding":"base64"})", "stdin"},
      {R"({"shell":"a","cwd":"tmp"})", "cwd"}};
  for (const auto& [body, field] : bodies) {
    const auto response = Ask("POST", At(id, "/exec"), ann_, body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(Text(response, "message"), HasSubstr(field)) << body;
  }
}

TEST_F(ApiTest, AFileComesBackAsItWasSentWholeAndInRanges) {
  const auto id = NewSandbox(ann_);
  std::string content;
  for (int i = 0; i < 5000; ++i) {
    content += static_cast<char>(i * 7);
  }
  EXPECT_EQ(Ask("PUT", At(id, "/files?path=/d%C3%A9/a%20b"), ann_, content).status, 204);
  const auto whole = Ask("GET", At(id, "/files?path=/d%C3%A9/a%20b"), ann_);
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, content);
  EXPECT_EQ(whole.Header("Content-Type"), "application/octet-stream");
  EXPECT_THAT(whole.Header("Content-Disposition"), HasSubstr("filename*=UTF-8''a%20b"));
  const auto part =
      Ask("GET", At(id, "/files?path=/d%C3%A9/a%20b"), ann_, "", "Range: bytes=1000-2999\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, content.substr(1000, 2000));
  EXPECT_EQ(part.Header("Content-Range"), "bytes 1000-2999/5000");
  const auto tail =
      Ask("GET", At(id, "/files?path=/d%C3%A9/a%20b"), ann_, "", "Range: bytes=-10\r\n");
  EXPECT_EQ(tail.body, content.substr(4990));
  EXPECT_EQ(
      Ask("GET", At(id, "/files?path=/d%C3%A9/a%20b"), ann_, "", "Range: bytes=5000-\r\n").status,
      416);
}

TEST_F(ApiTest, PathsThatLeadNowhereGoodAreRefused) {
  const auto id = NewSandbox(ann_);
  for (const char* query : {"", "?path=", "?path=a", "?path=/a/../b", "?path=/..",
                            "?path=/%2e%2e/a", "?path=/a&path_base64=L2E", "?path_base64=!"}) {
    EXPECT_EQ(Ask("GET", At(id, std::string("/files") + query), ann_).status, 400) << query;
  }
  agent_->files[std::string("/\xFF")] = "x";
  EXPECT_EQ(Ask("GET", At(id, "/files?path_base64=L_8"), ann_).body, "x");
  const auto listed = Ask("GET", At(id, "/files/list?path=/"), ann_);
  EXPECT_THAT(listed.body, HasSubstr(R"("name_base64":"_w")"));
  EXPECT_EQ(Ask("PUT", At(id, "/files?path=/big"), ann_, std::string(1 << 20, 'x') + "x").status,
            413);
  EXPECT_FALSE(agent_->files.contains("/big"));
  EXPECT_EQ(Ask("PUT", At(id, "/files?path=/a&mode=999"), ann_, "x").status, 400);
}

TEST_F(ApiTest, TerminalsAreOpenedListedClosedAndLimited) {
  const auto id = NewSandbox(ann_);
  const auto opened = Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":24})");
  ASSERT_EQ(opened.status, 201) << opened.body;
  const auto address = "/api/v1/terminals/" + Text(opened, "id");
  EXPECT_EQ(opened.Header("Location"), address);
  EXPECT_EQ(Ask("GET", address, ann_).body, opened.body);
  EXPECT_EQ(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":0,"rows":24})").status, 400);
  EXPECT_EQ(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":65535})").status, 400);
  EXPECT_EQ(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":24})").status, 201);
  EXPECT_EQ(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":24})").status, 429);
  EXPECT_EQ(Ask("DELETE", address, ann_).status, 204);
  EXPECT_EQ(Ask("GET", address, ann_).status, 404);
  EXPECT_EQ(Json(Ask("GET", At(id, "/terminals"), ann_)).at("terminals").as_array().size(), 1U);
}

TEST_F(ApiTest, EventsTellWhatHappensToOnesOwnSandboxes) {
  RawClient client(server_.port());
  client.Send(fmt::format(
      "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\n\r\n",
      port(), ann_));
  EXPECT_THAT(client.ReadUntil("event: ready"), HasSubstr("text/event-stream"));
  (void)NewSandbox(bob_);
  const auto id = NewSandbox(ann_);
  const auto seen = client.ReadUntil(R"("state":"running")");
  EXPECT_THAT(seen, HasSubstr(R"("type":"created")"));
  EXPECT_THAT(seen, HasSubstr(id));
  EXPECT_EQ(Ask("DELETE", At(id, ""), ann_).status, 204);
  EXPECT_THAT(client.ReadUntil(R"("state":"destroyed")"), HasSubstr(R"("type":"destroyed")"));
}

TEST_F(ApiTest, StatusAndImagesShowWhatThereIs) {
  const auto status = Ask("GET", "/api/v1/status", ann_);
  EXPECT_EQ(Text(status, "version"), "1.2.3");
  EXPECT_EQ(Text(status, "engine"), "fake");
  EXPECT_EQ(Json(status).at("sandboxes_max").as_int64(), 2);
  const auto images = Json(Ask("GET", "/api/v1/images", ann_)).at("images").as_array();
  ASSERT_EQ(images.size(), 1U);
  EXPECT_EQ(images[0].at("state").as_string(), "ready");
  EXPECT_TRUE(images[0].at("is_default").as_bool());
}

TEST_F(ApiTest, ASocketOpensByTicketOrBearerAndNeverByCookieAlone) {
  const auto id = NewSandbox(ann_);
  const auto terminal =
      Text(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":24})"), "id");
  const auto socket = fmt::format("/api/v1/terminals/{}/socket", terminal);
  const std::string upgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Protocol: paddock.terminal.v1\r\n";
  const auto cookie = fmt::format("Cookie: paddock_session={}\r\n", ann_);
  EXPECT_EQ(Ask("GET", socket, "", "", upgrade + cookie + Origin()).status, 401);
  EXPECT_EQ(Ask("GET", socket + "?ticket=nonsense", "", "", upgrade + Origin()).status, 401);
  EXPECT_EQ(Ask("GET", socket, ann_, "", upgrade + "Origin: http://evil.example\r\n").status, 403);
  EXPECT_EQ(Ask("GET", socket, bob_, "", upgrade).status, 404);
  const auto path = fmt::format(R"({{"path":"{}"}})", socket);
  const auto ticket = Text(Ask("POST", "/api/v1/tickets", ann_, path), "ticket");
  // The fake cannot attach: 409 says that the ticket was good, and it is used up by that.
  EXPECT_EQ(Ask("GET", socket + "?ticket=" + ticket, "", "", upgrade + Origin()).status, 409);
  EXPECT_EQ(Ask("GET", socket + "?ticket=" + ticket, "", "", upgrade + Origin()).status, 401);
}

}  // namespace
}  // namespace paddock::gateway
