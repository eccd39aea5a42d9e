#include "gateway/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/assets.h"
#include "gateway/testing/live_server.h"
#include "gateway/testing/raw_client.h"

namespace paddock::gateway {
namespace {

using ::testing::HasSubstr;
using testing::LiveServer;
using testing::RawClient;
using testing::RawResponse;

const Asset kScript{.path = "/assets/index-a1b2c3d4.js",
                    .content_type = "text/javascript; charset=utf-8",
                    .etag = "abc",
                    .plain = "plain text",
                    .gzip = "gzipped",
                    .brotli = "br",
                    .immutable = true};

Response Serve(std::vector<HeaderView> headers) {
  Request request;
  request.headers = std::move(headers);
  return ServeAsset(request, kScript);
}

std::string HeaderOf(const Response& response, std::string_view name) {
  for (const auto& [known, value] : response.headers) {
    if (known == name) {
      return value;
    }
  }
  return {};
}

TEST(AssetTest, TheBestEncodingThatTheClientTakesIsServed) {
  const auto encoding = [](std::string_view accepted) {
    return HeaderOf(Serve({{.name = "Accept-Encoding", .value = accepted}}), "Content-Encoding");
  };
  EXPECT_EQ(encoding("gzip, deflate, br, zstd"), "br");
  EXPECT_EQ(encoding("gzip;q=0.5"), "gzip");
  EXPECT_EQ(encoding("br;q=0, GZIP"), "gzip");
  EXPECT_EQ(encoding("br;q=0.0,gzip;q=0"), "");
  EXPECT_EQ(encoding("brotli"), "");
  EXPECT_EQ(std::get<StaticBody>(Serve({}).body).bytes, "plain text");
}

TEST(AssetTest, AKnownTagIsAnsweredWithNotModified) {
  const Response fresh = Serve({});
  EXPECT_EQ(HeaderOf(fresh, "ETag"), "\"abc\"");
  EXPECT_EQ(HeaderOf(fresh, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(Serve({{.name = "If-None-Match", .value = "\"x\", \"abc\""}}).status, 304);
  EXPECT_EQ(Serve({{.name = "If-None-Match", .value = "\"abc-br\""}}).status, 200);
}

class SiteTest : public ::testing::Test {
 protected:
  SiteTest() {
    AddSite(server_.router, server_.metrics, SiteHooks{.ready = [this] { return Ready(); }});
    server_.Start();
  }
  aio::Task<Result<void>> Ready() {
    if (!is_ready_) {
      co_return Fail(Code::kUnavailable, "the node is at /secret/path");
    }
    co_return Result<void>();
  }
  RawResponse Get(std::string_view path, const std::string& header = "") {
    RawClient client(server_.port());
    client.Send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n");
    return client.ReadResponse();
  }
  std::atomic<bool> is_ready_ = true;
  LiveServer server_;
};

TEST_F(SiteTest, HealthReadinessAndMetricsAreServed) {
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").status, 200);
  is_ready_ = false;
  const RawResponse refused = Get("/readyz");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, ::testing::Not(HasSubstr("secret")));
  EXPECT_THAT(Get("/metrics").body, HasSubstr("paddock_http_requests_total{status=\"5xx\"} 1\n"));
}

TEST_F(SiteTest, PagePathsGetThePageUnderAStrictPolicyAndOthersDoNot) {
  for (const char* path : {"/", "/sandboxes/abc", "/settings"}) {
    const RawResponse page = Get(path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_EQ(page.Header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_THAT(page.Header("Content-Security-Policy"), HasSubstr("script-src 'self';"));
    EXPECT_THAT(page.Header("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(page.body, HasSubstr("<title>"));
    // What a browser has already keeps its policy when it asks whether that is still the page.
    const RawResponse same = Get(path, "If-None-Match: " + page.Header("ETag") + "\r\n");
    EXPECT_EQ(same.status, 304) << path;
    EXPECT_EQ(same.Header("Content-Security-Policy"), page.Header("Content-Security-Policy"));
  }
  for (const char* path :
       {"/api/v1/nothing", "/assets/gone-a1b2c3d4.js", "/robots.png", "/openapi/x"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
}

}  // namespace
}  // namespace paddock::gateway
