#include "gateway/server.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/testing/live_server.h"
#include "gateway/testing/raw_client.h"

namespace paddock::gateway {
namespace {

using ::testing::HasSubstr;
using testing::LiveServer;
using testing::RawClient;
using testing::RawResponse;

aio::Task<Response> SayHello(Request& request) {
  co_return JsonResponse(200, R"({"hello":")" + std::string(request.Parameter("name")) + "\"}");
}

aio::Task<Response> Echo(Request& request) { co_return JsonResponse(200, request.body); }

Route PublicRoute(Method method, std::string pattern, Handler handler) {
  Route route;
  route.method = method;
  route.pattern = std::move(pattern);
  route.handler = std::move(handler);
  route.access = Access::kPublic;
  return route;
}

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    server_.router.Add(PublicRoute(Method::kGet, "/hello/{name}", SayHello));
    Route echo = PublicRoute(Method::kPost, "/echo", Echo);
    echo.body = BodyKind::kBuffered;
    echo.body_max = Bytes{1000};
    server_.router.Add(std::move(echo));
    server_.Start();
  }
  RawResponse Ask(std::string_view bytes) {
    RawClient client(server_.port());
    client.Send(bytes);
    return client.ReadResponse();
  }
  /// The status, after which the connection must have been closed.
  int AskRefused(std::string_view bytes) {
    RawClient client(server_.port());
    client.TrySend(bytes);
    const int status = client.ReadResponse().status;
    EXPECT_TRUE(client.IsClosed());
    return status;
  }

  LiveServer server_;
};

TEST_F(ServerTest, AGetIsAnswered) {
  const RawResponse response = Ask("GET /hello/ada HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"hello":"ada"})");
  EXPECT_EQ(response.Header("Content-Type"), "application/json");
  EXPECT_EQ(response.Header("X-Content-Type-Options"), "nosniff");
  EXPECT_THAT(response.Header("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
  EXPECT_FALSE(response.Header("X-Request-Id").empty());
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrderOnOneConnection) {
  RawClient client(server_.port());
  client.Send(
      "GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
      "GET /hello/b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().body, R"({"hello":"a"})");
  EXPECT_EQ(client.ReadResponse().body, "{}");
  EXPECT_EQ(client.ReadResponse().body, R"({"hello":"b"})");
}

}  // namespace
}  // namespace paddock::gateway
