// The API over the real HTTP server: guests, sandboxes, limits and what is seen of them.
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/routes/testing/api_fixture.h"

namespace paddock::gateway {
namespace {

using ::testing::HasSubstr;

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

TEST_F(ApiTest, AFailedCreateSaysWhatTheUserCanUnderstand) {
  // As it comes from a node: behind the names of the parts that it has passed.
  driver_.failure = Error{.code = Code::kNotFound, .message = "there is no image 'base'"}
                        .With("create sandbox")
                        .With("node");
  driver_.is_down = true;
  const auto missing = Ask("POST", kSandboxes, ann_, "{}");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(Text(missing, "message"), "there is no image 'base'");
  driver_.failure = Error{.code = Code::kUnavailable, .message = "crun: /secret/path"};
  const auto failed = Ask("POST", kSandboxes, ann_, "{}");
  EXPECT_EQ(failed.status, 503);
  EXPECT_EQ(Text(failed, "message"),
            fmt::format("The machine could not be started. The server's log has the reason under "
                        "request {}.",
                        Text(failed, "request_id")));
  EXPECT_FALSE(failed.Header("Retry-After").empty());
}

TEST_F(ApiTest, QuotaAndRatesAnswer429WithRetryAfter) {
  (void)NewSandbox(ann_);
  (void)NewSandbox(ann_);
  const auto full = Ask("POST", kSandboxes, ann_, "{}");
  EXPECT_EQ(full.status, 429);
  EXPECT_THAT(full.body, HasSubstr("your 2 sandboxes are in use; delete one"));
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

class SmallAddressTest : public ApiTest {
 protected:
  SmallAddressTest() : ApiTest(SmallAddress()) {}
  static ApiConfig SmallAddress() {
    ApiConfig config = Config();
    config.limits.user_requests = {.per_second = 0.01, .burst = 10};
    config.limits.address_requests = {.per_second = 0.01, .burst = 30};
    return config;
  }
};

TEST_F(SmallAddressTest, OneClientInALoopDoesNotShutOutItsClassAndIsToldHowLongToWait) {
  for (int i = 0; i < 100; ++i) {
    (void)Ask("GET", kSandboxes, ann_);
  }
  const auto refused = Ask("GET", kSandboxes, ann_);
  EXPECT_EQ(refused.status, 429);
  EXPECT_GT(std::stoi(refused.Header("Retry-After")), 30) << "a token comes every 100 s";
  EXPECT_EQ(Ask("GET", kSandboxes, bob_).status, 200);
}

TEST_F(SmallAddressTest, PagesAndWhatDoesNotExistCountForTheAddress) {
  int status = 404;
  for (int i = 0; i < 50 && status == 404; ++i) {
    status = Ask("GET", "/nothing.txt", "").status;
  }
  EXPECT_EQ(status, 429);
}

TEST_F(ApiTest, AnAddressGetsOnlySoManyNewGuests) {
  int status = 201;
  for (int i = 0; i < 10 && status == 201; ++i) {
    status = Ask("POST", "/api/v1/session", "").status;
  }
  EXPECT_EQ(status, 429);
  EXPECT_EQ(Ask("POST", "/api/v1/session", ann_).status, 200) << "who is known may come back";
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

}  // namespace
}  // namespace paddock::gateway
